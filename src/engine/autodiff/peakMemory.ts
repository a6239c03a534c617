/** How much memory the values of a graph take at once, found by walking it as it is executed. */
import { reachable } from './graph.ts'
import { elementCount, type Node, type OperationName, type Value } from './representation.ts'
import { optimise } from './rewrite.ts'

export interface GraphMemory {
  /** Bytes of everything computed that is alive at the worst moment. */
  peak: number
  /** Bytes of constants, which stay as long as the program. */
  constants: number
}

const BYTES = { float32: 4, int64: 8, bool: 1 } as const
const bytesOf = ({ element, shape }: Value): number => BYTES[element] * elementCount(shape)

/** The output is the memory of the first input. */
const VIEWS = new Set<OperationName>(['reshape', 'stopGradient', 'customGradient'])
/** The output may take the memory of an input that is needed no more. */
const IN_PLACE = new Set<OperationName>([
  'add',
  'subtract',
  'multiply',
  'divide',
  'negate',
  'exp',
  'log',
  'sqrt',
  'reciprocal',
  'sigmoid',
  'tanh',
  'scatterAddRows',
])

/**
 * Values are let go after their last use. Inputs are not counted, nor are outputs: the caller has their memory.
 */
export function graphMemory(outputs: readonly Value[]): GraphMemory {
  const optimised = optimise(outputs)
  const nodes = executionOrder(optimised)
  const owner = new Map<Value, Value>()
  const ownerOf = (value: Value): Value => owner.get(value) ?? value
  for (const node of nodes) if (VIEWS.has(node.operation)) owner.set(node.outputs[0], ownerOf(node.inputs[0]))

  const lastUse = new Map<Value, Node>()
  for (const node of nodes) for (const input of node.inputs) lastUse.set(ownerOf(input), node)
  const given = new Set(optimised.map(ownerOf))
  const isComputed = (value: Value): boolean =>
    value.node.operation !== 'input' && value.node.operation !== 'constant' && !given.has(value)

  let alive = 0
  let peak = 0
  let constants = 0
  for (const node of nodes) {
    if (node.operation === 'constant') constants += bytesOf(node.outputs[0])
    if (VIEWS.has(node.operation)) continue
    const dying = [...new Set(node.inputs.map(ownerOf))].filter((value) => isComputed(value) && lastUse.get(value) === node)
    const made = node.outputs.filter(isComputed).reduce((sum, output) => sum + bytesOf(output), 0)
    const reused = IN_PLACE.has(node.operation) && dying.some((value) => bytesOf(value) === made) ? made : 0
    peak = Math.max(peak, alive + made - reused)
    alive += made - dying.reduce((sum, value) => sum + bytesOf(value), 0)
    // What nobody reads is let go at once.
    for (const output of node.outputs) if (isComputed(output) && !lastUse.has(output)) alive -= bytesOf(output)
  }
  return { peak, constants }
}

/**
 * onnxruntime's order: depth first from the results, the last one first, and of a node's inputs the one that was made last first
 * (`Graph::ReverseDFSFrom` with nodes compared by index).
 */
function executionOrder(outputs: readonly Value[]): Node[] {
  const all = reachable(outputs)
  const isRead = new Set(all.flatMap((node) => node.inputs.map((input) => input.node)))
  const order: Node[] = []
  const entered = new Set<Node>()
  const stack: { node: Node; leave: boolean }[] = all.filter((node) => !isRead.has(node)).map((node) => ({ node, leave: false }))
  while (stack.length > 0) {
    const { node, leave } = stack.pop()!
    if (leave) {
      order.push(node)
      continue
    }
    if (entered.has(node)) continue
    entered.add(node)
    stack.push({ node, leave: true })
    const inputs = [...new Set(node.inputs.map((input) => input.node))].sort((a, b) => a.id - b.id)
    for (const input of inputs) if (!entered.has(input)) stack.push({ node: input, leave: false })
  }
  return order
}
