/**
 * Mamba-2 as a graph (Dao & Gu, "Transformers are SSMs", 2024). Each head keeps a state S [stateSize, headSize]:
 *   S_t = exp(d_t A) S_{t-1} + b_t (d_t x_t)^T,   y_t = c_t^T S_t + D x_t
 * with time step d, and b and c shared by the heads of a group. Within a chunk of tokens that is attention with decaying
 * weights; from chunk to chunk only the state is handed on, so the cost grows linearly with length.
 */
import {
  add,
  concatenate,
  exp,
  gatherRows,
  log,
  matmul,
  maximum,
  minimum,
  multiply,
  negate,
  pad,
  reshape,
  rmsNorm,
  silu,
  slice,
  subtract,
  transpose,
} from '../autodiff/build.ts'
import type { Graph, Value } from '../autodiff/representation.ts'
import type { MambaConfig } from './decoderConfig.ts'
import type { DecoderWeights } from './decoderWeights.ts'
import { convolutionWidth } from './modelTensors.ts'

/** Tokens that are handled as attention among themselves. */
const CHUNK_LENGTH = 64
/** Added to the exponent of hidden pairs; exp of it is 0 in float32. */
const HIDDEN = -1e9

/** What a layer keeps of the tokens so far. */
export interface MambaState {
  /** The latest inputs of the convolution, oldest first: [(convolutionLength - 1) * batch, convolutionWidth], time first. */
  convolution: Value
  /** [batch, groups, stateSize, headsOfGroup * headSize] */
  state: Value
}

export interface MambaInput {
  batch: number
  time: number
  /** 1 for tokens and 0 for padding, [time * batch, 1]; padding leaves the state as it is. */
  keep?: Value
  /** Zero where left out. */
  past?: MambaState
  /** Rows of `[past inputs, inputs]` of the convolution that its next state consists of; the last ones where left out. */
  tailRows?: Value
  onState?: (state: MambaState) => void
}

/** h [time * batch, hiddenSize], time first -> the same. */
export function mambaMixer(h: Value, layer: DecoderWeights, config: MambaConfig, epsilon: number, input: MambaInput): Value {
  const { headCount, headSize, groupCount, stateSize, timeStep } = config
  const { batch, keep } = input
  const inner = headCount * headSize
  const width = convolutionWidth(config)
  const projected = layer.project('mamba.in_proj', keep === undefined ? h : multiply(h, keep))
  const gate = slice(projected, 1, 0, inner)
  const stepLogits = add(slice(projected, 1, inner + width, inner + width + headCount), layer.get('mamba.dt_bias'))
  const { convolved, tail } = convolve(slice(projected, 1, inner, inner + width), layer, config, input)

  let steps = clamp(softplus(stepLogits), timeStep)
  if (keep !== undefined) steps = multiply(steps, keep)
  const { mixed, state } = scan(
    {
      values: slice(convolved, 1, 0, inner),
      writes: slice(convolved, 1, inner, inner + groupCount * stateSize),
      reads: slice(convolved, 1, inner + groupCount * stateSize, width),
      steps,
      rates: negate(exp(layer.get('mamba.A_log'))),
    },
    config,
    input,
  )
  input.onState?.({ convolution: tail, state })

  const skipped = multiply(reshape(slice(convolved, 1, 0, inner), [batch * input.time, headCount, headSize]), reshape(layer.get('mamba.D'), [headCount, 1]))
  const y = add(mixed, reshape(skipped, mixed.shape))
  const [normalised] = rmsNorm(multiply(y, silu(gate)), layer.get('mamba.norm.weight'), epsilon)
  return layer.project('mamba.out_proj', normalised)
}

/** log(1 + e^x) without overflow. */
function softplus(x: Value): Value {
  const magnitude = maximum(x, negate(x))
  return add(maximum(x, 0), log(add(exp(negate(magnitude)), 1)))
}

function clamp(x: Value, { low, high }: MambaConfig['timeStep']): Value {
  const raised = low > 0 ? maximum(x, low) : x
  return Number.isFinite(high) ? minimum(raised, high) : raised
}

/** Each channel by itself, over the latest inputs: [time * batch, width]. */
function convolve(x: Value, layer: DecoderWeights, { convolutionLength: length }: MambaConfig, input: MambaInput): { convolved: Value; tail: Value } {
  const { batch, past, tailRows } = input
  const [rows, width] = x.shape
  const before = (length - 1) * batch
  const extended = past === undefined ? pad(x, 0, before, 0) : concatenate([past.convolution, x], 0)
  const kernel = transpose(reshape(layer.get('mamba.conv1d.weight'), [width, length]), [1, 0]) // [length, width]
  const bias = layer.find('mamba.conv1d.bias')
  let sum: Value | null = bias === undefined ? null : reshape(bias, [1, width])
  for (let k = 0; k < length; k++) {
    const term = multiply(slice(extended, 0, k * batch, k * batch + rows), slice(kernel, 0, k, k + 1))
    sum = sum === null ? term : add(sum, term)
  }
  const tail = tailRows === undefined ? slice(extended, 0, rows, rows + before) : gatherRows(extended, tailRows)
  return { convolved: silu(sum!), tail }
}

/** Time first, a row a token. */
interface ScanInput {
  /** [n, heads * headSize] */
  values: Value
  /** b and c: [n, groups * stateSize] */
  writes: Value
  reads: Value
  /** d: [n, heads] */
  steps: Value
  /** A: [heads], negative */
  rates: Value
}

function scan({ values, writes, reads, steps, rates }: ScanInput, config: MambaConfig, { batch, time, past }: MambaInput): { mixed: Value; state: Value } {
  const { graph } = values.node
  const { headCount, headSize, groupCount, stateSize } = config
  const perGroup = headCount / groupCount
  const exponents = multiply(steps, rates) // [n, heads]
  const outputs: Value[] = []
  let state = past?.state ?? null
  for (let start = 0; start < time; start += CHUNK_LENGTH) {
    const length = Math.min(CHUNK_LENGTH, time - start)
    const chunk = (x: Value): Value => slice(x, 0, start * batch, (start + length) * batch)
    const byGroup = (x: Value): Value => transpose(reshape(chunk(x), [length, batch, groupCount, stateSize]), [1, 2, 0, 3])
    const [read, write] = [byGroup(reads), byGroup(writes)] // [batch, groups, length, stateSize]
    const weighted = multiply(
      reshape(chunk(values), [length, batch, headCount, headSize]),
      reshape(chunk(steps), [length, batch, headCount, 1]),
    )
    // Sums of exponents up to and with each token: [length, batch * heads].
    const sums = matmul(lowerTriangle(graph, length), reshape(chunk(exponents), [length, batch * headCount]))
    const last = slice(sums, 0, length - 1, length)

    const pairs = decayWeights(sums, batch, headCount) // [batch, heads, length, length]
    const scores = reshape(matmul(read, write, { transposeB: true }), [batch, groupCount, 1, length, length])
    const weights = multiply(scores, reshape(pairs, [batch, groupCount, perGroup, length, length]))
    const within = matmul(reshape(weights, [batch, headCount, length, length]), transpose(weighted, [1, 2, 0, 3]))
    let output = transpose(within, [2, 0, 1, 3]) // [length, batch, heads, headSize]
    if (state !== null) {
      const remembered = transpose(matmul(read, state), [2, 0, 1, 3]) // [length, batch, groups, perGroup * headSize]
      const decayed = multiply(reshape(remembered, [length, batch, headCount, headSize]), reshape(exp(sums), [length, batch, headCount, 1]))
      output = add(output, decayed)
    }
    outputs.push(reshape(output, [length * batch, headCount * headSize]))

    const toEnd = reshape(exp(subtract(last, sums)), [length, batch, headCount, 1])
    const columns = transpose(reshape(multiply(weighted, toEnd), [length, batch, groupCount, perGroup * headSize]), [1, 2, 0, 3])
    const written = matmul(write, columns, { transposeA: true }) // [batch, groups, stateSize, perGroup * headSize]
    state = state === null ? written : add(written, decayState(state, exp(last), config, batch))
  }
  return { mixed: outputs.length === 1 ? outputs[0] : concatenate(outputs, 0), state: state! }
}

/** exp of the exponents between each pair of tokens, zero above the diagonal: sums [length, batch * heads] -> [batch, heads, length, length]. */
function decayWeights(sums: Value, batch: number, headCount: number): Value {
  const [length] = sums.shape
  const perHead = transpose(sums, [1, 0])
  const difference = subtract(reshape(perHead, [batch, headCount, length, 1]), reshape(perHead, [batch, headCount, 1, length]))
  if (length === 1) return exp(difference)
  const mask = new Float32Array(length * length)
  for (let row = 0; row < length; row++) mask.fill(HIDDEN, row * length + row + 1, (row + 1) * length)
  return exp(add(difference, sums.node.graph.constant(mask, [length, length])))
}

/** The state times one factor a head [1, batch * heads]. */
function decayState(state: Value, factors: Value, { headCount, headSize, groupCount, stateSize }: MambaConfig, batch: number): Value {
  const perGroup = headCount / groupCount
  const perHead = reshape(state, [batch, groupCount, stateSize, perGroup, headSize])
  return reshape(multiply(perHead, reshape(factors, [batch, groupCount, 1, perGroup, 1])), state.shape)
}

function lowerTriangle(graph: Graph, length: number): Value {
  const ones = new Float32Array(length * length)
  for (let row = 0; row < length; row++) ones.fill(1, row * length, row * length + row + 1)
  return graph.constant(ones, [length, length])
}
