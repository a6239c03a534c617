/** One measurement in a process of its own, so that its peak of memory is its own: `measure.ts '{"kind": "train", …}'` prints JSON. */
import { z } from 'zod'
import { RandomStream } from '../src/shared/random.ts'
import { Sampling } from '../src/shared/sampling.ts'
import { Rollouts } from '../src/engine/rollout/rollout.ts'
import { AdamW, defaultAdamW } from '../src/engine/train/adamw.ts'
import { microBatches, microBatchOptions, placeCompletions } from '../src/engine/train/batches.ts'
import { DecoderTrainer } from '../src/engine/train/decoderTrainer.ts'
import { lossWeights } from '../src/engine/train/lossWeights.ts'
import { negativeLogLikelihood } from '../src/engine/train/sft.ts'
import { activeWeights, decodeOperations, decoderConfig, randomParameters, trainingOperations } from './shapes.ts'
import { measureAgainstProduct } from './windows.ts'

const Shape = z.object({ width: z.int(), layers: z.int(), heads: z.int(), feedForward: z.int(), words: z.int() })

const Task = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('train'), shape: Shape, rows: z.int(), time: z.int(), threads: z.int(), windows: z.int() }),
  z.object({ kind: z.literal('rollout'), shape: Shape, rows: z.int(), newTokens: z.int(), topP: z.number(), threads: z.int(), windows: z.int() }),
])
type Task = z.infer<typeof Task>

const peakMB = (): number => Math.round(process.resourceUsage().maxRSS / 1000)

async function train({ shape, rows, time, threads, windows }: Extract<Task, { kind: 'train' }>) {
  const config = decoderConfig(shape)
  const parameters = randomParameters(config)
  const trainer = new DecoderTrainer(config, parameters, { device: 'cpu', threads })
  const optimizer = new AdamW(parameters, defaultAdamW)
  const random = new RandomStream(0, ['tokens'])
  const draw = (length: number): Int32Array => Int32Array.from({ length }, () => random.integer(shape.words))
  // A sequence of time + 1 tokens has time predictions.
  const batch = Array.from({ length: rows }, () => ({ promptTokens: draw(1), completionTokens: draw(time) }))
  const weights = lossWeights(batch.map(() => new Uint8Array(time).fill(1)), 'batch', 0)
  const step = async (): Promise<void> => {
    trainer.clearGradients()
    for (const micro of microBatches(batch, microBatchOptions(config.contextLength))) {
      await trainer.accumulate(negativeLogLikelihood, micro, { weights: placeCompletions(micro, batch, weights) })
    }
    optimizer.step(trainer.gradients, 1e-4)
  }
  const operations = trainingOperations(shape, activeWeights(parameters), rows, time)
  const measured = await measureAgainstProduct(step, operations, threads, windows)
  return { ...measured, tokensPerSecond: Math.round((rows * time * 1000) / measured.ms), peakMB: peakMB() }
}

async function rollout({ shape, rows, newTokens, topP, threads, windows }: Extract<Task, { kind: 'rollout' }>) {
  const config = decoderConfig(shape)
  const parameters = randomParameters(config)
  const weights = new Map(parameters.map(({ name, data }) => [name, data]))
  const rollouts = new Rollouts(config, { device: 'cpu', threads })
  const promptTokens = Int32Array.of(1, 2, 3, 4)
  let totalMs = 0
  let runs = 0
  const settings = { sampling: Sampling.parse({ topP, maxNewTokens: newTokens }), stopTokens: [], slots: rows }
  const work = async (): Promise<void> => {
    const start = performance.now()
    await rollouts.sample(weights, Array.from({ length: rows }, (_, i) => ({ promptTokens, random: new RandomStream(runs, [i]) })), settings)
    totalMs += performance.now() - start
    runs++
  }
  const operations = decodeOperations(shape, activeWeights(parameters), rows, promptTokens.length, promptTokens.length + newTokens)
  const measured = await measureAgainstProduct(work, operations, threads, windows)
  const tokensPerSecond = Math.round((rows * newTokens * 1000) / measured.ms)
  return { ...measured, tokensPerSecond, hostShare: 1 - rollouts.runtimeMs / totalMs, peakMB: peakMB() }
}

const task = Task.parse(JSON.parse(process.argv[2] ?? '{}'))
const result = task.kind === 'train' ? await train(task) : await rollout(task)
process.stdout.write(`${JSON.stringify(result)}\n`)
