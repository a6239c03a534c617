/** Evaluates graphs in float64, one loop a primitive: the slow second opinion that tests compare everything with. */
import { reachable } from '../../../src/engine/autodiff/graph.ts'
import { broadcastShapes } from '../../../src/engine/autodiff/shapes.ts'
import {
  elementCount,
  type Node,
  type OperationName,
  type Shape,
  type Value,
} from '../../../src/engine/autodiff/representation.ts'

export interface Tensor {
  shape: Shape
  data: Float64Array
}

const tensor = (shape: Shape, at: (index: number) => number): Tensor => ({
  shape,
  data: Float64Array.from({ length: elementCount(shape) }, (_, index) => at(index)),
})

function strides(shape: Shape): number[] {
  const result = new Array<number>(shape.length).fill(1)
  for (let axis = shape.length - 2; axis >= 0; axis--) result[axis] = result[axis + 1] * shape[axis + 1]
  return result
}

const coordinates = (index: number, shape: Shape): number[] => strides(shape).map((stride, axis) => Math.floor(index / stride) % shape[axis])

/** Entry at coordinates of a broadcast result. */
function at({ shape, data }: Tensor, where: readonly number[]): number {
  const added = where.length - shape.length
  return data[strides(shape).reduce((sum, stride, axis) => sum + (shape[axis] === 1 ? 0 : where[axis + added] * stride), 0)]
}

const unary =
  (f: (x: number) => number) =>
  ([a]: readonly Tensor[]): Tensor[] => [tensor(a.shape, (i) => f(a.data[i]))]

const elementwise =
  (f: (...values: number[]) => number) =>
  (inputs: readonly Tensor[]): Tensor[] => {
    const shape = inputs.map((input) => input.shape).reduce((x, y) => broadcastShapes(x, y)!)
    return [tensor(shape, (i) => f(...inputs.map((input) => at(input, coordinates(i, shape)))))]
  }

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

function matmul(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean, scale: number): Tensor {
  const [rows, inner] = transposeA ? [a.shape.at(-1)!, a.shape.at(-2)!] : [a.shape.at(-2)!, a.shape.at(-1)!]
  const columns = transposeB ? b.shape.at(-2)! : b.shape.at(-1)!
  const shape = [...broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2))!, rows, columns]
  return tensor(shape, (i) => {
    const where = coordinates(i, shape)
    const batch = where.slice(0, -2)
    const [row, column] = where.slice(-2)
    let sum = 0
    for (let k = 0; k < inner; k++) sum += at(a, [...batch, ...(transposeA ? [k, row] : [row, k])]) * at(b, [...batch, ...(transposeB ? [column, k] : [k, column])])
    return scale * sum
  })
}

function transpose(a: Tensor, permutation: Shape): Tensor {
  const shape = permutation.map((axis) => a.shape[axis])
  return tensor(shape, (i) => {
    const where = coordinates(i, shape)
    return at(a, a.shape.map((_, axis) => where[permutation.indexOf(axis)]))
  })
}

function reduce(a: Tensor, axes: Shape, keep: boolean, start: number, f: (x: number, y: number) => number): Tensor {
  const kept = a.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
  const result = tensor(kept, () => start)
  const steps = strides(kept)
  a.data.forEach((x, i) => {
    const target = coordinates(i, a.shape).reduce((sum, c, axis) => sum + (axes.includes(axis) ? 0 : c * steps[axis]), 0)
    result.data[target] = f(result.data[target], x)
  })
  return keep ? result : { shape: a.shape.filter((_, axis) => !axes.includes(axis)), data: result.data }
}

function softmaxRows(a: Tensor, f: (x: number, logSum: number) => number): Tensor {
  const width = a.shape.at(-1)!
  return tensor(a.shape, (i) => {
    const row = a.data.subarray(i - (i % width), i - (i % width) + width)
    const top = Math.max(...row)
    return f(a.data[i], top + Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0)))
  })
}

const HEADS_FIRST = [1, 2, 0, 3]
const TIME_FIRST = [2, 0, 1, 3]

type Rule<Name extends OperationName> = (inputs: readonly Tensor[], node: Node<Name>) => Tensor[]

const rules: { [Name in OperationName]: Rule<Name> } = {
  input: () => {
    throw new Error('inputs are given')
  },
  constant: (_, { parameters: { data, shape } }) => [tensor(shape, (i) => Number(data[i]))],
  add: elementwise((a, b) => a + b),
  subtract: elementwise((a, b) => a - b),
  multiply: elementwise((a, b) => a * b),
  divide: elementwise((a, b) => a / b),
  minimum: elementwise(Math.min),
  maximum: elementwise(Math.max),
  greater: elementwise((a, b) => Number(a > b)),
  greaterOrEqual: elementwise((a, b) => Number(a >= b)),
  equal: elementwise((a, b) => Number(a === b)),
  where: elementwise((condition, a, b) => (condition !== 0 ? a : b)),
  negate: unary((x) => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  reciprocal: unary((x) => 1 / x),
  sigmoid: unary(sigmoid),
  tanh: unary(Math.tanh),
  silu: unary((x) => x * sigmoid(x)),
  cast: ([a], node) => [tensor(a.shape, (i) => (node.parameters.element === 'bool' ? Number(a.data[i] !== 0) : a.data[i]))],
  matmul: ([a, b], { parameters: p }) => [matmul(a, b, p.transposeA, p.transposeB, p.scale)],
  matmulAdd: ([a, b, c], { parameters: p }) => elementwise((x, y) => x + y)([matmul(a, b, p.transposeA, p.transposeB, p.scale), c]),
  headScores: ([q, k], { parameters: p }) => [matmul(transpose(q, HEADS_FIRST), transpose(k, HEADS_FIRST), false, true, p.scale)],
  headMix: ([w, v], { parameters: p }) => [transpose(matmul(w, transpose(v, HEADS_FIRST), p.transposeA, false, p.scale), TIME_FIRST)],
  reduceSum: ([a], { parameters: p }) => [reduce(a, p.axes, p.keepDimensions, 0, (x, y) => x + y)],
  reduceMax: ([a], { parameters: p }) => [reduce(a, p.axes, p.keepDimensions, -Infinity, Math.max)],
  reshape: ([a], { parameters: p }) => [{ shape: p.shape, data: a.data }],
  transpose: ([a], { parameters: p }) => [transpose(a, p.permutation)],
  broadcast: ([a], { parameters: p }) => [tensor(p.shape, (i) => at(a, coordinates(i, p.shape)))],
  slice: ([a], { outputs: [y], parameters: p }) => [
    tensor(y.shape, (i) => at(a, coordinates(i, y.shape).map((c, axis) => (axis === p.axis ? c + p.start : c)))),
  ],
  concatenate: (inputs, { outputs: [y], parameters: { axis } }) => [
    tensor(y.shape, (i) => {
      const where = coordinates(i, y.shape)
      let part = 0
      while (where[axis] >= inputs[part].shape[axis]) where[axis] -= inputs[part++].shape[axis]
      return at(inputs[part], where)
    }),
  ],
  pad: ([a], { outputs: [y], parameters: p }) => [
    tensor(y.shape, (i) => {
      const where = coordinates(i, y.shape)
      where[p.axis] -= p.before
      return where[p.axis] < 0 || where[p.axis] >= a.shape[p.axis] ? 0 : at(a, where)
    }),
  ],
  gatherRows: ([table, ids], { outputs: [y] }) => [tensor(y.shape, (i) => at(table, [ids.data[Math.floor(i / y.shape[1])], i % y.shape[1]]))],
  scatterAddRows: ([base, ids, updates]) => {
    const width = base.shape[1]
    const data = base.data.slice()
    updates.data.forEach((x, i) => (data[ids.data[Math.floor(i / width)] * width + (i % width)] += x))
    return [{ shape: base.shape, data }]
  },
  pickPerRow: ([values, ids]) => [tensor(ids.shape, (i) => at(values, [i, ids.data[i]]))],
  placePerRow: ([updates, ids], { outputs: [y], parameters: { width } }) => [
    tensor(y.shape, (i) => (ids.data[Math.floor(i / width)] === i % width ? updates.data[Math.floor(i / width)] : 0)),
  ],
  softmax: ([a]) => [softmaxRows(a, (x, logSum) => Math.exp(x - logSum))],
  logSoftmax: ([a]) => [softmaxRows(a, (x, logSum) => x - logSum)],
  rmsNorm: ([x, weight], { parameters: { epsilon } }) => {
    const width = x.shape.at(-1)!
    const inverse = tensor([...x.shape.slice(0, -1), 1], (row) => {
      const squares = x.data.subarray(row * width, (row + 1) * width).reduce((sum, value) => sum + value * value, 0)
      return 1 / Math.sqrt(squares / width + epsilon)
    })
    return [tensor(x.shape, (i) => x.data[i] * inverse.data[Math.floor(i / width)] * weight.data[i % width]), inverse]
  },
  rotary: ([x, positions, cos, sin], { parameters: { heads, inverse } }) => {
    const width = x.shape[1]
    const size = width / heads
    const half = size / 2
    return [
      tensor(x.shape, (i) => {
        const place = (i % width) % size
        const angle = positions.data[Math.floor(i / width)] * half + (place % half)
        const [c, s] = [cos.data[angle], inverse ? -sin.data[angle] : sin.data[angle]]
        return place < half ? x.data[i] * c - x.data[i + half] * s : x.data[i] * c + x.data[i - half] * s
      }),
    ]
  },
  customGradient: ([a]) => [a],
  stopGradient: ([a]) => [a],
}

/** The outputs' values, given those of the inputs by name. */
export function interpret(outputs: readonly Value[], feeds: Readonly<Record<string, ArrayLike<number>>>): Tensor[] {
  const values = new Map<Value, Tensor>()
  for (const node of reachable(outputs)) {
    const made = isInput(node)
      ? [tensor(node.parameters.shape, (i) => feeds[node.parameters.name][i])]
      : (rules[node.operation] as Rule<OperationName>)(node.inputs.map((input) => values.get(input)!), node)
    node.outputs.forEach((output, index) => values.set(output, made[index]))
  }
  return outputs.map((output) => values.get(output)!)
}

const isInput = (node: Node): node is Node<'input'> => node.operation === 'input'
