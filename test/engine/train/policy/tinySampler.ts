/**
 * A sampler for tiny models that needs no cache: it scores every word after every prefix. The task is to repeat the
 * prompt's one word; the reward is the share of completion tokens that do.
 */
import type { Sampler } from '../../../../src/engine/train/policy/sampleGroups.ts'
import { microBatchOptions } from '../../../../src/engine/train/batches.ts'
import type { DecoderTrainer } from '../../../../src/engine/train/decoderTrainer.ts'
import type { PromptItem, Trajectory } from '../../../../src/shared/trajectory.ts'

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

export function tinySampler(trainer: DecoderTrainer, words: number, completionLength: number): Sampler {
  const options = microBatchOptions(trainer.contextLength)
  return {
    async sample(requests, random) {
      const prefixes = requests.map(({ prompt }) => [Number(prompt.text)])
      const logProbabilities = requests.map((): number[] => [])
      const entropies = requests.map((): number[] => [])
      for (let t = 0; t < completionLength; t++) {
        const candidates = prefixes.flatMap((prefix) =>
          Array.from({ length: words }, (_, word) => ({
            promptTokens: Int32Array.from(prefix),
            completionTokens: Int32Array.of(word),
          })),
        )
        const scored = await trainer.logProbabilities(candidates, options)
        prefixes.forEach((prefix, i) => {
          const row = scored.slice(i * words, (i + 1) * words).map(([value]) => value)
          const target = random.uniform()
          let word = 0
          for (let sum = Math.exp(row[0]); sum < target && word < words - 1; sum += Math.exp(row[word])) word++
          prefix.push(word)
          logProbabilities[i].push(row[word])
          entropies[i].push(-row.reduce((sum, value) => sum + value * Math.exp(value), 0))
        })
      }
      return requests.map(({ step, prompt, sampleIndex }, i): Trajectory => ({
        id: `train/${step}/${prompt.id}/${sampleIndex}`,
        phase: 'train',
        step,
        prompt,
        sampleIndex,
        thinking: false,
        promptTokens: Int32Array.from(prefixes[i].slice(0, 1)),
        tokens: Int32Array.from(prefixes[i].slice(1)),
        logProbabilities: Float32Array.from(logProbabilities[i]),
        entropies: Float32Array.from(entropies[i]),
        text: prefixes[i].slice(1).join(' '),
        split: { state: 'no-thought', thought: '', response: prefixes[i].slice(1).join(' ') },
        verdicts: [],
        compliance: null,
        correctness: null,
        rewardParts: {},
        reward: null,
        advantage: null,
        finish: 'length',
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
