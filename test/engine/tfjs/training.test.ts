/** Whole models on TensorFlow.js: the published numbers, and training and sampling as onnxruntime does them. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openCheckpoint } from '../../../src/engine/model/checkpoint.ts'
import { Rollouts } from '../../../src/engine/rollout/rollout.ts'
import { AdamW, defaultAdamW } from '../../../src/engine/train/adamw.ts'
import { microBatches, microBatchOptions, placeCompletions } from '../../../src/engine/train/batches.ts'
import { DecoderTrainer } from '../../../src/engine/train/decoderTrainer.ts'
import { lossWeights } from '../../../src/engine/train/lossWeights.ts'
import { negativeLogLikelihood } from '../../../src/engine/train/sft.ts'
import { openTensorFlow } from '../../../src/engine/tfjs/tensorflow.ts'
import { verifyFolder } from '../../../src/engine/verify/verifyFolder.ts'
import { RandomStream } from '../../../src/shared/random.ts'
import { Sampling } from '../../../src/shared/sampling.ts'
import type { Executor } from '../../../src/shared/study.ts'
import { families } from '../../fixtures/families.ts'

const fixture = (name: string): string => join(import.meta.dirname, '../../fixtures', name)

const freshParameters = (name: string) => {
  const checkpoint = openCheckpoint(fixture(name))
  return checkpoint.tensorNames.map((tensor) => ({
    name: tensor,
    shape: [...checkpoint.shapeOf(tensor)],
    data: checkpoint.readTensor(tensor),
  }))
}

const examples = [
  { promptTokens: Int32Array.of(4, 5, 6), completionTokens: Int32Array.of(7, 8, 9, 10, 11), lossMask: new Uint8Array(5).fill(1) },
  { promptTokens: Int32Array.of(50, 51), completionTokens: Int32Array.of(52, 53, 54), lossMask: new Uint8Array(3).fill(1) },
]

/** Loss and gradients of the first step, and the weights after two; a sequence a micro-batch, so that gradients are gathered. */
async function train(name: string, executor: Executor) {
  const parameters = freshParameters(name)
  const { config } = openCheckpoint(fixture(name))
  const options = { executor, device: 'cpu', threads: 1 } as const
  const trainer = new DecoderTrainer(config, parameters, options)
  const optimizer = new AdamW(parameters, defaultAdamW)
  const weights = lossWeights(examples.map(({ lossMask }) => lossMask), 'batch', 0)
  const losses: number[] = []
  let gradients: ReadonlyMap<string, Float32Array> = new Map()
  for (let step = 0; step < 2; step++) {
    trainer.clearGradients()
    for (const batch of microBatches(examples, microBatchOptions(config.contextLength, 1))) {
      const { loss } = await trainer.accumulate(negativeLogLikelihood, batch, { weights: placeCompletions(batch, examples, weights) })
      losses.push(loss)
    }
    if (step === 0) gradients = new Map([...trainer.gradients].map(([parameter, gradient]) => [parameter, gradient.slice()]))
    optimizer.step(trainer.gradients, 1e-3)
  }
  await trainer.release()
  return { losses, gradients, parameters }
}

const norm = (values: Float32Array): number => Math.hypot(...values)
const distance = (a: Float32Array, b: Float32Array): number => Math.hypot(...a.map((x, i) => x - b[i]))

it.each([...families, 'qwen2-lora'])('%s meets every published number within the tolerances', async (name) => {
  const rows = await verifyFolder(fixture(name), { executor: 'tfjs', device: 'cpu', threads: 1 })
  expect(rows.filter(({ passed }) => !passed)).toEqual([])
  expect(rows.map(({ quantity }) => quantity)).toContain('gradient norms, all parameters')
})

it.each(families)('%s has the loss, gradients and weights after two steps that onnxruntime has, within 1e-4', async (name) => {
  const [expected, actual] = [await train(name, 'onnx'), await train(name, 'tfjs')]
  expected.losses.forEach((loss, i) => expect(Math.abs(actual.losses[i] - loss)).toBeLessThan(1e-4 * loss))
  for (const [parameter, gradient] of expected.gradients) {
    expect(distance(actual.gradients.get(parameter)!, gradient), parameter).toBeLessThan(1e-4 * norm(gradient))
  }
  expected.parameters.forEach(({ name: parameter, data }, i) => {
    expect(distance(actual.parameters[i].data, data), parameter).toBeLessThan(1e-4 * norm(data))
  })
  const { tf } = await openTensorFlow()
  expect(tf.memory().numTensors).toBe(0)
})

it.each(['qwen3-a', 'granitemoehybrid-a'])('%s samples the tokens that onnxruntime samples', async (family) => {
  const { config } = openCheckpoint(fixture(family))
  const weights = new Map(freshParameters(family).map(({ name, data }) => [name, data]))
  const sample = async (executor: Executor) => {
    const options = { executor, device: 'cpu', threads: 1 } as const
    const rollouts = new Rollouts(config, options)
    const requests = [[4, 5, 6], [50, 51], [9]].map((tokens, i) => ({ promptTokens: Int32Array.from(tokens), random: new RandomStream(1, [i]) }))
    const completions = await rollouts.sample(weights, requests, { sampling: Sampling.parse({ maxNewTokens: 12 }), stopTokens: [2] })
    await rollouts.release()
    return completions
  }
  const [expected, actual] = [await sample('onnx'), await sample('tfjs')]
  expect(actual.map(({ tokens }) => tokens)).toEqual(expected.map(({ tokens }) => tokens))
  expected.forEach(({ logProbabilities }, i) =>
    logProbabilities.forEach((x, j) => expect(actual[i].logProbabilities[j]).toBeCloseTo(x, 4)),
  )
})
