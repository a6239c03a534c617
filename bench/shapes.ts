/** The models that are measured: Llama-like decoders with random weights. */
import { expectedTensors } from '../src/engine/model/modelTensors.ts'
import { parseModelConfig, type DecoderConfig } from '../src/engine/model/config.ts'
import type { Parameter } from '../src/engine/train/adamw.ts'
import { RandomStream } from '../src/shared/random.ts'

export interface ModelShape {
  width: number
  layers: number
  heads: number
  feedForward: number
  words: number
}

/** 3.4 million parameters. */
export const reference: ModelShape = { width: 192, layers: 6, heads: 6, feedForward: 512, words: 2048 }

export function decoderConfig(shape: ModelShape, contextLength = 2048): DecoderConfig {
  const config = {
    architectures: ['LlamaForCausalLM'],
    hidden_size: shape.width,
    intermediate_size: shape.feedForward,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    vocab_size: shape.words,
    max_position_embeddings: contextLength,
    rms_norm_eps: 1e-5,
    tie_word_embeddings: false,
  }
  return parseModelConfig(config, 'bench')
}

export function randomParameters(config: DecoderConfig): Parameter[] {
  const random = new RandomStream(0, ['bench'])
  return expectedTensors(config).map(({ name, shape }) => {
    const stream = random.fork(name)
    const draw = shape.length === 1 ? () => 1 : () => stream.normal() / Math.sqrt(shape[1])
    return { name, shape, data: Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, draw) }
  })
}

/** Weights that take part in products with every token: all but the input embedding. */
export function activeWeights(parameters: readonly Parameter[]): number {
  return parameters.filter(({ name }) => name !== 'model.embed_tokens.weight').reduce((sum, { data }) => sum + data.length, 0)
}

/**
 * Floating-point operations of one training step: 6 N a token, and 12 layers * width * time a token for attention, counted
 * whole as is usual (Chowdhery et al., PaLM, 2022, appendix B), though causality needs only half of it.
 */
export function trainingOperations(shape: ModelShape, weights: number, rows: number, time: number): number {
  return rows * time * (6 * weights + 12 * shape.layers * shape.width * time)
}

/** Of decoding tokens `from` to `to` of each row: 2 N a token, and 4 layers * width for each place that a token attends to. */
export function decodeOperations(shape: ModelShape, weights: number, rows: number, from: number, to: number): number {
  let operations = 0
  for (let place = from; place < to; place++) operations += rows * (2 * weights + 4 * shape.layers * shape.width * (place + 1))
  return operations
}
