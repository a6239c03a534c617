/** What an executor makes of a graph, whichever executor it is: the numbers that go in and out, and how to run it. */
import type { ElementType, Shape } from './representation.ts'

/** float32, int64 and bool, in this order. */
export type Data = Float32Array | BigInt64Array | Uint8Array

/** A compiled graph. `run` blocks the thread until the outputs are there. */
export interface Program {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  /** Time spent inside the runtime so far: preparing the program, which lays out fixed weights, and running it. */
  readonly runtimeMs: number
  /**
   * Runs once. Feeds are read in place. An output named in `into` is written there; it may be the memory of an input
   * only where the graph's last use of that input makes the output (an accumulator, a cache).
   */
  run(feeds: Readonly<Record<string, Data>>, into?: Readonly<Record<string, Data>>): Promise<Record<string, Data>>
  release(): Promise<void>
}

/** What an input or output must be. */
export interface Signature {
  element: ElementType
  shape: Shape
  /** The axis along which a run may give fewer entries than `shape` says. */
  varyingAxis: number | null
}

/** The shape with the length that `data` has along the varying axis. */
export function shapeOf(data: Data, { shape, varyingAxis }: Signature): Shape {
  if (varyingAxis === null) return shape
  const others = shape.reduce((product, size, axis) => (axis === varyingAxis ? product : product * size), 1)
  return shape.with(varyingAxis, data.length / others)
}
