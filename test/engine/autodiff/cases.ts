/** One or more small graphs for every primitive: what the tests of gradients and of the lowering go through. */
import * as b from '../../../src/engine/autodiff/build.ts'
import { createGraph } from '../../../src/engine/autodiff/graph.ts'
import type { Graph, OperationName, Shape, Value } from '../../../src/engine/autodiff/representation.ts'
import type { RandomStream } from '../../../src/shared/random.ts'

/** The graph's outputs, and the inputs that are differentiated. */
export interface Built {
  outputs: readonly Value[]
  inputs: readonly Value[]
}

/** Draws its own shapes, so that every run of a case is another one. */
export type Case = (graph: Graph, random: RandomStream) => Built

const size = (random: RandomStream): number => 1 + random.integer(4)
const shapeOf = (random: RandomStream, rank: number): number[] => Array.from({ length: rank }, () => size(random))

/** The same shape with some axes of size 1, or fewer axes: what broadcasts to it. */
function narrower(shape: Shape, random: RandomStream): number[] {
  return shape.map((length) => (random.chance(0.3) ? 1 : length)).slice(random.integer(shape.length + 1))
}

const unary =
  (f: (x: Value) => Value): Case =>
  (graph, random) => {
    const x = graph.input('x', shapeOf(random, 1 + random.integer(3)))
    return { outputs: [f(x)], inputs: [x] }
  }

const binary =
  (f: (x: Value, y: Value) => Value): Case =>
  (graph, random) => {
    const shape = shapeOf(random, 1 + random.integer(3))
    const x = graph.input('x', shape)
    const y = graph.input('y', narrower(shape, random))
    return { outputs: random.chance(0.5) ? [f(x, y)] : [f(y, x)], inputs: [x, y] }
  }

const ids = (graph: Graph, count: number, limit: number, random: RandomStream): Value =>
  graph.integers(Array.from({ length: count }, () => random.integer(limit)))

/** Positive inputs, for the logarithm and its like. */
const positive = (x: Value): Value => b.add(b.multiply(x, x), 0.5)

function productCase(add: boolean): Case {
  return (graph, random) => {
    const [m, k, n] = [size(random), size(random), size(random)]
    const options = { transposeA: random.chance(0.5), transposeB: random.chance(0.5), scale: random.chance(0.5) ? 1 : 0.7 }
    const batch = add ? [] : shapeOf(random, random.integer(3))
    const left = graph.input('a', [...narrowBatch(batch, random), ...(options.transposeA ? [k, m] : [m, k])])
    const right = graph.input('b', [...batch, ...(options.transposeB ? [n, k] : [k, n])])
    if (!add) return { outputs: [b.matmul(left, right, options)], inputs: [left, right] }
    const addend = graph.input('c', [m, n])
    return { outputs: graph.apply('matmulAdd', [left, right, addend], options), inputs: [left, right, addend] }
  }
}

const narrowBatch = (batch: Shape, random: RandomStream): number[] => batch.map((length) => (random.chance(0.2) ? 1 : length))

const reduction =
  (f: (x: Value, axes: readonly number[], keep: boolean) => Value): Case =>
  (graph, random) => {
    const x = graph.input('x', shapeOf(random, 1 + random.integer(3)))
    const axes = x.shape.map((_, axis) => axis).filter(() => random.chance(0.6))
    return { outputs: [f(x, axes.length > 0 ? axes : [0], random.chance(0.5))], inputs: [x] }
  }

const comparison =
  (f: (x: Value, y: Value) => Value): Case =>
  (graph, random) => {
    const built = binary((x, y) => b.add(b.cast(f(x, y), 'float32'), b.multiply(x, y)))(graph, random)
    return built
  }

export const cases: { readonly [Name in OperationName]: Case } = {
  input: unary((x) => b.multiply(x, 2)),
  constant: unary((x) => b.multiply(x, x.node.graph.constant(Float32Array.of(1.5, -2), [2, ...x.shape.map(() => 1)]))),
  add: binary(b.add),
  subtract: binary(b.subtract),
  multiply: binary(b.multiply),
  divide: binary((x, y) => b.divide(x, positive(y))),
  minimum: binary(b.minimum),
  maximum: binary(b.maximum),
  greater: comparison(b.greater),
  greaterOrEqual: comparison(b.greaterOrEqual),
  equal: comparison(b.equal),
  where: binary((x, y) => b.where(b.greater(x, 0), b.multiply(x, 3), y)),
  negate: unary(b.negate),
  exp: unary(b.exp),
  log: unary((x) => b.log(positive(x))),
  sqrt: unary((x) => b.sqrt(positive(x))),
  reciprocal: unary((x) => b.reciprocal(positive(x))),
  sigmoid: unary(b.sigmoid),
  tanh: unary(b.tanh),
  silu: unary(b.silu),
  cast: unary((x) => b.multiply(b.cast(b.cast(x, 'bool'), 'float32'), x)),
  matmul: productCase(false),
  matmulAdd: productCase(true),
  headScores: (graph, random) => {
    const [queries, keys, batch, heads, width] = Array.from({ length: 5 }, () => size(random))
    const q = graph.input('q', [queries, batch, heads, width])
    const k = graph.input('k', [keys, batch, heads, width])
    return { outputs: [b.headScores(q, k, 0.6)], inputs: [q, k] }
  },
  headMix: (graph, random) => {
    const [queries, keys, batch, heads, width] = Array.from({ length: 5 }, () => size(random))
    const transposeA = random.chance(0.5)
    const w = graph.input('w', transposeA ? [batch, heads, keys, queries] : [batch, heads, queries, keys])
    const v = graph.input('v', [keys, batch, heads, width])
    return { outputs: [b.headMix(w, v, { transposeA, scale: 1.3 })], inputs: [w, v] }
  },
  reduceSum: reduction(b.sum),
  reduceMax: reduction(b.max),
  reshape: unary((x) => b.reshape(x, [x.shape.reduce((product, length) => product * length, 1), 1])),
  transpose: (graph, random) => {
    const x = graph.input('x', shapeOf(random, 1 + random.integer(4)))
    return { outputs: [b.transpose(x, random.shuffle(x.shape.map((_, axis) => axis)))], inputs: [x] }
  },
  broadcast: (graph, random) => {
    const shape = shapeOf(random, 3)
    const x = graph.input('x', narrower(shape, random))
    return { outputs: [b.broadcast(x, shape)], inputs: [x] }
  },
  slice: (graph, random) => {
    const x = graph.input('x', shapeOf(random, 2).map((length) => length + 1))
    const axis = random.integer(2)
    const start = random.integer(x.shape[axis])
    return { outputs: [b.slice(x, axis, start, start + 1 + random.integer(x.shape[axis] - start))], inputs: [x] }
  },
  concatenate: (graph, random) => {
    const shape = shapeOf(random, 2)
    const axis = random.integer(2)
    const inputs = ['x', 'y', 'z'].map((name) => graph.input(name, shape.with(axis, size(random))))
    return { outputs: [b.concatenate(inputs, axis)], inputs }
  },
  pad: (graph, random) => {
    const x = graph.input('x', shapeOf(random, 2))
    return { outputs: [b.pad(x, random.integer(2), random.integer(3), 1 + random.integer(2))], inputs: [x] }
  },
  gatherRows: (graph, random) => {
    const [rows, width, count] = shapeOf(random, 3)
    const table = graph.input('table', [rows, width])
    return { outputs: [b.gatherRows(table, ids(graph, count + 2, rows, random))], inputs: [table] }
  },
  scatterAddRows: (graph, random) => {
    const [rows, width, count] = shapeOf(random, 3)
    const base = graph.input('base', [rows, width])
    const updates = graph.input('updates', [count + 2, width])
    return { outputs: [b.scatterAddRows(base, ids(graph, count + 2, rows, random), updates)], inputs: [base, updates] }
  },
  pickPerRow: (graph, random) => {
    const [count, width] = shapeOf(random, 2)
    const values = graph.input('values', [count, width])
    return { outputs: [b.pickPerRow(values, ids(graph, count, width, random))], inputs: [values] }
  },
  placePerRow: (graph, random) => {
    const [count, width] = shapeOf(random, 2)
    const updates = graph.input('updates', [count])
    return { outputs: [b.placePerRow(updates, ids(graph, count, width, random), width)], inputs: [updates] }
  },
  softmax: unary(b.softmax),
  logSoftmax: unary(b.logSoftmax),
  rmsNorm: (graph, random) => {
    const x = graph.input('x', shapeOf(random, 2).map((length) => length + 1))
    const weight = graph.input('w', [x.shape[1]])
    return { outputs: [...b.rmsNorm(x, weight, 0.1)], inputs: [x, weight] }
  },
  rotary: (graph, random) => {
    const [tokens, heads, half] = shapeOf(random, 3)
    // onnxruntime reads tables of angles; any numbers do for the algebra.
    const table = (name: string): Value => b.stopGradient(graph.input(name, [6, half]))
    const x = graph.input('x', [tokens, heads * half * 2])
    const tables = { cos: table('cos'), sin: table('sin') }
    return { outputs: [b.rotary(x, ids(graph, tokens, 6, random), tables, heads, random.chance(0.5))], inputs: [x] }
  },
  // The gradient by hand is the true one, of x y.
  customGradient: binary((x, y) => {
    const product = b.multiply(b.stopGradient(x), b.stopGradient(y))
    return b.customGradient(product, [b.broadcast(x, product.shape), b.broadcast(y, product.shape)], (g) => [b.multiply(g, y), b.multiply(g, x)])
  }),
  stopGradient: unary((x) => b.multiply(b.stopGradient(b.sigmoid(x.node.graph.scalar(0.3))), x)),
}

export function buildCase(name: OperationName, random: RandomStream): Built {
  return cases[name](createGraph(), random)
}

/** Numbers for every input of the graph, away from kinks and ties. */
export function feedsFor(inputs: readonly Value[], random: RandomStream): Record<string, Float64Array> {
  return Object.fromEntries(
    inputs.map(({ node, shape }) => {
      const name = 'name' in node.parameters ? node.parameters.name : ''
      return [name, Float64Array.from({ length: shape.reduce((product, length) => product * length, 1) }, () => random.normal())]
    }),
  )
}
