/** One training step of a random model; run as a program it prints the peak of memory in bytes. */
import { adapterTensors, initialAdapter, planAdapter } from '../../../src/engine/model/adapter.ts'
import { parseModelConfig } from '../../../src/engine/model/config.ts'
import type { DecoderConfig } from '../../../src/engine/model/decoderConfig.ts'
import { expectedTensors } from '../../../src/engine/model/modelTensors.ts'
import { AdamW, defaultAdamW } from '../../../src/engine/train/adamw.ts'
import { DecoderTrainer } from '../../../src/engine/train/decoderTrainer.ts'
import { negativeLogLikelihood } from '../../../src/engine/train/sft.ts'
import { RandomStream } from '../../../src/shared/random.ts'

export interface MeasuredShape {
  width: number
  layers: number
  words: number
  rows: number
  time: number
  recompute: boolean
  /** Of an adapter; null trains the whole model. */
  rank: number | null
}

export function measuredConfig({ width, layers, words }: MeasuredShape): DecoderConfig {
  const json = {
    architectures: ['LlamaForCausalLM'],
    hidden_size: width,
    intermediate_size: 2.5 * width,
    num_hidden_layers: layers,
    num_attention_heads: width / 32,
    vocab_size: words,
    max_position_embeddings: 2048,
  }
  return parseModelConfig(json, 'measured')
}

async function step(shape: MeasuredShape): Promise<void> {
  const config = measuredConfig(shape)
  const random = new RandomStream(0)
  const fill = (size: number[]) => Float32Array.from({ length: size.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 2654435761) % 1000) / 2e4)
  const weights = new Map(expectedTensors(config).map(({ name, shape: size }) => [name, fill(size)]))
  const options = { device: 'cpu', threads: 2, recompute: shape.recompute } as const
  const adapter = shape.rank === null ? null : planAdapter(config, { rank: shape.rank, alpha: 8, rslora: false, targets: null })
  const start = adapter === null ? null : initialAdapter(adapter, random)
  const tensors = adapter === null ? expectedTensors(config) : adapterTensors(adapter)
  // As in a study, a whole model is trained as a copy.
  const parameters = tensors.map(({ name, shape: size }) => ({ name, shape: size, data: start?.get(name) ?? weights.get(name)!.slice() }))
  const trainer = new DecoderTrainer(config, parameters, options, adapter === null ? null : { weights, adapter })
  const optimizer = new AdamW(parameters, defaultAdamW)
  const n = shape.rows * shape.time
  const tokens = Int32Array.from({ length: n }, () => random.integer(shape.words))
  const batch = { rows: shape.rows, time: shape.time, members: Array.from({ length: shape.rows }, (_, i) => i), tokens, targets: tokens }
  trainer.clearGradients()
  await trainer.accumulate(negativeLogLikelihood, batch, { weights: new Float32Array(n).fill(1 / n) })
  optimizer.step(trainer.gradients, 1e-4)
  if (weights.size === 0) throw new Error('the base went away')
}

if (import.meta.main) {
  await step(JSON.parse(process.argv[2]))
  process.stdout.write(String(process.resourceUsage().maxRSS * 1024))
}
