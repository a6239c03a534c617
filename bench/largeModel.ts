/** Writes a model folder of the shape of Qwen2.5-0.5B with random weights, bf16 on the disk. */
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { RandomStream } from '../src/shared/random.ts'
import { parseModelConfig } from '../src/engine/model/config.ts'
import { expectedTensors } from '../src/engine/model/modelTensors.ts'

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
