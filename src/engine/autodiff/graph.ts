/** Builds graphs node by node. */
import {
  GraphError,
  type ConstantData,
  type ElementType,
  type Graph,
  type Node,
  type OperationName,
  type OperationParameters,
  type Shape,
  type Value,
} from './representation.ts'
import { inferShapes } from './shapes.ts'

class GrowingGraph implements Graph {
  readonly nodes: Node[] = []

  apply<Name extends OperationName>(operation: Name, inputs: readonly Value[], parameters: OperationParameters[Name]): readonly Value[] {
    if (inputs.some((input) => input.node.graph !== this)) {
      throw new GraphError(`${operation}: an input belongs to another graph`)
    }
    const types = inferShapes(operation, inputs, parameters)
    const outputs: Value[] = []
    const node: Node<Name> = { graph: this, id: this.nodes.length, operation, inputs, parameters, outputs }
    types.forEach((type, index) => outputs.push({ ...type, node, index }))
    this.nodes.push(node)
    return outputs
  }

  input(name: string, shape: Shape, element: ElementType = 'float32', varyingAxis: number | null = null): Value {
    return this.apply('input', [], { name, element, shape, varyingAxis })[0]
  }

  constant(data: ConstantData, shape: Shape): Value {
    return this.apply('constant', [], { data, shape })[0]
  }

  scalar(value: number): Value {
    return this.constant(Float32Array.of(value), [])
  }

  integers(values: readonly number[], shape: Shape = [values.length]): Value {
    return this.constant(BigInt64Array.from(values, BigInt), shape)
  }
}

export function createGraph(): Graph {
  return new GrowingGraph()
}

/** The nodes that `outputs` depend on, inputs before users. */
export function reachable(outputs: readonly Value[]): Node[] {
  const seen = new Set<Node>()
  const pending = outputs.map((output) => output.node)
  while (pending.length > 0) {
    const node = pending.pop()!
    if (seen.has(node)) continue
    seen.add(node)
    for (const input of node.inputs) pending.push(input.node)
  }
  return [...seen].sort((a, b) => a.id - b.id)
}
