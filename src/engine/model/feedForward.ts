/** What a layer does to each token by itself: gated units, and experts that a router chooses. */
import { add, greaterOrEqual, linear, matmul, max, multiply, reshape, silu, slice, softmax, stopGradient, sum, transpose, where } from '../autodiff/build.ts'
import type { Value } from '../autodiff/representation.ts'
import type { DecoderConfig, ExpertsConfig } from './decoderConfig.ts'
import type { DecoderWeights } from './decoderWeights.ts'

/** Below every logit of a router. */
const NEVER = -1e30

/** Normalised hidden states [n, hiddenSize] -> the same. */
export function feedForward(h: Value, layer: DecoderWeights, { feedForward: config }: DecoderConfig): Value {
  if (config.kind === 'gated') {
    return layer.project('mlp.down_proj', multiply(silu(layer.project('mlp.gate_proj', h)), layer.project('mlp.up_proj', h)))
  }
  const shared = layer.project('shared_mlp.output_linear', gated(layer.project('shared_mlp.input_linear', h), 1, config.size))
  return config.experts === null ? shared : add(mixtureOfExperts(h, layer, config.experts), shared)
}

/** silu of the first `size` entries along `axis` times the others. */
function gated(x: Value, axis: number, size: number): Value {
  return multiply(silu(slice(x, axis, 0, size)), slice(x, axis, size, 2 * size))
}

/**
 * Every expert sees every token, and those that a token's router did not choose get the weight 0: shapes stay fixed, and the
 * cost is that of all experts.
 */
function mixtureOfExperts(h: Value, layer: DecoderWeights, { count, perToken, size }: ExpertsConfig): Value {
  const [tokens, hiddenSize] = h.shape
  const shares = routerShares(layer.project('block_sparse_moe.router.layer', h), perToken) // [tokens, experts]
  const inputs = reshape(layer.get('block_sparse_moe.input_linear.weight'), [count * 2 * size, hiddenSize])
  const activations = gated(reshape(linear(h, inputs), [tokens, count, 2 * size]), 2, size)
  const weighted = transpose(multiply(activations, reshape(shares, [tokens, count, 1])), [1, 0, 2]) // [experts, tokens, size]
  return sum(matmul(weighted, layer.get('block_sparse_moe.output_linear.weight'), { transposeB: true }), [0])
}

/** Softmax over the `perToken` largest logits of each row, zero elsewhere: [tokens, experts]. */
function routerShares(logits: Value, perToken: number): Value {
  let rest = stopGradient(logits)
  for (let chosen = 1; chosen < perToken; chosen++) rest = where(greaterOrEqual(rest, max(rest, [1], true)), NEVER, rest)
  const smallestChosen = max(rest, [1], true)
  return softmax(where(greaterOrEqual(stopGradient(logits), smallestChosen), logits, NEVER))
}
