import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../../src/engine/model/checkpoint.ts'
import type { Device } from '../../../src/engine/onnx/lower.ts'
import { Rollouts } from '../../../src/engine/rollout/rollout.ts'
import { AdamW, defaultAdamW } from '../../../src/engine/train/adamw.ts'
import { microBatches, microBatchOptions, placeCompletions } from '../../../src/engine/train/batches.ts'
import { DecoderTrainer } from '../../../src/engine/train/decoderTrainer.ts'
import { lossWeights } from '../../../src/engine/train/lossWeights.ts'
import { negativeLogLikelihood } from '../../../src/engine/train/sft.ts'
import { RandomStream } from '../../../src/shared/random.ts'
import { Sampling } from '../../../src/shared/sampling.ts'
import { requires } from '../../requirements.ts'

const checkpoint = openCheckpoint(join(import.meta.dirname, '../../fixtures/qwen3-a'))

const freshParameters = () =>
  checkpoint.tensorNames.map((name) => ({ name, shape: [...checkpoint.shapeOf(name)], data: checkpoint.readTensor(name) }))

const examples = [
  { promptTokens: Int32Array.of(4, 5, 6), completionTokens: Int32Array.of(7, 8, 9, 10, 11), lossMask: new Uint8Array(5).fill(1) },
  { promptTokens: Int32Array.of(50, 51), completionTokens: Int32Array.of(52, 53, 54), lossMask: new Uint8Array(3).fill(1) },
]

/** Loss, gradient norm and weights after two optimizer steps. */
async function trainTwoSteps(device: Device) {
  const parameters = freshParameters()
  const trainer = new DecoderTrainer(checkpoint.config, parameters, { device, threads: 2 })
  const optimizer = new AdamW(parameters, defaultAdamW)
  const weights = lossWeights(examples.map(({ lossMask }) => lossMask), 'batch', 0)
  const figures: number[] = []
  for (let step = 0; step < 2; step++) {
    trainer.clearGradients()
    for (const batch of microBatches(examples, microBatchOptions(checkpoint.config.contextLength))) {
      const { loss } = await trainer.accumulate(negativeLogLikelihood, batch, { weights: placeCompletions(batch, examples, weights) })
      figures.push(loss)
    }
    figures.push(optimizer.step(trainer.gradients, 1e-3).gradientNorm)
  }
  await trainer.release()
  return { figures, parameters }
}

async function rollOut(device: Device): Promise<number[][]> {
  const rollouts = new Rollouts(checkpoint.config, { device, threads: 2 })
  const weights = new Map(freshParameters().map(({ name, data }) => [name, data]))
  const requests = [[4, 5, 6], [50, 51], [9]].map((tokens, i) => ({ promptTokens: Int32Array.from(tokens), random: new RandomStream(1, [i]) }))
  const completions = await rollouts.sample(weights, requests, { sampling: Sampling.parse({ maxNewTokens: 12 }), stopTokens: [2] })
  await rollouts.release()
  return completions.map(({ tokens, logProbabilities }) => [...tokens, ...logProbabilities])
}

describe.skipIf(!requires('webgpu'))('on WebGPU', () => {
  it('a training step is that of the CPU within 1e-3', async () => {
    const [cpu, gpu] = [await trainTwoSteps('cpu'), await trainTwoSteps('webgpu')]
    cpu.figures.forEach((figure, i) => expect(Math.abs(gpu.figures[i] - figure)).toBeLessThan(1e-3 * Math.abs(figure)))
    cpu.parameters.forEach(({ name, data }, i) => {
      const distance = Math.hypot(...data.map((w, j) => w - gpu.parameters[i].data[j]))
      expect(distance, name).toBeLessThan(1e-3 * Math.hypot(...data))
    })
  })

  it('a rollout is that of the CPU, tokens alike and log-probabilities within 1e-3', async () => {
    const [cpu, gpu] = [await rollOut('cpu'), await rollOut('webgpu')]
    cpu.forEach((numbers, i) => numbers.forEach((x, j) => expect(Math.abs(gpu[i][j] - x)).toBeLessThan(1e-3 * Math.max(1, Math.abs(x)))))
  })
})
