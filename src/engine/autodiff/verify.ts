/** Checks that a graph is what the rest of the engine may rely on; run between passes. */
import { reachable } from './graph.ts'
import { GraphError, isOperation, type Value } from './representation.ts'
import { inferShapes } from './shapes.ts'

/** Throws `GraphError` on a use before its definition, a type that is not what the operation gives, or an input name used twice. */
export function verifyGraph(outputs: readonly Value[]): void {
  const names = new Map<string, number>()
  for (const node of reachable(outputs)) {
    for (const input of node.inputs) {
      if (input.node.id >= node.id) throw new GraphError(`node ${node.id} (${node.operation}) uses node ${input.node.id} before it is defined`)
      if (input.node.outputs[input.index] !== input) throw new GraphError(`node ${node.id} (${node.operation}) uses an output that does not exist`)
    }
    const types = inferShapes(node.operation, node.inputs, node.parameters)
    types.forEach((type, index) => {
      const output = node.outputs[index]
      if (output.element !== type.element || output.shape.join() !== type.shape.join()) {
        throw new GraphError(`node ${node.id} (${node.operation}) claims ${output.element}[${output.shape}], gives ${type.element}[${type.shape}]`)
      }
    })
    if (isOperation(node, 'input')) {
      const { name } = node.parameters
      if (names.has(name)) throw new GraphError(`input "${name}" is declared by nodes ${names.get(name)} and ${node.id}`)
      names.set(name, node.id)
    }
  }
}
