import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { microBatchOptions, type SftExample } from '../../../src/engine/train/batches.ts'
import { divide, sftSteps, trainSft } from '../../../src/engine/train/sft.ts'
import type { TrainingEvent } from '../../../src/engine/train/trainingRun.ts'
import { SftArm } from '../../../src/shared/arms.ts'
import { RandomStream } from '../../../src/shared/random.ts'
import { tinyTrainer } from './tinyModel.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const WORDS = 12

/** Counting upwards from a number: the prompt is the number, the completion the next ones. */
function countingExamples(count: number): SftExample[] {
  const random = new RandomStream(4)
  return Array.from({ length: count }, () => {
    const start = 1 + random.integer(WORDS - 1)
    const completion = Int32Array.from({ length: 3 + random.integer(4) }, (_, i) => ((start + i) % (WORDS - 1)) + 1)
    return {
      promptTokens: Int32Array.of(start),
      completionTokens: completion,
      lossMask: new Uint8Array(completion.length).fill(1),
    }
  })
}

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

async function run(
  changes: {
    steps?: number
    folder?: string
    stopAfter?: number
    threads?: number
    examples?: SftExample[]
    arm?: object
  } = {},
) {
  const trainer = tinyTrainer(WORDS, new RandomStream(1, ['weights']), changes.threads)
  const events: TrainingEvent[] = []
  const stop = new AbortController()
  const outcome = await trainSft({
    arm: SftArm.parse({
      name: 'sft',
      method: 'sft',
      steps: 6,
      batchSize: 8,
      learningRate: 0.01,
      warmupSteps: 2,
      heldOutFraction: 0.2,
      ...changes.arm,
    }),
    examples: changes.examples ?? countingExamples(40),
    source: 'counting',
    trainer,
    random: new RandomStream(9, ['sft']),
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
  return { outcome, events, weights }
}

describe('trainSft', () => {
  it('learns to count: the loss on pairs that it has not seen falls far', async () => {
    const { outcome } = await run({ arm: { steps: 80 } })
    const first = outcome.metrics[0].heldOutLossAtStart
    expect(first).toBeGreaterThan(2)
    expect(outcome.metrics.at(-1)!.heldOutLoss).toBeLessThan(first / 3)
    expect(outcome.metrics.at(-1)!.loss).toBeLessThan(outcome.metrics[0].loss / 3)
  })

  it('gives after stop and resume the same bits as never having stopped, on two threads', async () => {
    const whole = await run({ threads: 2, folder: join(folder, 'whole') })
    const stopped = await run({ threads: 2, stopAfter: 3 })
    expect(stopped.outcome).toMatchObject({ state: 'stopped', step: 3 })
    const resumed = await run({ threads: 2 })
    expect(resumed.outcome.state).toBe('finished')
    expect(resumed.events.filter(({ type }) => type === 'stepFinished')).toHaveLength(3)
    expect([...resumed.weights]).toEqual([...whole.weights])
    expect(resumed.outcome.metrics).toEqual(whole.outcome.metrics)
  })

  it('has as loss the mean over the unmasked completion tokens of the batch', async () => {
    const examples = countingExamples(8).map((example, i) => ({
      ...example,
      lossMask: example.lossMask.with(i % 3, 0),
    }))
    const trainer = tinyTrainer(WORDS, new RandomStream(1, ['weights']))
    const logProbabilities = await trainer.logProbabilities(examples, microBatchOptions(64))
    await trainer.release()
    const scored = examples.flatMap(({ lossMask }, i) => [...logProbabilities[i]].filter((_, t) => lossMask[t] === 1))
    const { outcome } = await run({ examples, arm: { steps: 1, heldOutFraction: 0 } })
    expect(outcome.metrics[0].lossTokens).toBe(scored.length)
    expect(outcome.metrics[0].loss).toBeCloseTo(-scored.reduce((a, b) => a + b, 0) / scored.length, 5)
  })

  it('has the same loss and gradient norm in micro-batches of one pair as of eight', async () => {
    const one = await run({ arm: { steps: 1, microBatchSize: 1 } })
    const eight = await run({ arm: { steps: 1, microBatchSize: 8 }, folder: join(folder, 'eight') })
    expect(one.outcome.metrics[0].loss).toBeCloseTo(eight.outcome.metrics[0].loss, 5)
    expect(one.outcome.metrics[0].gradientNorm).toBeCloseTo(eight.outcome.metrics[0].gradientNorm, 4)
  })

  it('refuses examples without anything to learn before training', async () => {
    const [example] = countingExamples(1)
    const empty = { ...example, lossMask: new Uint8Array(example.lossMask.length) }
    await expect(run({ examples: [example, empty] })).rejects.toThrow('counting, example 2')
  })
})

describe('sftSteps', () => {
  const arm = SftArm.parse({ name: 'a', method: 'sft', batchSize: 8, epochs: 2 })
  it('counts the short last batch of each epoch', () => expect(sftSteps(arm, 12)).toBe(4))
  it('takes steps instead of epochs where told', () => expect(sftSteps({ ...arm, steps: 7 }, 12)).toBe(7))
})

describe('divide', () => {
  it('keeps back the asked share, loses no example, and leaves one for training', () => {
    const examples = countingExamples(20)
    const { training, heldOut } = divide(examples, 0.25, new RandomStream(1))
    expect(heldOut).toHaveLength(5)
    expect(new Set([...training, ...heldOut])).toEqual(new Set(examples))
    expect(divide(examples.slice(0, 1), 0.5, new RandomStream(1)).training).toHaveLength(1)
  })
})
