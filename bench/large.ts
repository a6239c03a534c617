/**
 * A model of the shape of Qwen2.5-0.5B with random weights, bf16 on the disk: how fast it is ready, decodes and trains an
 * adapter, and what memory that takes. `large.ts <folder> <load|decode|lora>` prints JSON; each is a process of its own.
 */
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { RandomStream } from '../src/shared/random.ts'
import { Sampling } from '../src/shared/sampling.ts'
import { adapterTensors, initialAdapter, planAdapter } from '../src/engine/model/adapter.ts'
import { openCheckpoint } from '../src/engine/model/checkpoint.ts'
import { parseModelConfig } from '../src/engine/model/config.ts'
import { expectedTensors } from '../src/engine/model/modelTensors.ts'
import { Rollouts } from '../src/engine/rollout/rollout.ts'
import { AdamW, defaultAdamW } from '../src/engine/train/adamw.ts'
import { microBatches, microBatchOptions, placeCompletions } from '../src/engine/train/batches.ts'
import { DecoderTrainer } from '../src/engine/train/decoderTrainer.ts'
import { lossWeights } from '../src/engine/train/lossWeights.ts'
import { negativeLogLikelihood } from '../src/engine/train/sft.ts'
import { measureAgainstProduct, median } from './windows.ts'

const THREADS = 2

const configJson = {
  architectures: ['Qwen2ForCausalLM'],
  model_type: 'qwen2',
  hidden_size: 896,
  intermediate_size: 4864,
  num_hidden_layers: 24,
  num_attention_heads: 14,
  num_key_value_heads: 2,
  vocab_size: 151936,
  max_position_embeddings: 4096,
  rope_theta: 1e6,
  rms_norm_eps: 1e-6,
  tie_word_embeddings: true,
  torch_dtype: 'bfloat16',
}

/** Writes the folder unless it is there. Weights are random within ±2^-6, norms are 1. */
export function writeLargeModel(folder: string): void {
  const file = join(folder, 'model.safetensors')
  if (existsSync(file)) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'config.json'), JSON.stringify(configJson))
  const tensors = expectedTensors(parseModelConfig(configJson, 'config.json'))
  let offset = 0
  const header = Object.fromEntries(
    tensors.map(({ name, shape }) => {
      const bytes = 2 * shape.reduce((product, size) => product * size, 1)
      return [name, { dtype: 'BF16', shape, data_offsets: [offset, (offset += bytes)] }]
    }),
  )
  const text = Buffer.from(JSON.stringify(header))
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')])
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(padded.length))
  const descriptor = openSync(file, 'w')
  writeSync(descriptor, length)
  writeSync(descriptor, padded)
  const random = new RandomStream(0, ['large'])
  const noise = Uint16Array.from({ length: 2 ** 20 }, () => (random.integer(2) << 15) | ((118 + random.integer(3)) << 7) | random.integer(128))
  for (const { shape } of tensors) {
    const size = shape.reduce((product, count) => product * count, 1)
    const values = new Uint16Array(size)
    if (shape.length === 1 && size === configJson.hidden_size) values.fill(0x3f80)
    else for (let i = 0; i < size; i += noise.length) values.set(noise.subarray(0, Math.min(noise.length, size - i)), i)
    writeSync(descriptor, new Uint8Array(values.buffer))
  }
  closeSync(descriptor)
}

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
  const { config, weights, count } = open(folder)
  const loadMs = performance.now() - start
  const rollouts = new Rollouts(config, { device: 'cpu', threads: THREADS })
  await rollouts.sample(weights, [requestOf(8)], { sampling: Sampling.parse({ maxNewTokens: 1 }), stopTokens: [] })
  const readyMs = performance.now() - start
  return { readMs, loadMs, readyMs, limitMs: 1.5 * readMs + 5000, fp32MB: (count * 4) / 1e6, peakMB: peakMB(), fileMB: statSync(join(folder, 'model.safetensors')).size / 1e6 }
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
  await sample(4)
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
  return { tokensPerSecond: median(rates), bandwidthShare: median(shares), fp32MB: (count * 4) / 1e6, peakMB: peakMB(), ratioToWeights: (peakMB() * 1e6) / (count * 4) }
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
writeLargeModel(folder)
const result = kind === 'load' ? await load(folder) : kind === 'decode' ? await decode(folder) : await lora(folder)
process.stdout.write(`${JSON.stringify(result)}\n`)
