/**
 * The decoder as sampling uses it: a prompt is read once (prefill), then tokens are added one at a time over a cache of keys and
 * values that the host owns. onnxruntime copies every output, so a step only outputs its own keys and values.
 */
import { add, concatenate, divide, exp, gatherRows, linear, logSoftmax, matmul, multiply, negate, reshape, rmsNorm, slice, softmax, sum } from '../autodiff/build.ts'
import { createGraph } from '../autodiff/graph.ts'
import type { Value } from '../autodiff/representation.ts'
import type { DecoderConfig } from './config.ts'
import { declareWeights, decoderHidden, feedForward, headWeight, LayerWeights, rotaryConstants, rotatedProjection } from './decoder.ts'

/** Added to the score of an empty place in the cache. */
export const EMPTY_PLACE = -1e9

export const cacheName = (kind: 'keys' | 'values', layer: number): string => `${kind}.${layer}`
export const newName = (kind: 'keys' | 'values', layer: number): string => `new.${kind}.${layer}`

/**
 * The distribution of the token after each hidden state: `probabilities` [n, vocabulary] and `entropies` [n] (nats) at temperature
 * 1, untruncated; `tempered` [n, vocabulary] at the temperature of the input of that name, where one is wanted.
 */
function nextToken(hidden: Value, head: Value, tempered: boolean): Record<string, Value> {
  const logits = linear(hidden, head)
  const logP = logSoftmax(logits)
  const probabilities = exp(logP)
  const entropies = negate(sum(multiply(probabilities, logP), [1]))
  if (!tempered) return { probabilities, entropies }
  return { probabilities, entropies, tempered: softmax(divide(logits, hidden.node.graph.input('temperature', [1]))) }
}

/**
 * Reads prompts, padded on the right. Inputs: `ids` and `positions` [time * batch], time first; `lastRows` [batch], the row
 * of each prompt's last token. Outputs: the next token's
 * distribution, and for each layer `new.keys.i` and
 * `new.values.i` [time * batch, keyValueHeads * size].
 */
export function prefillGraph(config: DecoderConfig, batch: number, time: number, tempered = false): Record<string, Value> {
  const graph = createGraph()
  const weights = declareWeights(graph, config)
  const ids = graph.input('ids', [time * batch], 'int64')
  const positions = graph.input('positions', [time * batch], 'int64')
  const kept: Record<string, Value> = {}
  const onKeysAndValues = (layer: number, keys: Value, values: Value): void => {
    kept[newName('keys', layer)] = keys
    kept[newName('values', layer)] = values
  }
  const hidden = decoderHidden(config, weights, { ids, positions, batch, time, onKeysAndValues }, rotaryConstants(graph, config, time))
  const last = gatherRows(hidden, graph.input('lastRows', [batch], 'int64'))
  return { ...nextToken(last, headWeight(config, weights), tempered), ...kept }
}

/**
 * One new token for each of `batch` sequences over caches of any `capacity`. Inputs: `ids` and `positions` [batch]; `mask`
 * [batch, 1, 1, capacity], zero at filled places and `EMPTY_PLACE` elsewhere; for each layer `keys.i` and `values.i` [batch,
 * keyValueHeads, capacity, size]. Outputs as for prefill, with `new.keys.i` and `new.values.i`
 * [batch, keyValueHeads * size].
 */
export function decodeGraph(config: DecoderConfig, batch: number, tempered = false): Record<string, Value> {
  const { headCount, keyValueHeadCount, headSize } = config
  const graph = createGraph()
  const weights = declareWeights(graph, config)
  const ids = graph.input('ids', [batch], 'int64')
  const positions = graph.input('positions', [batch], 'int64')
  const capacity = config.contextLength
  const mask = graph.input('mask', [batch, 1, 1, capacity], 'float32', 3)
  const tables = rotaryConstants(graph, config, config.contextLength)
  const kept: Record<string, Value> = {}

  const attend = (h: Value, layer: LayerWeights, index: number): Value => {
    const key = rotatedProjection('k', h, layer, config, positions, tables)
    const value = layer.project('self_attn.v_proj', h)
    kept[newName('keys', index)] = key
    kept[newName('values', index)] = value
    const group = headCount / keyValueHeadCount
    // The query is scaled, not the products: onnxruntime reads a matrix once for a product with one row, unless that is scaled.
    const scaled = multiply(rotatedProjection('q', h, layer, config, positions, tables), 1 / Math.sqrt(headSize))
    const query = reshape(scaled, [batch, keyValueHeadCount, group, headSize])
    const keys = graph.input(cacheName('keys', index), [batch, keyValueHeadCount, capacity, headSize], 'float32', 2)
    const values = graph.input(cacheName('values', index), [batch, keyValueHeadCount, capacity, headSize], 'float32', 2)
    // The own place comes first, so that the others are all up to the end, however many there are.
    const own = matmul(query, reshape(key, [batch, keyValueHeadCount, headSize, 1])) // [batch, keyValueHeads, group, 1]
    const past = add(matmul(query, keys, { transposeB: true }), mask) // [batch, keyValueHeads, group, capacity]
    const shares = softmax(concatenate([own, past], 3))
    const mixed = add(
      matmul(slice(shares, 3, 1, capacity + 1), values),
      multiply(slice(shares, 3, 0, 1), reshape(value, [batch, keyValueHeadCount, 1, headSize])),
    )
    return layer.project('self_attn.o_proj', reshape(mixed, [batch, headCount * headSize]))
  }

  let x = gatherRows(weights.get('model.embed_tokens.weight')!, ids)
  for (let index = 0; index < config.layerCount; index++) {
    const layer = new LayerWeights(weights, index)
    x = add(x, attend(layer.normalise('input_layernorm', x, config.normEpsilon), layer, index))
    x = add(x, feedForward(x, layer, config))
  }
  const [hidden] = rmsNorm(x, weights.get('model.norm.weight')!, config.normEpsilon)
  return { ...nextToken(hidden, headWeight(config, weights), tempered), ...kept }
}
