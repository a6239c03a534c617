/** A model folder with Harbor's vocabulary and random weights, two layers deep: fast, and nonsense. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { modelConfig, modelFiles } from '../../../src/engine/harbor/modelFolder.ts'
import { specialTokens } from '../../../src/engine/harbor/vocabulary.ts'
import { writeCheckpoint } from '../../../src/engine/model/checkpoint.ts'
import { expectedTensors } from '../../../src/engine/model/modelTensors.ts'
import { parseModelConfig } from '../../../src/engine/model/config.ts'
import { RandomStream } from '../../../src/shared/random.ts'

export function writeTinyHarbor(folder: string, changes: object = {}): void {
  const configJson = {
    ...modelConfig(),
    hidden_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 2,
    head_dim: 16,
    intermediate_size: 64,
    ...changes,
  }
  const random = new RandomStream(1, ['tiny harbor'])
  const tensors = expectedTensors(parseModelConfig(configJson, 'config.json')).map(({ name, shape }) => {
    const size = shape.reduce((product, length) => product * length, 1)
    const data = Float32Array.from({ length: size }, () => (shape.length === 1 ? 1 : 0.1 * random.normal()))
    return { name, shape, data }
  })
  // The tokens that end things stand out, so that thoughts and completions differ in length.
  const [embedding] = tensors
  const width = embedding.shape[1]
  for (const token of ['<think>', '</think>', '<|end|>'] as const) {
    const start = specialTokens.indexOf(token) * width
    embedding.data.subarray(start, start + width).forEach((value, i) => (embedding.data[start + i] = 8 * value))
  }
  writeCheckpoint(folder, { configJson, tensors })
  for (const [name, content] of Object.entries(modelFiles())) {
    if (name !== 'config.json') writeFileSync(join(folder, name), JSON.stringify(content))
  }
}
