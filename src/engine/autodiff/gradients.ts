/**
 * The vector-Jacobian product of every primitive. The table is complete by its type: an operation without an entry does not
 * compile. Notation in comments: y is the output, y' its cotangent, x' what flows back to x.
 */
import {
  add,
  broadcast,
  cast,
  divide,
  equal,
  exp,
  greaterOrEqual,
  headMix,
  headScores,
  matmul,
  multiply,
  negate,
  pad,
  pickPerRow,
  placePerRow,
  gatherRows,
  reshape,
  rotary,
  scatterAddRows,
  sigmoid,
  slice,
  subtract,
  sum,
  transpose,
  where,
} from './build.ts'
import { isOperation, type Node, type OperationName, type Shape, type Value } from './representation.ts'

/** Cotangents of the inputs; null where none flows. `cotangents` are those of the outputs, null for outputs that are not used. */
export type Vjp<Name extends OperationName> = (node: Node<Name>, cotangents: readonly (Value | null)[]) => readonly (Value | null)[]

/** Sums a cotangent over the axes along which its input was broadcast. */
function sumTo(cotangent: Value, shape: Shape): Value {
  const added = cotangent.shape.length - shape.length
  const axes = cotangent.shape.flatMap((size, axis) => (axis < added || (shape[axis - added] === 1 && size !== 1) ? [axis] : []))
  return reshape(sum(cotangent, axes, true), shape)
}

/** For operations with one output, and with a cotangent for certain. */
function simple<Name extends OperationName>(
  rule: (inputs: readonly Value[], cotangent: Value, output: Value, node: Node<Name>) => readonly (Value | null)[],
): Vjp<Name> {
  return (node, [cotangent]) => (cotangent === null ? node.inputs.map(() => null) : rule(node.inputs, cotangent, node.outputs[0], node))
}

/** Results that are integers, truth values or wilfully constant carry no gradient. */
const none = <Name extends OperationName>(node: Node<Name>): readonly null[] => node.inputs.map(() => null)

/** Sends y' to the chosen input; ties go to the first. */
const chosen = <Name extends OperationName>(firstWins: (a: Value, b: Value) => Value): Vjp<Name> =>
  simple(([a, b], g) => {
    const first = firstWins(a, b)
    return [sumTo(where(first, g, 0), a.shape), sumTo(where(first, 0, g), b.shape)]
  })

function matmulVjp(node: Node<'matmul'> | Node<'matmulAdd'>, g: Value): readonly [Value, Value] {
  const [a, b] = node.inputs
  const { transposeA, transposeB, scale } = node.parameters
  // y = s op(a) op(b):  op(a)' = s y' op(b)^T,  op(b)' = s op(a)^T y'; a transposed input takes the transposed product.
  const aCotangent = transposeA
    ? matmul(b, g, { transposeA: transposeB, transposeB: true, scale })
    : matmul(g, b, { transposeB: !transposeB, scale })
  const bCotangent = transposeB
    ? matmul(g, a, { transposeA: true, transposeB: transposeA, scale })
    : matmul(a, g, { transposeA: !transposeA, scale })
  return [sumTo(aCotangent, a.shape), sumTo(bCotangent, b.shape)]
}

const lastAxis = (a: Value): number => a.shape.length - 1

/** The weight is a constant of ones, so that the normalised output is x / rms itself. */
function isUnitWeight(weight: Value): boolean {
  const { node } = weight
  return isOperation(node, 'constant') && node.parameters.data instanceof Float32Array && node.parameters.data.every((w) => w === 1)
}

export const gradients: { readonly [Name in OperationName]: Vjp<Name> } = {
  input: none,
  constant: none,
  add: simple(([a, b], g) => [sumTo(g, a.shape), sumTo(g, b.shape)]),
  subtract: simple(([a, b], g) => [sumTo(g, a.shape), sumTo(negate(g), b.shape)]),
  multiply: simple(([a, b], g) => [sumTo(multiply(g, b), a.shape), sumTo(multiply(g, a), b.shape)]),
  // (a / b)' : a' = y' / b,  b' = -y' y / b
  divide: simple(([a, b], g, y) => {
    const aCotangent = divide(g, b)
    return [sumTo(aCotangent, a.shape), sumTo(negate(multiply(aCotangent, y)), b.shape)]
  }),
  minimum: chosen((a, b) => greaterOrEqual(b, a)),
  maximum: chosen((a, b) => greaterOrEqual(a, b)),
  greater: none,
  greaterOrEqual: none,
  equal: none,
  where: simple(([condition, a, b], g) => [null, sumTo(where(condition, g, 0), a.shape), sumTo(where(condition, 0, g), b.shape)]),
  negate: simple((_, g) => [negate(g)]),
  exp: simple((_, g, y) => [multiply(g, y)]),
  log: simple(([x], g) => [divide(g, x)]),
  // (sqrt x)' = y' / (2 y)
  sqrt: simple((_, g, y) => [multiply(divide(g, y), 0.5)]),
  // (1 / x)' = -y' y^2
  reciprocal: simple((_, g, y) => [negate(multiply(g, multiply(y, y)))]),
  // s' = y' s (1 - s)
  sigmoid: simple((_, g, s) => [multiply(g, subtract(s, multiply(s, s)))]),
  tanh: simple((_, g, y) => [multiply(g, subtract(1, multiply(y, y)))]),
  // y = x s(x):  x' = y' (s + y (1 - s)) = y' (s + s (x - y))
  silu: simple(([x], g, y) => {
    const s = sigmoid(x)
    return [multiply(g, add(s, multiply(s, subtract(x, y))))]
  }),
  cast: simple(([a], g) => [a.element === 'float32' ? cast(g, 'float32') : null]),
  matmul: simple((_inputs, g, _y, node) => matmulVjp(node, g)),
  matmulAdd: simple((_inputs, g, _y, node) => [...matmulVjp(node, g), g]),
  headScores: simple(([q, k], g, _y, node) => {
    const { scale } = node.parameters
    return [headMix(g, k, { scale }), headMix(g, q, { transposeA: true, scale })]
  }),
  headMix: simple(([weights, v], g, _y, node) => {
    const { transposeA, scale } = node.parameters
    return [
      transposeA ? headScores(v, g, scale) : headScores(g, v, scale),
      headMix(weights, g, { transposeA: !transposeA, scale }),
    ]
  }),
  reduceSum: simple(([a], g, _y, node) => [broadcast(keepAxes(g, a, node.parameters.axes), a.shape)]),
  // Shared by all places that attain the maximum.
  reduceMax: simple(([a], g, y, node) => {
    const { axes } = node.parameters
    const attained = cast(equal(a, broadcast(keepAxes(y, a, axes), a.shape)), 'float32')
    return [multiply(attained, divide(keepAxes(g, a, axes), sum(attained, axes, true)))]
  }),
  reshape: simple(([a], g) => [reshape(g, a.shape)]),
  transpose: simple((_inputs, g, _y, node) => {
    const { permutation } = node.parameters
    return [transpose(g, permutation.map((_, axis) => permutation.indexOf(axis)))]
  }),
  broadcast: simple(([a], g) => [sumTo(g, a.shape)]),
  slice: simple(([a], g, _y, node) => {
    const { axis, start, end } = node.parameters
    return [pad(g, axis, start, a.shape[axis] - end)]
  }),
  concatenate: simple((inputs, g, _y, node) => {
    const { axis } = node.parameters
    let start = 0
    return inputs.map((input) => {
      const part = slice(g, axis, start, start + input.shape[axis])
      start += input.shape[axis]
      return part
    })
  }),
  pad: simple(([a], g, _y, node) => {
    const { axis, before } = node.parameters
    return [slice(g, axis, before, before + a.shape[axis])]
  }),
  gatherRows: simple(([table, ids], g) => [scatterAddRows(broadcast(zero(table), table.shape), ids, g), null]),
  scatterAddRows: simple(([, ids], g) => [g, null, gatherRows(g, ids)]),
  pickPerRow: simple(([values, ids], g) => [placePerRow(g, ids, values.shape[1]), null]),
  placePerRow: simple(([, ids], g) => [pickPerRow(g, ids), null]),
  // x' = y (y' - sum(y y'))
  softmax: simple(([x], g, y) => [multiply(y, subtract(g, sum(multiply(y, g), [lastAxis(x)], true)))]),
  // x' = y' - exp(y) sum(y')
  logSoftmax: simple(([x], g, y) => [subtract(g, multiply(exp(y), sum(g, [lastAxis(x)], true)))]),
  // u = x r, r = 1 / rms, y = u w, g = y' w:  x' = r (g - u mean(g u)) - r' r^2 u / n,  w' = sum(y' u)
  rmsNorm: (node, [g, rCotangent]) => {
    const [x, weight] = node.inputs
    const [y, r] = node.outputs
    const unit = isUnitWeight(weight)
    const u = unit ? y : multiply(x, r)
    const axis = lastAxis(x)
    const width = x.shape[axis]
    let xCotangent: Value | null = null
    let weightCotangent: Value | null = null
    if (g !== null) {
      const gw = unit ? g : multiply(g, weight)
      const meanGu = multiply(sum(multiply(gw, u), [axis], true), 1 / width)
      xCotangent = multiply(r, subtract(gw, multiply(u, meanGu)))
      weightCotangent = sumTo(multiply(g, u), weight.shape)
    }
    if (rCotangent !== null) {
      const through = negate(multiply(u, multiply(multiply(rCotangent, multiply(r, r)), 1 / width)))
      xCotangent = xCotangent === null ? through : add(xCotangent, through)
    }
    return [xCotangent, weightCotangent]
  },
  // A rotation's transpose turns the other way.
  rotary: simple(([, positions, cos, sin], g, _y, node) => {
    const { heads, inverse } = node.parameters
    return [rotary(g, positions, { cos, sin }, heads, !inverse), null, null, null]
  }),
  customGradient: simple((_inputs, g, _y, node) => [null, ...node.parameters.vjp(g)]),
  stopGradient: none,
}

function keepAxes(reduced: Value, a: Value, axes: Shape): Value {
  return reshape(reduced, a.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)))
}

function zero(like: Value): Value {
  return like.node.graph.scalar(0)
}

/** The rule of one node, with its type seen through the union. */
export function vjp(node: Node, cotangents: readonly (Value | null)[]): readonly (Value | null)[] {
  return (gradients[node.operation] as Vjp<OperationName>)(node, cotangents)
}
