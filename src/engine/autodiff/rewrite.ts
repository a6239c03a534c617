/** Graph-to-graph passes: common subexpressions become one node, and additions join the product or scatter that they follow. */
import { createGraph, reachable } from './graph.ts'
import { isOperation, type Graph, type Node, type OperationName, type OperationParameters, type Value } from './representation.ts'
import { verifyGraph } from './verify.ts'

type Apply = (node: Node, inputs: readonly Value[], graph: Graph) => readonly Value[]

/** Rebuilds the reachable part of a graph, one node at a time, by `apply`. */
function rebuild(outputs: readonly Value[], apply: Apply): readonly Value[] {
  const graph = createGraph()
  const replaced = new Map<Value, Value>()
  const replacement = (value: Value): Value => replaced.get(value)!
  for (const node of reachable(outputs)) {
    const values = apply(node, node.inputs.map(replacement), graph)
    node.outputs.forEach((output, index) => replaced.set(output, values[index]))
  }
  const result = outputs.map(replacement)
  verifyGraph(result)
  return result
}

const copy: Apply = (node, inputs, graph) =>
  graph.apply(node.operation, inputs, node.parameters as OperationParameters[OperationName])

/** After differentiation: gradients written by hand have been taken, so their marks, and stops, are plain values. */
export function dropGradientMarks(outputs: readonly Value[]): readonly Value[] {
  return rebuild(outputs, (node, inputs, graph) =>
    node.operation === 'customGradient' || node.operation === 'stopGradient' ? [inputs[0]] : copy(node, inputs, graph),
  )
}

/** Nodes with the same operation, inputs and parameters become one. Large constants are told apart by identity. */
export function shareSubexpressions(outputs: readonly Value[]): readonly Value[] {
  const known = new Map<string, readonly Value[]>()
  const dataIds = new Map<object, number>()
  const dataKey = (data: ArrayLike<number | bigint> & object): string => {
    if (data.length <= 8) return Array.from(data as ArrayLike<number>, String).join()
    if (!dataIds.has(data)) dataIds.set(data, dataIds.size)
    return `#${dataIds.get(data)}`
  }
  return rebuild(outputs, (node, inputs, graph) => {
    if (node.operation === 'input') return copy(node, inputs, graph)
    const parameters = JSON.stringify(node.parameters, (_, value: unknown) =>
      ArrayBuffer.isView(value) ? `${value.constructor.name}${dataKey(value as Float32Array)}` : value,
    )
    const key = `${node.operation}(${inputs.map((input) => `${input.node.id}.${input.index}`)})${parameters}`
    const values = known.get(key) ?? copy(node, inputs, graph)
    known.set(key, values)
    return values
  })
}

/** c + a b becomes matmulAdd(a, b, c), and c + scatterAddRows(0, …) becomes scatterAddRows(c, …), where the sum is the only use. */
export function fuseAdditions(outputs: readonly Value[]): readonly Value[] {
  const uses = new Map<Value, number>()
  for (const value of [...outputs, ...reachable(outputs).flatMap((node) => node.inputs)]) uses.set(value, (uses.get(value) ?? 0) + 1)
  const absorbed = new Map<Node, Value>()
  for (const node of reachable(outputs)) {
    if (!isOperation(node, 'add')) continue
    // The later of the two is computed when the other is at hand.
    const [first, second] = [...node.inputs].sort((a, b) => b.node.id - a.node.id)
    const fits = (value: Value, other: Value): boolean =>
      uses.get(value) === 1 && absorbs(value.node) && value.shape.join() === other.shape.join()
    if (first === second) continue
    if (fits(first, second)) absorbed.set(node, first)
    else if (fits(second, first)) absorbed.set(node, second)
  }
  return rebuild(outputs, (node, inputs, graph) => {
    const part = absorbed.get(node)
    if (part === undefined) return copy(node, inputs, graph)
    const addend = inputs[node.inputs[0] === part ? 1 : 0]
    const rebuilt = inputs[node.inputs[0] === part ? 0 : 1].node
    if (isOperation(rebuilt, 'matmul')) return graph.apply('matmulAdd', [rebuilt.inputs[0], rebuilt.inputs[1], addend], rebuilt.parameters)
    return graph.apply('scatterAddRows', [addend, rebuilt.inputs[1], rebuilt.inputs[2]], {})
  })
}

function absorbs(node: Node): boolean {
  return (isOperation(node, 'matmul') && node.outputs[0].shape.length === 2) || (isOperation(node, 'scatterAddRows') && isZero(node.inputs[0]))
}

function isZero(value: Value): boolean {
  const { node } = value
  if (isOperation(node, 'broadcast')) return isZero(node.inputs[0])
  return isOperation(node, 'constant') && node.parameters.data.every((entry: number | bigint) => Number(entry) === 0)
}

/** What the lowering expects: no gradient marks, shared subexpressions, fused additions. */
export function optimise(outputs: readonly Value[]): readonly Value[] {
  return fuseAdditions(shareSubexpressions(dropGradientMarks(outputs)))
}
