/**
 * Decoder-only transformers as graphs. Tokens are laid out time first: row t * batch + b of a [time * batch, width] matrix is
 * token t of sequence b, so that attention reads heads without copying them and blocks of time are contiguous.
 */
import { add, broadcast, gatherRows, linear, multiply, reshape, rmsNorm, rotary, silu, type RotaryTables } from '../autodiff/build.ts'
import type { Graph, Value } from '../autodiff/representation.ts'
import { causalAttention } from './attention.ts'
import { expectedTensors } from './checkpoint.ts'
import type { DecoderConfig } from './config.ts'
import { ropeTables } from './rope.ts'

/** The weights of a model in a graph, by their Hugging Face names. */
export type WeightValues = ReadonlyMap<string, Value>

export interface DecoderInput {
  /** [time * batch] int64 */
  ids: Value
  /** [time * batch] int64 */
  positions: Value
  batch: number
  time: number
  /** Additive mask on top of causality, broadcast to [batch, heads, time, time]. */
  mask?: Value
  /** Receives each layer's rotated keys and its values, [time * batch, keyValueHeads * size]: what a cache keeps. */
  onKeysAndValues?: (layer: number, keys: Value, values: Value) => void
}

/** Declares every weight of the model as an input of the graph. */
export function declareWeights(graph: Graph, config: DecoderConfig): WeightValues {
  return new Map(expectedTensors(config).map(({ name, shape }) => [name, graph.input(name, shape)]))
}

export function rotaryConstants(graph: Graph, config: DecoderConfig, length: number): RotaryTables {
  const { cos, sin } = ropeTables(config, length)
  const shape = [length, config.headSize / 2]
  return { cos: graph.constant(cos, shape), sin: graph.constant(sin, shape) }
}

/** The weights of one layer, by what they do. */
export class LayerWeights {
  private readonly weights: WeightValues
  private readonly prefix: string

  constructor(weights: WeightValues, layer: number) {
    this.weights = weights
    this.prefix = `model.layers.${layer}.`
  }

  find(name: string): Value | undefined {
    return this.weights.get(this.prefix + name)
  }

  get(name: string): Value {
    return this.find(name)!
  }

  /** x W^T + b, the bias where the model has one. */
  project(name: string, x: Value): Value {
    const bias = this.find(`${name}.bias`)
    const product = linear(x, this.get(`${name}.weight`))
    return bias === undefined ? product : add(product, bias)
  }

  normalise(name: string, x: Value, epsilon: number): Value {
    return rmsNorm(x, this.get(`${name}.weight`), epsilon)[0]
  }
}

/** Per-head normalisation of queries or keys (Qwen3): x [n, heads * size]. */
export function normaliseHeads(x: Value, weight: Value | undefined, headSize: number, epsilon: number): Value {
  if (weight === undefined) return x
  const [normalised] = rmsNorm(reshape(x, [(x.shape[0] * x.shape[1]) / headSize, headSize]), weight, epsilon)
  return reshape(normalised, x.shape)
}

/** [time * batch, keyValueHeads * size] -> [time, batch, heads, size], each key-value head repeated for its queries. */
function repeatHeads(x: Value, config: DecoderConfig, { batch, time }: DecoderInput): Value {
  const { headCount, keyValueHeadCount, headSize } = config
  const group = headCount / keyValueHeadCount
  if (group === 1) return reshape(x, [time, batch, headCount, headSize])
  const grouped = broadcast(reshape(x, [time, batch, keyValueHeadCount, 1, headSize]), [time, batch, keyValueHeadCount, group, headSize])
  return reshape(grouped, [time, batch, headCount, headSize])
}

/** Queries or keys of normalised hidden states, at their positions: [n, heads * size]. */
export function rotatedProjection(
  name: 'q' | 'k',
  h: Value,
  layer: LayerWeights,
  config: DecoderConfig,
  positions: Value,
  tables: RotaryTables,
): Value {
  const projected = layer.project(`self_attn.${name}_proj`, h)
  const normalised = normaliseHeads(projected, layer.find(`self_attn.${name}_norm.weight`), config.headSize, config.normEpsilon)
  return rotary(normalised, positions, tables, name === 'q' ? config.headCount : config.keyValueHeadCount)
}

function attention(x: Value, index: number, layer: LayerWeights, config: DecoderConfig, input: DecoderInput, tables: RotaryTables): Value {
  const { headCount, headSize } = config
  const h = layer.normalise('input_layernorm', x, config.normEpsilon)
  const query = rotatedProjection('q', h, layer, config, input.positions, tables)
  const key = rotatedProjection('k', h, layer, config, input.positions, tables)
  const value = layer.project('self_attn.v_proj', h)
  input.onKeysAndValues?.(index, key, value)
  const split = reshape(query, [input.time, input.batch, headCount, headSize])
  const mixed = causalAttention(split, repeatHeads(key, config, input), repeatHeads(value, config, input), {
    scale: 1 / Math.sqrt(headSize),
    ...(input.mask === undefined ? {} : { mask: input.mask }),
  })
  return layer.project('self_attn.o_proj', reshape(mixed, [input.time * input.batch, headCount * headSize]))
}

export function feedForward(x: Value, layer: LayerWeights, config: DecoderConfig): Value {
  const h = layer.normalise('post_attention_layernorm', x, config.normEpsilon)
  return layer.project('mlp.down_proj', multiply(silu(layer.project('mlp.gate_proj', h)), layer.project('mlp.up_proj', h)))
}

/** Hidden states [time * batch, hiddenSize] after the final norm. */
export function decoderHidden(config: DecoderConfig, weights: WeightValues, input: DecoderInput, tables: RotaryTables): Value {
  let x = gatherRows(weights.get('model.embed_tokens.weight')!, input.ids)
  for (let index = 0; index < config.layerCount; index++) {
    const layer = new LayerWeights(weights, index)
    x = add(x, attention(x, index, layer, config, input, tables))
    x = add(x, feedForward(x, layer, config))
  }
  return rmsNorm(x, weights.get('model.norm.weight')!, config.normEpsilon)[0]
}

/** The output projection [vocabulary, hiddenSize]. */
export function headWeight(config: DecoderConfig, weights: WeightValues): Value {
  return weights.get(config.tiedEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight')!
}
