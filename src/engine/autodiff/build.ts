/** Functions that add nodes to a graph: the vocabulary in which models and losses are written. */
import type { CustomVjp, ElementType, Value } from './representation.ts'

/** A value, or a number that becomes a scalar constant of the same graph. */
export type Operand = Value | number

const lift = (operand: Operand, like: Value): Value =>
  typeof operand === 'number' ? like.node.graph.scalar(operand) : operand

function pair(a: Operand, b: Operand): [Value, Value] {
  if (typeof a !== 'number') return [a, lift(b, a)]
  if (typeof b !== 'number') return [lift(a, b), b]
  throw new TypeError('at least one operand must be a value')
}

type Elementwise = 'add' | 'subtract' | 'multiply' | 'divide' | 'minimum' | 'maximum' | 'greater' | 'greaterOrEqual' | 'equal'

const binary =
  (operation: Elementwise) =>
  (a: Operand, b: Operand): Value => {
    const inputs = pair(a, b)
    return inputs[0].node.graph.apply(operation, inputs, {})[0]
  }

type Unary = 'negate' | 'exp' | 'log' | 'sqrt' | 'reciprocal' | 'sigmoid' | 'tanh' | 'silu' | 'softmax' | 'logSoftmax' | 'stopGradient'

const unary =
  (operation: Unary) =>
  (a: Value): Value =>
    a.node.graph.apply(operation, [a], {})[0]

export const add = binary('add')
export const subtract = binary('subtract')
export const multiply = binary('multiply')
export const divide = binary('divide')
export const minimum = binary('minimum')
export const maximum = binary('maximum')
export const greater = binary('greater')
export const greaterOrEqual = binary('greaterOrEqual')
export const equal = binary('equal')
export const negate = unary('negate')
export const exp = unary('exp')
export const log = unary('log')
export const sqrt = unary('sqrt')
export const reciprocal = unary('reciprocal')
export const sigmoid = unary('sigmoid')
export const tanh = unary('tanh')
export const silu = unary('silu')
/** Along the last axis. */
export const softmax = unary('softmax')
/** Along the last axis. */
export const logSoftmax = unary('logSoftmax')
export const stopGradient = unary('stopGradient')

export function where(condition: Value, a: Operand, b: Operand): Value {
  return condition.node.graph.apply('where', [condition, lift(a, condition), lift(b, condition)], {})[0]
}

export function cast(a: Value, element: ElementType): Value {
  return a.element === element ? a : a.node.graph.apply('cast', [a], { element })[0]
}

export interface MatmulOptions {
  transposeA?: boolean
  transposeB?: boolean
  /** Factor of the product; 1 unless told. */
  scale?: number
}

export function matmul(a: Value, b: Value, options: MatmulOptions = {}): Value {
  const { transposeA = false, transposeB = false, scale = 1 } = options
  return a.node.graph.apply('matmul', [a, b], { transposeA, transposeB, scale })[0]
}

/** x W^T: x [n, in], weight [out, in] as Hugging Face stores it -> [n, out]. */
export function linear(x: Value, weight: Value): Value {
  return matmul(x, weight, { transposeB: true })
}

/** q [queryTime, batch, heads, size], k [keyTime, batch, heads, size] -> scale * q k^T [batch, heads, queryTime, keyTime]. */
export function headScores(q: Value, k: Value, scale: number): Value {
  return q.node.graph.apply('headScores', [q, k], { scale })[0]
}

/** scale * weights v: weights [batch, heads, queryTime, keyTime] (or transposed), v [keyTime, batch, heads, size] -> [queryTime, batch, heads, size]. */
export function headMix(weights: Value, v: Value, options: { transposeA?: boolean; scale?: number } = {}): Value {
  const { transposeA = false, scale = 1 } = options
  return weights.node.graph.apply('headMix', [weights, v], { transposeA, scale })[0]
}

export function sum(a: Value, axes: readonly number[] = a.shape.map((_, axis) => axis), keepDimensions = false): Value {
  return axes.length === 0 ? a : a.node.graph.apply('reduceSum', [a], { axes, keepDimensions })[0]
}

export function max(a: Value, axes: readonly number[] = a.shape.map((_, axis) => axis), keepDimensions = false): Value {
  return axes.length === 0 ? a : a.node.graph.apply('reduceMax', [a], { axes, keepDimensions })[0]
}

export function mean(a: Value, axes: readonly number[] = a.shape.map((_, axis) => axis), keepDimensions = false): Value {
  const size = axes.reduce((product, axis) => product * a.shape[axis], 1)
  return multiply(sum(a, axes, keepDimensions), 1 / size)
}

const equalShapes = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis])

export function reshape(a: Value, shape: readonly number[]): Value {
  return equalShapes(a.shape, shape) ? a : a.node.graph.apply('reshape', [a], { shape })[0]
}

export function transpose(a: Value, permutation: readonly number[]): Value {
  return a.node.graph.apply('transpose', [a], { permutation })[0]
}

export function broadcast(a: Value, shape: readonly number[]): Value {
  return equalShapes(a.shape, shape) ? a : a.node.graph.apply('broadcast', [a], { shape })[0]
}

export function slice(a: Value, axis: number, start: number, end: number): Value {
  return start === 0 && end === a.shape[axis] ? a : a.node.graph.apply('slice', [a], { axis, start, end })[0]
}

export function concatenate(values: readonly Value[], axis: number): Value {
  return values.length === 1 ? values[0] : values[0].node.graph.apply('concatenate', values, { axis })[0]
}

export function pad(a: Value, axis: number, before: number, after: number): Value {
  return before === 0 && after === 0 ? a : a.node.graph.apply('pad', [a], { axis, before, after })[0]
}

/** table [rows, width], ids [n] -> [n, width]. */
export function gatherRows(table: Value, ids: Value): Value {
  return table.node.graph.apply('gatherRows', [table, ids], {})[0]
}

/** base [rows, width] + updates [n, width] at rows ids [n]. */
export function scatterAddRows(base: Value, ids: Value, updates: Value): Value {
  return base.node.graph.apply('scatterAddRows', [base, ids, updates], {})[0]
}

/** values [n, width], ids [n] -> values[i, ids[i]] [n]. */
export function pickPerRow(values: Value, ids: Value): Value {
  return values.node.graph.apply('pickPerRow', [values, ids], {})[0]
}

/** zeros [n, width] with updates [n] at [i, ids[i]]. */
export function placePerRow(updates: Value, ids: Value, width: number): Value {
  return updates.node.graph.apply('placePerRow', [updates, ids], { width })[0]
}

/** Root-mean-square normalisation along the last axis -> [normalised, 1 / root mean square (last axis 1)]. */
export function rmsNorm(x: Value, weight: Value, epsilon: number): readonly [Value, Value] {
  const [normalised, inverse] = x.node.graph.apply('rmsNorm', [x, weight], { epsilon })
  return [normalised, inverse]
}

export interface RotaryTables {
  /** [length, headSize / 2] */
  cos: Value
  /** [length, headSize / 2] */
  sin: Value
}

/** x [n, heads * size] rotated by its position [n]; halves of a head form the pairs ("rotate_half"). */
export function rotary(x: Value, positions: Value, tables: RotaryTables, heads: number, inverse = false): Value {
  return x.node.graph.apply('rotary', [x, positions, tables.cos, tables.sin], { heads, inverse })[0]
}

/** `value` as it is, with a gradient written by hand: `vjp` maps its cotangent to those of `inputs`. */
export function customGradient(value: Value, inputs: readonly Value[], vjp: CustomVjp): Value {
  return value.node.graph.apply('customGradient', [value, ...inputs], { vjp })[0]
}

/**
 * x as it is, but computed only once `earlier` is: an order that saves memory, and that the runtime would not choose by itself. Both are
 * float32 of any shape; no gradient flows to `earlier`.
 */
export function after(x: Value, earlier: Value): Value {
  const first = earlier.shape.reduce<Value>((value, _, axis) => slice(value, axis, 0, 1), stopGradient(earlier))
  return add(x, reshape(multiply(first, 0), x.shape.map(() => 1)))
}
