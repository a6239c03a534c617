/**
 * Decoder-only transformers as graphs. Tokens are laid out time first: row t * batch + b of a [time * batch, width] matrix is
 * token t of sequence b, so that attention reads heads without copying them and blocks of time are contiguous.
 */
import { add, broadcast, gatherRows, multiply, reshape, rmsNorm, rotary, type RotaryTables } from '../autodiff/build.ts'
import { recomputed } from '../autodiff/recompute.ts'
import type { Graph, Value } from '../autodiff/representation.ts'
import { causalAttention } from './attention.ts'
import type { DecoderConfig } from './decoderConfig.ts'
import type { DecoderWeights } from './decoderWeights.ts'
import { feedForward } from './feedForward.ts'
import { mambaMixer, type MambaState } from './mamba.ts'
import { ropeTables } from './rope.ts'

/** What a layer of attention keeps of each token: rotated keys, and values, [time * batch, keyValueHeads * size]. */
export interface KeysAndValues {
  keys: Value
  values: Value
}

export interface DecoderInput {
  /** [time * batch] int64 */
  ids: Value
  /** [time * batch] int64 */
  positions: Value
  batch: number
  time: number
  /** Additive mask on top of causality, broadcast to [batch, heads, time, time]. */
  mask?: Value
  /** 1 for tokens and 0 for padding, [time * batch, 1]: for layers that padding on the left, or a kept state, would reach. */
  keep?: Value
  /** Where the inputs lie that a layer's convolution needs for the next token (`MambaInput.tailRows`). */
  tailRows?: Value
  /** Keeps only what goes from layer to layer, and computes the rest again for the gradient. */
  recompute?: boolean
  onKeysAndValues?: (layer: number, kept: KeysAndValues) => void
  onMambaState?: (layer: number, state: MambaState) => void
}

/** Null for a model without positions. */
export function rotaryConstants(graph: Graph, { rope, headSize }: DecoderConfig, length: number): RotaryTables | null {
  if (rope === null) return null
  const { cos, sin } = ropeTables({ rope, headSize }, length)
  const shape = [length, headSize / 2]
  return { cos: graph.constant(cos, shape), sin: graph.constant(sin, shape) }
}

/** Per-head normalisation of queries or keys (Qwen3): x [n, heads * size]. */
function normaliseHeads(x: Value, weight: Value | undefined, headSize: number, epsilon: number): Value {
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
  layer: DecoderWeights,
  config: DecoderConfig,
  positions: Value,
  tables: RotaryTables | null,
): Value {
  const projected = layer.project(`self_attn.${name}_proj`, h)
  const normalised = normaliseHeads(projected, layer.find(`self_attn.${name}_norm.weight`), config.headSize, config.normEpsilon)
  if (tables === null) return normalised
  return rotary(normalised, positions, tables, name === 'q' ? config.headCount : config.keyValueHeadCount)
}

function attention(h: Value, index: number, layer: DecoderWeights, config: DecoderConfig, input: DecoderInput, tables: RotaryTables | null): Value {
  const { headCount, headSize, multipliers } = config
  const query = rotatedProjection('q', h, layer, config, input.positions, tables)
  const keys = rotatedProjection('k', h, layer, config, input.positions, tables)
  const values = layer.project('self_attn.v_proj', h)
  input.onKeysAndValues?.(index, { keys, values })
  const split = reshape(query, [input.time, input.batch, headCount, headSize])
  const mixed = causalAttention(split, repeatHeads(keys, config, input), repeatHeads(values, config, input), {
    scale: multipliers.attention,
    ...(input.mask === undefined ? {} : { mask: input.mask }),
  })
  return layer.project('self_attn.o_proj', reshape(mixed, [input.time * input.batch, headCount * headSize]))
}

const scaled = (x: Value, factor: number): Value => (factor === 1 ? x : multiply(x, factor))

/** Mixes tokens in layer `index`: normalised hidden states [n, hiddenSize] -> the same. */
export type Mixer = (h: Value, index: number, layer: DecoderWeights) => Value

/** Everything of a decoder but how its layers mix tokens: hidden states [n, hiddenSize], ready for the head. */
export function decoderStack(config: DecoderConfig, weights: DecoderWeights, ids: Value, mix: Mixer, recompute = false): Value {
  const { multipliers, normEpsilon } = config
  let x = scaled(gatherRows(weights.get('model.embed_tokens.weight'), ids), multipliers.embedding)
  for (let index = 0; index < config.layerCount; index++) {
    const layer = weights.layer(index)
    const apply = (before: Value): Value => {
      const mixed = mix(layer.normalise('input_layernorm', before, normEpsilon), index, layer)
      const between = add(before, scaled(mixed, multipliers.residual))
      const h = layer.normalise('post_attention_layernorm', between, normEpsilon)
      return add(between, scaled(feedForward(h, layer, config), multipliers.residual))
    }
    x = recompute ? recomputed(apply, x, layer.ofLayer()) : apply(x)
  }
  return scaled(weights.normalise('model.norm', x, normEpsilon), multipliers.head)
}

/** Hidden states [time * batch, hiddenSize], ready for the head, of whole sequences. */
export function decoderHidden(config: DecoderConfig, weights: DecoderWeights, input: DecoderInput): Value {
  const { batch, time, keep, tailRows, onMambaState } = input
  const tables = rotaryConstants(input.ids.node.graph, config, time)
  const mix: Mixer = (h, index, layer) => {
    if (config.layers[index] === 'attention') return attention(h, index, layer, config, input, tables)
    return mambaMixer(h, layer, config.mamba!, config.normEpsilon, {
      batch,
      time,
      ...(keep === undefined ? {} : { keep }),
      ...(tailRows === undefined ? {} : { tailRows }),
      onState: (state) => onMambaState?.(index, state),
    })
  }
  return decoderStack(config, weights, input.ids, mix, input.recompute)
}
