/** The intermediate representation: what a graph of statically shaped primitives consists of. Types only, but for its error. */

export type ElementType = 'float32' | 'int64' | 'bool'
export type ConstantData = Float32Array | BigInt64Array | Uint8Array
export type Shape = readonly number[]

export interface ValueType {
  readonly element: ElementType
  /** Every dimension is known; a scalar has the empty shape. */
  readonly shape: Shape
}

/** One output of one node. Identity is object identity. */
export interface Value extends ValueType {
  readonly node: Node
  readonly index: number
}

/** One application of a primitive. Nodes are created after their inputs, so the order of ids is topological. */
export interface Node<Name extends OperationName = OperationName> {
  readonly graph: Graph
  readonly id: number
  readonly operation: Name
  readonly inputs: readonly Value[]
  readonly parameters: OperationParameters[Name]
  readonly outputs: readonly Value[]
}

/** Owns its nodes. Values of different graphs do not mix. */
export interface Graph {
  readonly nodes: readonly Node[]
  /** Adds one node; shapes and element types are inferred and checked (`GraphError`). */
  apply<Name extends OperationName>(operation: Name, inputs: readonly Value[], parameters: OperationParameters[Name]): readonly Value[]
  /** A named value that is given at each run. */
  input(name: string, shape: Shape, element?: ElementType, varyingAxis?: number | null): Value
  /** A value that is fixed when the graph is built. */
  constant(data: ConstantData, shape: Shape): Value
  scalar(value: number): Value
  integers(values: readonly number[], shape?: Shape): Value
}

export class GraphError extends Error {
  override readonly name = 'GraphError'
}

type None = Record<never, never>

/** Cotangents of the inputs of a `customGradient`, given the cotangent of its value; null for "no gradient". */
export type CustomVjp = (cotangent: Value) => readonly (Value | null)[]

export interface OperationParameters {
  /**
   * Given at each run. Along `varyingAxis` a run may give fewer entries than the shape says, as long as everything that
   * follows works along that axis at any length (elementwise, products, reductions, slices to its end).
   */
  input: { name: string; element: ElementType; shape: Shape; varyingAxis: number | null }
  constant: { data: ConstantData; shape: Shape }
  /** Elementwise with numpy broadcasting. */
  add: None
  subtract: None
  multiply: None
  divide: None
  minimum: None
  maximum: None
  greater: None
  greaterOrEqual: None
  equal: None
  /** where(condition, a, b), broadcasting. */
  where: None
  negate: None
  exp: None
  log: None
  sqrt: None
  reciprocal: None
  sigmoid: None
  tanh: None
  /** x * sigmoid(x). */
  silu: None
  cast: { element: ElementType }
  /** Last two axes; other axes broadcast. The product is multiplied by `scale`. */
  matmul: { transposeA: boolean; transposeB: boolean; scale: number }
  /**
   * Products of per-head matrices in the layout [time, batch, head, size]: a and b are read as [batch, head, time, size]
   * without being copied. `b` is transposed for `scores`; `a` is [batch, head, time, keyTime] for `mix`.
   */
  headScores: { scale: number }
  headMix: { transposeA: boolean; scale: number }
  /** a b + c for matrices: what `add(c, matmul(a, b))` is fused to. */
  matmulAdd: { transposeA: boolean; transposeB: boolean; scale: number }
  reduceSum: { axes: Shape; keepDimensions: boolean }
  reduceMax: { axes: Shape; keepDimensions: boolean }
  reshape: { shape: Shape }
  transpose: { permutation: Shape }
  broadcast: { shape: Shape }
  slice: { axis: number; start: number; end: number }
  concatenate: { axis: number }
  /** Zeros before and after along one axis. */
  pad: { axis: number; before: number; after: number }
  /** rows of table [rows, width] at ids [n] -> [n, width]. */
  gatherRows: None
  /** base [rows, width] with updates [n, width] added at ids [n]; repeated ids add up, in order. */
  scatterAddRows: None
  /** values [n, width] at ids [n] -> [n]. */
  pickPerRow: None
  /** updates [n] put into zeros [n, width] at ids [n]. */
  placePerRow: { width: number }
  /** Along the last axis. */
  softmax: None
  logSoftmax: None
  /** x / sqrt(mean(x^2) + epsilon) along the last axis, times weight [width]; second output: 1 / sqrt(...), last axis 1. */
  rmsNorm: { epsilon: number }
  /** Rotary embedding of [n, heads * size] at positions [n], tables [length, size / 2]; `inverse` turns back. */
  rotary: { heads: number; inverse: boolean }
  /** The first input as it is; its gradient is `vjp`, given to the other inputs. */
  customGradient: { vjp: CustomVjp }
  /** The input as it is, constant for differentiation. */
  stopGradient: None
}

export type OperationName = keyof OperationParameters

export function isOperation<Name extends OperationName>(node: Node, name: Name): node is Node<Name> {
  return node.operation === name
}

export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1)
}
