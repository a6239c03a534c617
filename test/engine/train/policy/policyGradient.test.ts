import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { measure } from '../../../../src/engine/evaluate/measure.ts'
import { observe } from '../../../../src/engine/evaluate/observe.ts'
import { divideEvenly, trainPolicy } from '../../../../src/engine/train/policy/policyGradient.ts'
import type { TrainingEvent } from '../../../../src/engine/train/trainingRun.ts'
import { Algorithm, RlArm } from '../../../../src/shared/arms.ts'
import { RandomStream } from '../../../../src/shared/random.ts'
import type { Trajectory } from '../../../../src/shared/trajectory.ts'
import { tinyTrainer } from '../tinyModel.ts'
import { tinySampler, wordPrompt } from './tinySampler.ts'
import { temporaryFolder } from '../../../temporaryFolder.ts'

const WORDS = 5
const COMPLETION = 3

const observing = {
  judge: 'none',
  threshold: 0.5,
  countCues: () => 0,
  segments: ({ tokens }: Trajectory) => ({ thought: { start: 0, end: 0 }, response: { start: 0, end: tokens.length } }),
}

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

interface Changes {
  arm?: object
  folder?: string
  stopAfter?: number
  threads?: number
  /** Puts another reward in place of the share of repeated words. */
  reward?(trajectory: Trajectory): number | null
}

async function run(changes: Changes = {}) {
  const trainer = tinyTrainer(WORDS, new RandomStream(1, ['weights']), changes.threads)
  const base = trainer.snapshot()
  const events: TrainingEvent[] = []
  const stop = new AbortController()
  const sampler = tinySampler(trainer, WORDS, COMPLETION)
  const outcome = await trainPolicy({
    ...sampler,
    score: async (trajectories) =>
      (await sampler.score(trajectories)).map((t) => (changes.reward ? { ...t, reward: changes.reward(t) } : t)),
    arm: RlArm.parse({
      name: 'rl',
      method: 'rl',
      steps: 6,
      promptsPerStep: { words: 4 },
      samplesPerPrompt: 6,
      learningRate: 0.02,
      warmupSteps: 2,
      kl: { coefficient: 0 },
      sampling: { maxNewTokens: COMPLETION },
      ...changes.arm,
    }),
    sources: { words: Array.from({ length: WORDS }, (_, word) => wordPrompt(word)) },
    measure: (trajectories) => measure(trajectories.map((trajectory) => observe(trajectory, observing))),
    trainer,
    random: new RandomStream(7, ['rl']),
    checkpointFolder: changes.folder ?? folder,
    checkpointEverySteps: 50,
    report: (event) => {
      events.push(event)
      if (event.type === 'stepFinished' && event.step === changes.stopAfter) stop.abort()
    },
    signal: stop.signal,
  })
  const weights = trainer.snapshot()
  await trainer.release()
  await sampler.release()
  const trajectories = events.flatMap((event) => (event.type === 'trajectoriesRecorded' ? event.items : []))
  return { outcome, events, trajectories, base, weights }
}

describe('trainPolicy', () => {
  it.each(Algorithm.options)(
    'makes a two-layer model repeat its prompt, which it hardly did, with %s',
    async (algorithm) => {
      const { outcome } = await run({
        arm: { algorithm, steps: 40, ...(algorithm === 'gspo' ? { clip: { low: 0.2, high: 0.2 } } : {}) },
      })
      const rewards = outcome.metrics.map(({ reward }) => reward)
      expect(rewards[0]).toBeLessThan(0.5)
      expect(rewards.slice(-5).reduce((a, b) => a + b, 0) / 5).toBeGreaterThan(0.75)
    },
  )

  it('gives the same bits after stop and resume, with a reference, several updates and two threads', async () => {
    const arm = { kl: { estimator: 'k3', coefficient: 0.05 }, optimizerStepsPerBatch: 2, epochsPerBatch: 2 }
    const whole = await run({ arm, threads: 2, folder: join(folder, 'whole') })
    const stopped = await run({ arm, threads: 2, stopAfter: 3 })
    expect(stopped.outcome).toMatchObject({ state: 'stopped', step: 3 })
    const resumed = await run({ arm, threads: 2 })
    expect(resumed.outcome.state).toBe('finished')
    expect(resumed.events[0]).toEqual({ type: 'studyResumed', step: 3 })
    expect([...resumed.weights]).toEqual([...whole.weights])
    expect(resumed.outcome.metrics).toEqual(whole.outcome.metrics)
    expect([...stopped.trajectories, ...resumed.trajectories]).toEqual(whole.trajectories)
  })

  it('finds trainer and sampler in agreement before the first update, and then clips nothing', async () => {
    const { outcome } = await run({ arm: { steps: 3 } })
    for (const { samplerDifference, clipShare, ratio, optimizerSteps } of outcome.metrics) {
      expect(samplerDifference).toBeLessThan(1e-5)
      expect(clipShare).toBe(0)
      expect(ratio).toBeCloseTo(1, 5)
      expect(optimizerSteps).toBe(1)
    }
  })

  it('moves the ratio away from one when a batch is gone through several times, and clips', async () => {
    const { outcome } = await run({
      arm: { steps: 2, warmupSteps: 0, learningRate: 0.05, epochsPerBatch: 3, optimizerStepsPerBatch: 2 },
    })
    expect(outcome.metrics[0].optimizerSteps).toBe(6)
    expect(outcome.metrics[0].clipShare).toBeGreaterThan(0)
    expect(Math.abs(outcome.metrics[0].ratio - 1)).toBeGreaterThan(1e-3)
  })

  it('holds the policy near the reference when the KL coefficient is large', async () => {
    const distance = ({ base, weights }: Awaited<ReturnType<typeof run>>) =>
      Math.hypot(...[...base].flatMap(([name, data]) => [...data].map((value, i) => value - weights.get(name)![i])))
    const free = await run({ arm: { steps: 15 } })
    const held = await run({
      arm: { steps: 15, kl: { estimator: 'k3', coefficient: 5 } },
      folder: join(folder, 'held'),
    })
    expect(held.outcome.metrics[0].kl).toBeCloseTo(0, 6)
    expect(held.outcome.metrics[14].kl).toBeGreaterThan(0)
    expect(held.outcome.metrics.at(-1)!.reward).toBeLessThan(free.outcome.metrics.at(-1)!.reward - 0.2)
    expect(distance(held)).toBeLessThan(distance(free))
  })

  it('leaves the weights alone when every group ties, and reports the groups', async () => {
    const { outcome, base, weights, trajectories } = await run({ arm: { steps: 2 }, reward: () => 1 })
    expect([...weights]).toEqual([...base])
    expect(outcome.metrics.map(({ groupsWithoutSpread }) => groupsWithoutSpread)).toEqual([4, 4])
    expect(trajectories.every(({ advantage }) => advantage === 0)).toBe(true)
  })

  it('replaces groups that tie by other prompts, up to the cap, and records both', async () => {
    // Word 0 always ties; the other words have spread.
    const reward = (trajectory: Trajectory) => (trajectory.prompt.text === '0' ? 1 : trajectory.sampleIndex % 2)
    const { outcome, trajectories } = await run({
      arm: { steps: 5, promptsPerStep: { words: 3 }, resampleRounds: 2 },
      reward,
    })
    expect(outcome.metrics.map(({ groupsWithoutSpread }) => groupsWithoutSpread)).toEqual([0, 0, 0, 0, 0])
    const replaced = outcome.metrics.reduce((sum, metrics) => sum + metrics.groupsReplaced, 0)
    expect(replaced).toBe(trajectories.filter(({ prompt }) => prompt.text === '0').length / 6)
    expect(replaced).toBe(3)
    expect(new Set(trajectories.map(({ id }) => id)).size).toBe(trajectories.length)
  })

  it('learns nothing from trajectories whose reward could not be told, and counts them', async () => {
    const { outcome, trajectories } = await run({
      arm: { steps: 1 },
      reward: (t) => (t.sampleIndex < 4 ? t.sampleIndex : null),
    })
    expect(outcome.metrics[0].unscoredRewards).toBe(8)
    expect(trajectories.filter(({ advantage }) => advantage === null)).toHaveLength(8)
  })

  it('reports with each step what was measured, the reward parts and the counts', async () => {
    const { outcome, events, trajectories } = await run({ arm: { steps: 1 } })
    const copied = trajectories.filter(({ correctness }) => correctness === 'correct').length
    expect(outcome.metrics[0]).toMatchObject({
      reasoning: copied / 24,
      groups: 4,
      groupsReplaced: 0,
      completionTokens: 3,
      lengthLimited: 1,
    })
    expect(outcome.metrics[0]['reward.copied']).toBe(outcome.metrics[0].reward)
    expect(outcome.metrics[0]).not.toHaveProperty('safety.whole')
    expect(outcome.metrics[0].entropy).toBeGreaterThan(0.5)
    expect(events.map(({ type }) => type)).toEqual(['trajectoriesRecorded', 'stepFinished', 'checkpointSaved'])
  })
})

describe('divideEvenly', () => {
  it('drops nothing and keeps sizes within one', () => {
    expect(divideEvenly([1, 2, 3, 4, 5], 2)).toEqual([
      [1, 2],
      [3, 4, 5],
    ])
    expect(divideEvenly([1, 2], 5)).toEqual([[1], [2]])
    expect(divideEvenly([], 3)).toEqual([])
  })
})
