/** The shape and element type of every primitive's outputs, and the checks of its inputs. */
import {
  elementCount,
  GraphError,
  type ElementType,
  type OperationName,
  type OperationParameters,
  type Shape,
  type Value,
  type ValueType,
} from './representation.ts'

function fail(operation: OperationName, problem: string): never {
  throw new GraphError(`${operation}: ${problem}`)
}

const show = (value: ValueType): string => `${value.element}[${value.shape.join(', ')}]`

/** Numpy's broadcasting of two shapes. */
export function broadcastShapes(a: Shape, b: Shape): Shape | null {
  const rank = Math.max(a.length, b.length)
  const shape: number[] = []
  for (let axis = 0; axis < rank; axis++) {
    const sizeA = a[axis - rank + a.length] ?? 1
    const sizeB = b[axis - rank + b.length] ?? 1
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1) return null
    shape.push(sizeA === 1 ? sizeB : sizeA)
  }
  return shape
}

type Inference<Name extends OperationName> = (
  inputs: readonly Value[],
  parameters: OperationParameters[Name],
) => readonly ValueType[]

const float = (shape: Shape): readonly ValueType[] => [{ element: 'float32', shape }]

function elementwise(operation: OperationName, result?: ElementType) {
  return ([a, b]: readonly Value[]): readonly ValueType[] => {
    const shape = broadcastShapes(a.shape, b.shape)
    if (shape === null || a.element !== b.element) fail(operation, `cannot combine ${show(a)} with ${show(b)}`)
    return [{ element: result ?? a.element, shape }]
  }
}

const same = ([a]: readonly Value[]): readonly ValueType[] => [{ element: a.element, shape: a.shape }]

function reduced(operation: OperationName) {
  return ([a]: readonly Value[], { axes, keepDimensions }: OperationParameters['reduceSum']): readonly ValueType[] => {
    if (axes.some((axis) => axis < 0 || axis >= a.shape.length)) fail(operation, `axes ${axes} of ${show(a)}`)
    const shape = a.shape.flatMap((size, axis) => (axes.includes(axis) ? (keepDimensions ? [1] : []) : [size]))
    return [{ element: a.element, shape }]
  }
}

const inference: { [Name in OperationName]: Inference<Name> } = {
  input: (_, { element, shape }) => [{ element, shape }],
  constant: (_, { data, shape }) => {
    if (data.length !== elementCount(shape)) fail('constant', `${data.length} elements for shape [${shape}]`)
    const element = data instanceof Float32Array ? 'float32' : data instanceof BigInt64Array ? 'int64' : 'bool'
    return [{ element, shape }]
  },
  add: elementwise('add'),
  subtract: elementwise('subtract'),
  multiply: elementwise('multiply'),
  divide: elementwise('divide'),
  minimum: elementwise('minimum'),
  maximum: elementwise('maximum'),
  greater: elementwise('greater', 'bool'),
  greaterOrEqual: elementwise('greaterOrEqual', 'bool'),
  equal: elementwise('equal', 'bool'),
  where: ([condition, a, b]) => {
    const inner = broadcastShapes(a.shape, b.shape)
    const shape = inner && broadcastShapes(condition.shape, inner)
    if (shape === null || condition.element !== 'bool' || a.element !== b.element) {
      fail('where', `cannot choose by ${show(condition)} from ${show(a)} and ${show(b)}`)
    }
    return [{ element: a.element, shape }]
  },
  negate: same,
  exp: same,
  log: same,
  sqrt: same,
  reciprocal: same,
  sigmoid: same,
  tanh: same,
  silu: same,
  cast: ([a], { element }) => [{ element, shape: a.shape }],
  matmul: ([a, b], { transposeA, transposeB }) => {
    const [rankA, rankB] = [a.shape.length, b.shape.length]
    if (rankA < 2 || rankB < 2) fail('matmul', `${show(a)} by ${show(b)}`)
    const [rows, innerA] = transposeA ? [a.shape[rankA - 1], a.shape[rankA - 2]] : a.shape.slice(-2)
    const [innerB, columns] = transposeB ? [b.shape[rankB - 1], b.shape[rankB - 2]] : b.shape.slice(-2)
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2))
    if (innerA !== innerB || batch === null) fail('matmul', `${show(a)} by ${show(b)}`)
    return float([...batch, rows, columns])
  },
  matmulAdd: ([a, b, c], parameters) => {
    const [product] = inference.matmul([a, b], parameters)
    if (product.shape.length !== 2 || c.shape.length !== 2 || product.shape.some((size, axis) => size !== c.shape[axis])) {
      fail('matmulAdd', `${show(a)} by ${show(b)} plus ${show(c)}`)
    }
    return [product]
  },
  headScores: ([q, k]) => {
    if (q.shape.length !== 4 || q.shape[1] !== k.shape[1] || q.shape[2] !== k.shape[2] || q.shape[3] !== k.shape[3]) {
      fail('headScores', `${show(q)} by ${show(k)}`)
    }
    return float([q.shape[1], q.shape[2], q.shape[0], k.shape[0]])
  },
  headMix: ([weights, v], { transposeA }) => {
    const [batch, heads, rows, columns] = weights.shape
    const [time, inner] = transposeA ? [columns, rows] : [rows, columns]
    if (v.shape.length !== 4 || v.shape[0] !== inner || v.shape[1] !== batch || v.shape[2] !== heads) {
      fail('headMix', `${show(weights)} by ${show(v)}`)
    }
    return float([time, batch, heads, v.shape[3]])
  },
  reduceSum: reduced('reduceSum'),
  reduceMax: reduced('reduceMax'),
  reshape: ([a], { shape }) => {
    if (elementCount(shape) !== elementCount(a.shape)) fail('reshape', `${show(a)} to [${shape}]`)
    return [{ element: a.element, shape }]
  },
  transpose: ([a], { permutation }) => {
    if ([...permutation].sort((x, y) => x - y).some((axis, index) => axis !== index) || permutation.length !== a.shape.length) {
      fail('transpose', `${show(a)} by [${permutation}]`)
    }
    return [{ element: a.element, shape: permutation.map((axis) => a.shape[axis]) }]
  },
  broadcast: ([a], { shape }) => {
    const result = broadcastShapes(a.shape, shape)
    if (result === null || result.some((size, axis) => size !== shape[axis])) fail('broadcast', `${show(a)} to [${shape}]`)
    return [{ element: a.element, shape }]
  },
  slice: ([a], { axis, start, end }) => {
    if (start < 0 || end > a.shape[axis] || start >= end) fail('slice', `${start}:${end} of axis ${axis} of ${show(a)}`)
    return [{ element: a.element, shape: a.shape.with(axis, end - start) }]
  },
  concatenate: (inputs, { axis }) => {
    const [first, ...rest] = inputs
    if (rest.some((other) => other.shape.some((size, i) => i !== axis && size !== first.shape[i]))) {
      fail('concatenate', inputs.map(show).join(' and '))
    }
    return [{ element: first.element, shape: first.shape.with(axis, inputs.reduce((sum, x) => sum + x.shape[axis], 0)) }]
  },
  pad: ([a], { axis, before, after }) => [{ element: a.element, shape: a.shape.with(axis, a.shape[axis] + before + after) }],
  gatherRows: ([table, ids]) => {
    if (table.shape.length !== 2 || ids.shape.length !== 1 || ids.element !== 'int64') fail('gatherRows', `${show(table)} at ${show(ids)}`)
    return [{ element: table.element, shape: [ids.shape[0], table.shape[1]] }]
  },
  scatterAddRows: ([base, ids, updates]) => {
    if (updates.shape[0] !== ids.shape[0] || updates.shape[1] !== base.shape[1] || ids.element !== 'int64') {
      fail('scatterAddRows', `${show(updates)} into ${show(base)} at ${show(ids)}`)
    }
    return float(base.shape)
  },
  pickPerRow: ([values, ids]) => {
    if (values.shape.length !== 2 || ids.shape.length !== 1 || values.shape[0] !== ids.shape[0] || ids.element !== 'int64') {
      fail('pickPerRow', `${show(values)} at ${show(ids)}`)
    }
    return float(ids.shape)
  },
  placePerRow: ([updates, ids], { width }) => {
    if (updates.shape.length !== 1 || updates.shape[0] !== ids.shape[0]) fail('placePerRow', `${show(updates)} at ${show(ids)}`)
    return float([ids.shape[0], width])
  },
  softmax: same,
  logSoftmax: same,
  rmsNorm: ([x, weight]) => {
    if (weight.shape.length !== 1 || weight.shape[0] !== x.shape.at(-1)) fail('rmsNorm', `${show(x)} with weight ${show(weight)}`)
    return [...float(x.shape), ...float([...x.shape.slice(0, -1), 1])]
  },
  rotary: ([x, positions, cos, sin], { heads }) => {
    const [tokens, width] = x.shape
    const half = width / heads / 2
    if (x.shape.length !== 2 || positions.shape[0] !== tokens || cos.shape[1] !== half || sin.shape[1] !== half) {
      fail('rotary', `${show(x)} in ${heads} heads with tables ${show(cos)}`)
    }
    return float(x.shape)
  },
  customGradient: same,
  stopGradient: same,
}

/** Types of a node's outputs; throws `GraphError` when the inputs do not fit. */
export function inferShapes<Name extends OperationName>(
  operation: Name,
  inputs: readonly Value[],
  parameters: OperationParameters[Name],
): readonly ValueType[] {
  return inference[operation](inputs, parameters)
}
