/**
 * One measurement of the large model, in a process of its own: `measureLarge.ts <folder> <load|decode|lora>` prints JSON.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { RandomStream } from '../src/shared/random.ts'
import { Sampling } from '../src/shared/sampling.ts'
import { adapterTensors, initialAdapter, planAdapter } from '../src/engine/model/adapter.ts'
import { openCheckpoint } from '../src/engine/model/checkpoint.ts'
import { Rollouts } from '../src/engine/rollout/rollout.ts'
import { AdamW, defaultAdamW } from '../src/engine/train/adamw.ts'
import { microBatches, microBatchOptions, placeCompletions } from '../src/engine/train/batches.ts'
import { DecoderTrainer } from '../src/engine/train/decoderTrainer.ts'
import { lossWeights } from '../src/engine/train/lossWeights.ts'
import { negativeLogLikelihood } from '../src/engine/train/sft.ts'
import { measureAgainstProduct, median } from './windows.ts'

const THREADS = 2

function readFilesOnce(folder: string): number {
  const start = performance.now()
  const buffer = Buffer.alloc(2 ** 24)
  for (const name of readdirSync(folder)) {
    const descriptor = openSync(join(folder, name), 'r')
    while (readSync(descriptor, buffer) > 0);
    closeSync(descriptor)
  }
  return performance.now() - start
}

const peakMB = (): number => Math.round(process.resourceUsage().maxRSS / 1000)

function open(folder: string) {
  const checkpoint = openCheckpoint(folder)
  const weights = new Map(checkpoint.tensorNames.map((name) => [name, checkpoint.readTensor(name)]))
  let count = 0
  for (const { length } of weights.values()) count += length
  return { config: checkpoint.config, weights, count }
}

const requestOf = (length: number) => ({ promptTokens: Int32Array.from({ length }, (_, i) => 100 + i), random: new RandomStream(1, ['prompt']) })

async function load(folder: string) {
  const readMs = Math.min(readFilesOnce(folder), readFilesOnce(folder))
  const start = performance.now()
  const { config, weights } = open(folder)
  const loadMs = performance.now() - start
  const rollouts = new Rollouts(config, { device: 'cpu', threads: THREADS })
  await rollouts.sample(weights, [requestOf(8)], { sampling: Sampling.parse({ maxNewTokens: 1 }), stopTokens: [] })
  const readyMs = performance.now() - start
  return { readMs, readyMs, limitMs: 1.5 * readMs + 5000, loadMs }
}

/** Bytes a second that all threads together read and write when they copy; the work of a product with one row is reading. */
async function copyRate(): Promise<number> {
  const source = `
    const { parentPort } = require('node:worker_threads')
    const from = Buffer.alloc(2 ** 28, 1), to = Buffer.alloc(2 ** 28)
    parentPort.on('message', () => { const start = performance.now(); from.copy(to); parentPort.postMessage(performance.now() - start) })`
  const workers = Array.from({ length: THREADS }, () => new Worker(source, { eval: true }))
  const copy = (worker: Worker) => new Promise<number>((resolve) => (worker.once('message', resolve), worker.postMessage(null)))
  const times: number[] = []
  for (let i = 0; i < 9; i++) times.push(Math.max(...(await Promise.all(workers.map(copy)))))
  await Promise.all(workers.map((worker) => worker.terminate()))
  return (THREADS * 2 * 2 ** 28) / (median(times) / 1000)
}

async function decode(folder: string) {
  const { config, weights, count } = open(folder)
  const rollouts = new Rollouts(config, { device: 'cpu', threads: THREADS })
  const sample = (tokens: number) => rollouts.sample(weights, [requestOf(8)], { sampling: Sampling.parse({ maxNewTokens: tokens }), stopTokens: [] })
  await sample(40)
  const memoryRatio = (peakMB() * 1e6) / (4 * count)
  const shares: number[] = []
  const rates: number[] = []
  for (let window = 0; window < 5; window++) {
    const bandwidth = await copyRate()
    const short = await elapsed(() => sample(2))
    const long = await elapsed(() => sample(18))
    const seconds = (long - short) / 16 / 1000
    rates.push(1 / seconds)
    shares.push((count * 4) / seconds / bandwidth)
  }
  return { tokensPerSecond: median(rates), bandwidthShare: median(shares), memoryRatio }
}

async function lora(folder: string) {
  const { config, weights, count } = open(folder)
  const adapter = planAdapter(config, { rank: 16, alpha: 32, rslora: false, targets: null })
  const start = initialAdapter(adapter, new RandomStream(0))
  const parameters = adapterTensors(adapter).map(({ name, shape }) => ({ name, shape, data: start.get(name)! }))
  const trainer = new DecoderTrainer(config, parameters, { device: 'cpu', threads: THREADS }, { weights, adapter })
  const optimizer = new AdamW(parameters, defaultAdamW)
  const random = new RandomStream(0, ['tokens'])
  const draw = (length: number): Int32Array => Int32Array.from({ length }, () => random.integer(config.vocabularySize))
  const [rows, time] = [4, 256]
  const batch = Array.from({ length: rows }, () => ({ promptTokens: draw(1), completionTokens: draw(time) }))
  const shares = lossWeights(batch.map(() => new Uint8Array(time).fill(1)), 'batch', 0)
  const step = async (): Promise<void> => {
    trainer.clearGradients()
    for (const micro of microBatches(batch, microBatchOptions(config.contextLength))) {
      await trainer.accumulate(negativeLogLikelihood, micro, { weights: placeCompletions(micro, batch, shares) })
    }
    optimizer.step(trainer.gradients, 1e-4)
  }
  const measured = await measureAgainstProduct(step, 4 * count * rows * time, THREADS, 3)
  return { ...measured, tokensPerSecond: (rows * time * 1000) / measured.ms, peakMB: peakMB() }
}

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

const [folder, kind] = process.argv.slice(2)
const result = kind === 'load' ? await load(folder) : kind === 'decode' ? await decode(folder) : await lora(folder)
process.stdout.write(`${JSON.stringify(result)}\n`)
