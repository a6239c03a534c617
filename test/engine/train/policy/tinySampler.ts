/**
 * The engine's own sampler for tiny models. The task is to repeat the prompt's one word; the reward is the share of
 * completion tokens that do.
 */
import { Rollouts } from '../../../../src/engine/rollout/rollout.ts'
import type { DecoderTrainer } from '../../../../src/engine/train/decoderTrainer.ts'
import type { Sampler } from '../../../../src/engine/train/policy/sampleGroups.ts'
import { Sampling } from '../../../../src/shared/sampling.ts'
import type { PromptItem, Trajectory } from '../../../../src/shared/trajectory.ts'
import { tinyConfig } from '../tinyModel.ts'

export function wordPrompt(word: number): PromptItem {
  return {
    id: `word-${word}`,
    set: 'words',
    role: 'reasoning',
    category: 'copy',
    text: String(word),
    answer: String(word),
  }
}

export function tinySampler(
  trainer: DecoderTrainer,
  words: number,
  completionLength: number,
): Sampler & { release(): Promise<void> } {
  const rollouts = new Rollouts(tinyConfig(words), { device: 'cpu', threads: 1 })
  const settings = { sampling: Sampling.parse({ maxNewTokens: completionLength }), stopTokens: [] }
  return {
    release: () => rollouts.release(),
    async sample(requests, random) {
      const completions = await rollouts.sample(
        trainer.weights,
        requests.map(({ prompt }, i) => ({ promptTokens: Int32Array.of(Number(prompt.text)), random: random.fork(i) })),
        settings,
      )
      return requests.map(({ step, prompt, sampleIndex }, i): Trajectory => ({
        id: `train/${step}/${prompt.id}/${sampleIndex}`,
        phase: 'train',
        step,
        prompt,
        sampleIndex,
        thinking: false,
        promptTokens: Int32Array.of(Number(prompt.text)),
        tokens: completions[i].tokens.slice(),
        logProbabilities: completions[i].logProbabilities.slice(),
        entropies: completions[i].entropies.slice(),
        finish: completions[i].finish,
        text: completions[i].tokens.join(' '),
        split: { state: 'no-thought', thought: '', response: completions[i].tokens.join(' ') },
        verdicts: [],
        compliance: null,
        correctness: null,
        rewardParts: {},
        reward: null,
        advantage: null,
      }))
    },
    score: async (trajectories) =>
      trajectories.map((trajectory) => {
        const repeats = trajectory.tokens.filter((token) => token === trajectory.promptTokens[0]).length
        const copied = repeats / trajectory.tokens.length
        return {
          ...trajectory,
          correctness: copied === 1 ? 'correct' : 'wrong',
          rewardParts: { copied },
          reward: copied,
        }
      }),
  }
}
