/** Decoders of two layers with random weights, small enough to train within a test. */
import type { DecoderConfig } from '../../../src/engine/model/decoderConfig.ts'
import { expectedTensors } from '../../../src/engine/model/modelTensors.ts'
import { DecoderTrainer } from '../../../src/engine/train/decoderTrainer.ts'
import type { RandomStream } from '../../../src/shared/random.ts'

export function tinyConfig(vocabularySize: number): DecoderConfig {
  return {
    family: 'llama',
    vocabularySize,
    hiddenSize: 16,
    layerCount: 2,
    layers: ['attention', 'attention'],
    headCount: 2,
    keyValueHeadCount: 1,
    headSize: 8,
    feedForward: { kind: 'gated', size: 32, bias: false },
    mamba: null,
    normEpsilon: 1e-5,
    rope: { theta: 10000, scaling: { type: 'none' } },
    multipliers: { embedding: 1, attention: 1 / Math.sqrt(8), residual: 1, head: 1 },
    tiedEmbeddings: true,
    contextLength: 64,
    queryKeyNorm: false,
    attentionBias: { queryKeyValue: false, output: false },
    bosToken: null,
    eosTokens: [0],
    padToken: 0,
    dtype: 'float32',
  }
}

export function tinyTrainer(vocabularySize: number, random: RandomStream, threads = 1): DecoderTrainer {
  const config = tinyConfig(vocabularySize)
  const parameters = expectedTensors(config).map(({ name, shape }) => {
    const size = shape.reduce((a, b) => a * b, 1)
    const data = Float32Array.from({ length: size }, () => (shape.length === 1 ? 1 : 0.3 * random.normal()))
    return { name, shape, data }
  })
  return new DecoderTrainer(config, parameters, { device: 'cpu', threads })
}
