/** Lowers each primitive to operations of TensorFlow.js. The table is complete by its type. */
import type { Tensor } from '@tensorflow/tfjs-core'
import { elementCount, GraphError, type Node, type OperationName } from '../autodiff/representation.ts'
import { broadcastShapes } from '../autodiff/shapes.ts'
import { dataType } from './numbers.ts'
import type { OpenTensorFlow, TensorFlow } from './tensorflow.ts'

/** Tensors of the node's outputs, given those of its inputs. What else it makes is let go by the caller. */
type Lowering<Name extends OperationName> = (
  node: Node<Name>,
  inputs: readonly Tensor[],
  tensorflow: OpenTensorFlow,
) => readonly Tensor[]

const unary =
  (operation: (x: Tensor, tf: TensorFlow) => Tensor): Lowering<OperationName> =>
  (_node, [x], { tf }) => [operation(x, tf)]

const binary =
  (operation: (a: Tensor, b: Tensor, tf: TensorFlow) => Tensor): Lowering<OperationName> =>
  (_node, [a, b], { tf }) => [operation(a, b, tf)]

const placed = (what: string) => (): never => {
  throw new GraphError(`${what}: is placed before the first step`)
}
const dropped = (what: string) => (): never => {
  throw new GraphError(`${what}: must be dropped before lowering`)
}

/** [time, batch, head, size] -> [batch, head, time, size] and back. */
const HEADS_FIRST = [1, 2, 0, 3]
const TIME_FIRST = [2, 0, 1, 3]

const lowerings: { readonly [Name in OperationName]: Lowering<Name> } = {
  input: placed('input'),
  constant: placed('constant'),
  add: binary((a, b, tf) => tf.add(a, b)),
  subtract: binary((a, b, tf) => tf.sub(a, b)),
  multiply: binary((a, b, tf) => tf.mul(a, b)),
  divide: binary((a, b, tf) => tf.div(a, b)),
  minimum: binary((a, b, tf) => tf.minimum(a, b)),
  maximum: binary((a, b, tf) => tf.maximum(a, b)),
  greater: binary((a, b, tf) => tf.greater(a, b)),
  greaterOrEqual: binary((a, b, tf) => tf.greaterEqual(a, b)),
  equal: binary((a, b, tf) => tf.equal(a, b)),
  where: (_node, [condition, a, b], { tf }) => [tf.where(condition, a, b)],
  negate: unary((x, tf) => tf.neg(x)),
  exp: unary((x, tf) => tf.exp(x)),
  log: unary((x, tf) => tf.log(x)),
  sqrt: unary((x, tf) => tf.sqrt(x)),
  reciprocal: unary((x, tf) => tf.reciprocal(x)),
  sigmoid: unary((x, tf) => tf.sigmoid(x)),
  tanh: unary((x, tf) => tf.tanh(x)),
  silu: unary((x, tf) => tf.mul(x, tf.sigmoid(x))),
  // The WebAssembly backend's cast to bool cuts a number down to its lowest byte.
  cast: ({ parameters: { element } }, [x], { tf }) => [element === 'bool' ? tf.notEqual(x, tf.zerosLike(x)) : tf.cast(x, dataType(element))],
  matmul: (node, [a, b], tensorflow) => [product(a, b, node.parameters, tensorflow)],
  matmulAdd: (node, [a, b, c], tensorflow) => [tensorflow.tf.add(c, product(a, b, node.parameters, tensorflow))],
  headScores: (node, [q, k], tensorflow) => {
    const { tf } = tensorflow
    const options = { transposeA: false, transposeB: true, scale: node.parameters.scale }
    return [product(tf.transpose(q, HEADS_FIRST), tf.transpose(k, HEADS_FIRST), options, tensorflow)]
  },
  headMix: (node, [weights, v], tensorflow) => {
    const { tf } = tensorflow
    const options = { transposeB: false, ...node.parameters }
    return [tf.transpose(product(weights, tf.transpose(v, HEADS_FIRST), options, tensorflow), TIME_FIRST)]
  },
  reduceSum: ({ parameters: { axes, keepDimensions } }, [x], { tf }) => [tf.sum(x, [...axes], keepDimensions)],
  reduceMax: ({ parameters: { axes, keepDimensions } }, [x], { tf }) => [tf.max(x, [...axes], keepDimensions)],
  reshape: (node, [x], { tf }) => [tf.reshape(x, [...node.parameters.shape])],
  transpose: (node, [x], { tf }) => [tf.transpose(x, [...node.parameters.permutation])],
  broadcast: (node, [x], { tf }) => [tf.broadcastTo(x, [...node.parameters.shape])],
  slice: ({ parameters: { axis, start, end } }, [x], { tf }) => {
    // Along a varying axis there may be less than the graph says.
    const size = Math.min(end, x.shape[axis]) - start
    return [tf.slice(x, x.shape.map((_, i) => (i === axis ? start : 0)), x.shape.with(axis, size))]
  },
  concatenate: (node, inputs, { tf }) => [tf.concat([...inputs], node.parameters.axis)],
  pad: ({ parameters: { axis, before, after } }, [x], { tf }) => [
    tf.pad(x, x.shape.map((_, i): [number, number] => (i === axis ? [before, after] : [0, 0]))),
  ],
  gatherRows: (_node, [table, ids], { tf }) => [tf.gather(table, ids)],
  // scatterND adds up what meets in one place.
  scatterAddRows: (_node, [base, ids, updates], { tf }) => [tf.add(base, tf.scatterND(tf.expandDims(ids, 1), updates, base.shape))],
  pickPerRow: (_node, [values, ids], { tf }) => [tf.gatherND(values, places(ids, tf))],
  placePerRow: (node, [updates, ids], { tf }) => [tf.scatterND(places(ids, tf), updates, [ids.shape[0], node.parameters.width])],
  softmax: unary((x, tf) => tf.softmax(x)),
  logSoftmax: unary((x, tf) => tf.logSoftmax(x)),
  rmsNorm: (node, [x, weight], { tf }) => {
    const meanSquare = tf.mean(tf.square(x), -1, true)
    const inverse = tf.reciprocal(tf.sqrt(tf.add(meanSquare, node.parameters.epsilon)))
    return [tf.mul(tf.mul(x, inverse), weight), inverse]
  },
  rotary: (node, [x, positions, cos, sin], { tf }) => {
    const { heads, inverse } = node.parameters
    const [tokens, width] = x.shape
    const half = width / heads / 2
    const perToken = (table: Tensor): Tensor => tf.reshape(tf.gather(table, positions), [tokens, 1, half])
    const [c, s] = [perToken(cos), perToken(inverse ? tf.neg(sin) : sin)]
    const split = tf.reshape(x, [tokens, heads, 2 * half])
    const part = (start: number): Tensor => tf.slice(split, [0, 0, start], [tokens, heads, half])
    const [first, second] = [part(0), part(half)]
    const rotatedFirst = tf.sub(tf.mul(first, c), tf.mul(second, s))
    const rotatedSecond = tf.add(tf.mul(second, c), tf.mul(first, s))
    return [tf.reshape(tf.concat([rotatedFirst, rotatedSecond], 2), [tokens, width])]
  },
  customGradient: dropped('customGradient'),
  stopGradient: dropped('stopGradient'),
}

interface ProductOptions {
  transposeA: boolean
  transposeB: boolean
  scale: number
}

/** scale * a b over the last two axes, a or b read transposed. */
function product(a: Tensor, b: Tensor, { transposeA, transposeB, scale }: ProductOptions, { tf, backend }: OpenTensorFlow): Tensor {
  const [left, right] = alike(a, b, tf)
  // The WebAssembly backend multiplies matrices fast only where neither is to be read transposed.
  const made =
    backend === 'wasm'
      ? tf.matMul(transposeA ? swapLast(left, tf) : left, transposeB ? swapLast(right, tf) : right)
      : tf.matMul(left, right, transposeA, transposeB)
  return scale === 1 ? made : tf.mul(made, scale)
}

/** matMul's own broadcasting is right only where one side is a single matrix. */
function alike(a: Tensor, b: Tensor, tf: TensorFlow): readonly [Tensor, Tensor] {
  const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)]
  const single = elementCount(batchA) === 1 || elementCount(batchB) === 1
  const batch = broadcastShapes(batchA, batchB)
  if (single || batch === null || String(batchA) === String(batchB)) return [a, b]
  const spread = (x: Tensor): Tensor => tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)])
  return [spread(a), spread(b)]
}

function swapLast(x: Tensor, tf: TensorFlow): Tensor {
  return tf.transpose(x, x.shape.map((_, axis) => (axis < x.rank - 2 ? axis : 2 * x.rank - 3 - axis)))
}

/** [row, ids[row]] for every row: [n, 2]. */
function places(ids: Tensor, tf: TensorFlow): Tensor {
  return tf.stack([tf.range(0, ids.shape[0], 1, 'int32'), ids], 1)
}

/** The rule of one node, with its type seen through the union. */
export function applyNode(node: Node, inputs: readonly Tensor[], tensorflow: OpenTensorFlow): readonly Tensor[] {
  return (lowerings[node.operation] as Lowering<OperationName>)(node, inputs, tensorflow)
}
