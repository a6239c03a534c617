import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { families } from '../../fixtures/families.ts'
import { describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../../src/engine/model/checkpoint.ts'
import { globalNorm } from '../../../src/engine/train/adamw.ts'
import { microBatches, microBatchOptions, placeCompletions } from '../../../src/engine/train/batches.ts'
import { DecoderTrainer } from '../../../src/engine/train/decoderTrainer.ts'
import { lossWeights } from '../../../src/engine/train/lossWeights.ts'
import { negativeLogLikelihood } from '../../../src/engine/train/sft.ts'
import { RandomStream } from '../../../src/shared/random.ts'
import { tinyTrainer } from './tinyModel.ts'

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url))

function openTrainer(folder: string, recompute = false): DecoderTrainer {
  const checkpoint = openCheckpoint(folder)
  const parameters = checkpoint.tensorNames.map((name) => ({
    name,
    shape: checkpoint.shapeOf(name),
    data: checkpoint.readTensor(name),
  }))
  return new DecoderTrainer(checkpoint.config, parameters, { device: 'cpu', threads: 1, recompute })
}

describe.each(families)('a trainer of %s', (name) => {
  const expected = JSON.parse(readFileSync(`${fixture(name)}/expected.json`, 'utf8'))
  const sequences = expected.sequences.map((ids: number[], i: number) => ({
    promptTokens: Int32Array.from(ids.slice(0, expected.prompt_lens[i])),
    completionTokens: Int32Array.from(ids.slice(expected.prompt_lens[i])),
  }))

  // One sequence a micro-batch makes the gradients add up over two runs.
  it.each([
    [1, 'kept'],
    [2, 'kept'],
    [2, 'computed again'],
  ])('meets the published loss and gradients with %i sequences a micro-batch and inner values %s', async (rows, inner) => {
    const trainer = openTrainer(fixture(name), inner === 'computed again')
    const weights = lossWeights(
      sequences.map((s: { completionTokens: Int32Array }) => new Uint8Array(s.completionTokens.length).fill(1)),
      'batch',
      0,
    )
    trainer.clearGradients()
    let loss = 0
    for (const batch of microBatches(sequences, microBatchOptions(trainer.contextLength, rows))) {
      loss += (
        await trainer.accumulate(negativeLogLikelihood, batch, { weights: placeCompletions(batch, sequences, weights) })
      ).loss
    }
    await trainer.release()
    expect(loss).toBeCloseTo(expected.completion.mean_nll, 5)
    const norms: Record<string, number> = expected.gradients.all_frobenius
    expect([...trainer.gradients.keys()].sort()).toEqual(Object.keys(norms).sort())
    for (const [parameter, norm] of Object.entries(norms)) {
      const relative = Math.abs(globalNorm([trainer.gradients.get(parameter)!]) / norm - 1)
      expect(relative, parameter).toBeLessThan(1e-4)
    }
  })
})

describe('a trainer', () => {
  const sequence = { promptTokens: Int32Array.of(1, 2), completionTokens: Int32Array.of(3, 4, 1) }

  it('scores with the weights of another model where they are given, and keeps its own', async () => {
    const trainer = tinyTrainer(8, new RandomStream(1))
    const other = tinyTrainer(8, new RandomStream(2))
    const options = microBatchOptions(64)
    const [own] = await trainer.logProbabilities([sequence], options)
    const [lent] = await trainer.logProbabilities([sequence], options, other.snapshot())
    const [others] = await other.logProbabilities([sequence], options)
    expect(lent).toEqual(others)
    expect(lent).not.toEqual(own)
    expect((await trainer.logProbabilities([sequence], options))[0]).toEqual(own)
    await trainer.release()
    await other.release()
  })

  it('gives a sequence the same log-probabilities alone and beside longer ones', async () => {
    const trainer = tinyTrainer(8, new RandomStream(1))
    const longer = {
      promptTokens: Int32Array.of(5, 6, 7),
      completionTokens: Int32Array.from({ length: 30 }, (_, i) => i % 8),
    }
    const [alone] = await trainer.logProbabilities([sequence], microBatchOptions(64))
    const [beside] = await trainer.logProbabilities([sequence, longer], microBatchOptions(64))
    alone.forEach((value, i) => expect(beside[i]).toBeCloseTo(value, 5))
    await trainer.release()
  })

  it('goes on working when it has met more shapes than it keeps', async () => {
    const trainer = tinyTrainer(8, new RandomStream(1))
    const score = (timeMultiple: number) =>
      trainer.logProbabilities([sequence], { ...microBatchOptions(64), timeMultiple })
    const [first] = await score(4)
    for (let time = 5; time < 35; time++) await score(time)
    expect((await score(4))[0]).toEqual(first)
    await trainer.release()
  })
})

it('shares the memory of activations between shapes', async () => {
  // Its log-probabilities alone are 16 MB at 1,024 tokens.
  const trainer = tinyTrainer(4096, new RandomStream(1))
  const memoryMB: number[] = []
  for (let rows = 16; rows > 6; rows--) {
    const sequences = Array.from({ length: rows }, () => ({
      promptTokens: Int32Array.of(1),
      completionTokens: new Int32Array(64).fill(2),
    }))
    const options = { tokensPerMicroBatch: 64 * rows, maxRows: rows, timeMultiple: 64, maxTime: 64 }
    const [batch] = microBatches(sequences, options)
    await trainer.accumulate(negativeLogLikelihood, batch, { weights: new Float32Array(64 * rows).fill(1) })
    memoryMB.push(process.memoryUsage().rss / 1e6)
  }
  await trainer.release()
  expect(memoryMB.at(-1)! - memoryMB[0]).toBeLessThan(100)
})
