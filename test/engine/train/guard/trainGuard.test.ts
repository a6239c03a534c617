/** A classifier's head over a tiny decoder: its gradient, what it learns, when it ends and how it goes on. */
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectedTensors } from '../../../../src/engine/model/modelTensors.ts'
import { initialAdapter, adapterTensors, planAdapter } from '../../../../src/engine/model/adapter.ts'
import type { DecoderConfig } from '../../../../src/engine/model/decoderConfig.ts'
import { DecoderTrainer } from '../../../../src/engine/train/decoderTrainer.ts'
import { balancedWeights, labelBatches, type LabelledText } from '../../../../src/engine/train/guard/labelledTexts.ts'
import { trainGuard, type GuardRun } from '../../../../src/engine/train/guard/trainGuard.ts'
import { negativeLogLikelihood } from '../../../../src/engine/train/sft.ts'
import { gatheredName, gradientGraph, gradientName } from '../../../../src/engine/train/trainingGraphs.ts'
import type { TrainingEvent } from '../../../../src/engine/train/trainingRun.ts'
import { RandomStream } from '../../../../src/shared/random.ts'
import { interpret } from '../../autodiff/interpret.ts'
import { tinyConfig } from '../tinyModel.ts'
import { temporaryFolder } from '../../../temporaryFolder.ts'

const WORDS = 12

function scoring(scoresTokens: boolean): DecoderConfig {
  return { ...tinyConfig(WORDS), scores: ['safe', 'unsafe'], ...(scoresTokens ? { scoresTokens } : {}) }
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)

function randomWeights(config: DecoderConfig, random: RandomStream): Map<string, Float32Array> {
  return new Map(
    expectedTensors(config).map(({ name, shape }) => {
      const spread = name.startsWith('score') ? 0 : 0.3
      return [name, Float32Array.from({ length: size(shape) }, () => (shape.length === 1 && spread > 0 ? 1 : spread * random.normal()))]
    }),
  )
}

/** Texts of words 1 to 11; unsafe are those with the word 7. */
function texts(count: number, seed: number, scoresTokens: boolean): LabelledText[] {
  const random = new RandomStream(seed, ['texts'])
  const made = Array.from({ length: count }, () => {
    const tokens = Int32Array.from({ length: 6 + random.integer(8) }, () => 1 + random.integer(WORDS - 1))
    const label = tokens.includes(7) ? 1 : 0
    return { tokens, label, first: scoresTokens ? 2 : tokens.length - 1 }
  })
  const weights = balancedWeights(made.map(({ label }) => label))
  return made.map((text, i) => ({ ...text, weight: weights[i] }))
}

describe('the loss of a classifier', () => {
  it.each([false, true])('has the gradient that finite differences give (every token: %s)', (scoresTokens) => {
    const config = scoring(scoresTokens)
    const random = new RandomStream(3)
    const adapter = planAdapter(config, { rank: 2, alpha: 4, rslora: false, targets: ['q_proj'] })
    const lora = new Map([...initialAdapter(adapter, random)].map(([name, data]) => [name, data.map(() => 0.3 * random.normal())]))
    const head = expectedTensors(config).filter(({ name }) => name.startsWith('score'))
    const weights = new Map([...randomWeights(config, random), ...lora, ...head.map(({ name, shape }) => [name, Float32Array.from({ length: size(shape) }, () => random.normal())] as const)])
    const trained = [...head, ...adapterTensors(adapter)]
    const options = { tokensPerMicroBatch: 64, maxRows: 2, timeMultiple: 8, maxTime: 64 }
    const [{ batch, weights: counted }] = labelBatches(texts(2, 5, scoresTokens), options, 2)
    const outputs = gradientGraph({ config, adapter, recompute: false, ...batch }, negativeLogLikelihood, trained.map(({ name }) => name))
    const feeds: Record<string, number[]> = {
      ...Object.fromEntries([...weights].map(([name, data]) => [name, [...data]])),
      ...Object.fromEntries(trained.map(({ name, shape }) => [gatheredName(name), new Array<number>(size(shape)).fill(0)])),
      tokens: [...batch.tokens],
      targets: [...batch.targets],
      positions: [...batch.tokens].map((_, i) => Math.floor(i / batch.rows)),
      weights: [...counted],
    }
    const lossWith = (name: string, i: number, shift: number) =>
      interpret([outputs.loss], { ...feeds, [name]: feeds[name].with(i, feeds[name][i] + shift) })[0].data[0]
    const gradients = interpret(trained.map(({ name }) => outputs[gradientName(name)]), feeds)
    trained.forEach(({ name, shape }, which) => {
      for (let draw = 0; draw < 2; draw++) {
        const i = random.integer(size(shape))
        const slope = (lossWith(name, i, 1e-5) - lossWith(name, i, -1e-5)) / 2e-5
        expect(Math.abs(gradients[which].data[i] - slope), `${name}[${i}]`).toBeLessThan(1e-6 * Math.max(1, Math.abs(slope)))
      }
    })
  })

  it('counts both classes the same and each text once, however long', () => {
    const labelled = texts(40, 1, true)
    const batches = labelBatches(labelled, { tokensPerMicroBatch: 64, maxRows: 3, timeMultiple: 8, maxTime: 64 }, labelled.length)
    const ofLabel = [0, 0]
    for (const { batch, weights } of batches) weights.forEach((weight, i) => (ofLabel[batch.targets[i]] += weight))
    expect(ofLabel[0]).toBeCloseTo(0.5, 5)
    expect(ofLabel[1]).toBeCloseTo(0.5, 5)
  })
})

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

function trainerOf(config: DecoderConfig): DecoderTrainer {
  const weights = randomWeights(config, new RandomStream(1, ['weights']))
  const parameters = expectedTensors(config).map(({ name, shape }) => ({ name, shape, data: weights.get(name)! }))
  return new DecoderTrainer(config, parameters, { device: 'cpu', threads: 1 })
}

async function train(changes: Partial<GuardRun> & { scoresTokens?: boolean; stopAfter?: number; into?: string } = {}) {
  const { scoresTokens = false, stopAfter, into = folder, ...settings } = changes
  const trainer = trainerOf(scoring(scoresTokens))
  const events: TrainingEvent[] = []
  const stop = new AbortController()
  const outcome = await trainGuard({
    epochs: 6,
    batchSize: 20,
    peakLearningRate: 0.01,
    training: texts(200, 1, scoresTokens),
    stopping: texts(60, 2, scoresTokens),
    trainer,
    random: new RandomStream(1),
    checkpointFolder: into,
    checkpointEverySteps: 4,
    report(event) {
      events.push(event)
      if (event.type === 'stepFinished' && event.step === stopAfter) stop.abort()
    },
    signal: stop.signal,
    ...settings,
  })
  const weights = trainer.snapshot()
  /** Share of fresh texts whose last token gets the right label. */
  const rightOn = async (fresh: readonly LabelledText[]): Promise<number> => {
    let right = 0
    for (const text of fresh) {
      const [{ batch, weights }] = labelBatches([{ ...text, first: text.tokens.length - 1, weight: 1 }], trainer.microBatchOptions(), 1)
      const { loss } = await trainer.evaluate(negativeLogLikelihood, batch, { weights })
      if (loss < Math.log(2)) right++
    }
    return right / fresh.length
  }
  const right = stopAfter === undefined ? await rightOn(texts(60, 3, scoresTokens)) : null
  await trainer.release()
  return { outcome, events, weights, right }
}

const readings = (events: readonly TrainingEvent[]) =>
  events.flatMap((event) =>
    event.type === 'stepFinished' && event.metrics.heldOutLoss !== undefined ? [{ step: event.step, loss: event.metrics.heldOutLoss }] : [],
  )

describe('training a guard', () => {
  it.each([false, true])('learns a word, and finds it in texts that it never saw (every token: %s)', async (scoresTokens) => {
    const { right, outcome } = await train({ scoresTokens, epochs: 20 })
    expect(outcome.state).toBe('finished')
    expect(right).toBeGreaterThan(0.9)
  })

  it('keeps the weights of the best reading, and ends where four more were no better', async () => {
    // Labels by chance: what is learned by heart does not hold elsewhere.
    const random = new RandomStream(8)
    const byChance = texts(60, 1, false).map((text) => ({ ...text, label: random.integer(2), weight: 1 }))
    const { outcome, events } = await train({ training: byChance, epochs: 40 })
    const read = readings(events)
    const best = read.reduce((a, b) => (b.loss < a.loss ? b : a))
    expect(outcome).toMatchObject({ stoppedEarly: true, bestStep: best.step })
    expect(read.length - 1 - read.indexOf(best)).toBe(4)
    expect(outcome.step).toBe(read.at(-1)!.step)
  })

  it('goes on after an interruption to the same weights, the best reading before it included', async () => {
    const whole = await train({ into: join(folder, 'whole') })
    const first = await train({ into: join(folder, 'parts'), stopAfter: 30 })
    expect(first.outcome).toMatchObject({ state: 'stopped', step: 30 })
    const second = await train({ into: join(folder, 'parts') })
    expect(second.events[0]).toEqual({ type: 'studyResumed', step: 30 })
    expect(second.outcome).toEqual(whole.outcome)
    expect(second.weights).toEqual(whole.weights)
  })

  it('trains all epochs where no texts say when to end', async () => {
    const { outcome } = await train({ stopping: [], epochs: 2 })
    expect(outcome).toEqual({ state: 'finished', step: 20, bestStep: 20, stoppedEarly: false })
  })
})
