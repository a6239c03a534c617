/** A graph as text, one node a line, for people and for tests that compare rewrites. */
import { reachable } from './graph.ts'
import type { Node, Value } from './representation.ts'

const showParameter = (value: unknown): string => {
  if (typeof value === 'function') return 'ƒ'
  if (ArrayBuffer.isView(value)) return summarise(Array.from(value as Float32Array | BigInt64Array | Uint8Array, Number))
  return JSON.stringify(value)
}

const summarise = (numbers: readonly number[]): string =>
  numbers.length > 6 ? `[${numbers.slice(0, 4).join(', ')}, … ${numbers.length}]` : `[${numbers.join(', ')}]`

/** For example `%3 = matmul(%0, %2) {transposeA: false, …} : float32[4, 8]`; ids count from zero in printing order. */
export function printGraph(outputs: readonly Value[]): string {
  const names = new Map<Node, number>()
  const name = (value: Value): string => `%${names.get(value.node)}${value.node.outputs.length > 1 ? `.${value.index}` : ''}`
  const lines = reachable(outputs).map((node) => {
    names.set(node, names.size)
    const given = Object.entries(node.parameters).filter(([, value]) => value !== null)
    const parameters = given.map(([key, value]) => `${key}: ${showParameter(value)}`)
    const types = node.outputs.map((output) => `${output.element}[${output.shape.join(', ')}]`)
    const inputs = node.inputs.map(name).join(', ')
    const braces = parameters.length > 0 ? ` {${parameters.join(', ')}}` : ''
    return `%${names.get(node)} = ${node.operation}(${inputs})${braces} : ${types.join(', ')}`
  })
  return [...lines, `return ${outputs.map(name).join(', ')}`].join('\n')
}
