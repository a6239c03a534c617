/** Reverse-mode differentiation: one walk from the loss back to the values that are asked for. */
import { add } from './build.ts'
import { vjp } from './gradients.ts'
import { reachable } from './graph.ts'
import { GraphError, type Node, type Value } from './representation.ts'

/**
 * d loss / d value for each of `values`, as new nodes of the same graph. `loss` is a scalar; null stands for a value that the
 * loss does not depend on.
 */
export function differentiate(loss: Value, values: readonly Value[]): readonly (Value | null)[] {
  if (loss.shape.length !== 0) throw new GraphError(`differentiate: the loss must be a scalar, not [${loss.shape}]`)
  return pullBack([loss], [loss.node.graph.scalar(1)], values)
}

/** Cotangents of `values`, given the cotangents of `outputs` (null: none). */
export function pullBack(
  outputs: readonly Value[],
  outputCotangents: readonly Value[],
  values: readonly Value[],
): readonly (Value | null)[] {
  const nodes = reachable(outputs)
  const wanted = dependents(nodes, values)
  const cotangents = new Map<Value, Value>()
  const accumulate = (value: Value, cotangent: Value): void => {
    const before = cotangents.get(value)
    cotangents.set(value, before === undefined ? cotangent : add(before, cotangent))
  }
  outputs.forEach((output, index) => accumulate(output, outputCotangents[index]))
  for (const node of nodes.toReversed()) {
    if (!node.inputs.some((input) => wanted.has(input.node) || values.includes(input))) continue
    const incoming = node.outputs.map((output) => cotangents.get(output) ?? null)
    if (incoming.every((cotangent) => cotangent === null)) continue
    vjp(node, incoming).forEach((cotangent, index) => {
      const input = node.inputs[index]
      if (cotangent !== null && (wanted.has(input.node) || values.includes(input))) accumulate(input, cotangent)
    })
  }
  return values.map((value) => cotangents.get(value) ?? null)
}

/** Nodes whose outputs depend on one of `values`, the nodes of the values included. */
function dependents(nodes: readonly Node[], values: readonly Value[]): Set<Node> {
  const depends = new Set<Node>(values.map((value) => value.node))
  for (const node of nodes) {
    if (node.operation !== 'stopGradient' && node.inputs.some((input) => depends.has(input.node))) depends.add(node)
  }
  return depends
}
