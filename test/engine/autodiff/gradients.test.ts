import { describe, expect, it } from 'vitest'
import { add, multiply, sum } from '../../../src/engine/autodiff/build.ts'
import { createGraph, reachable } from '../../../src/engine/autodiff/graph.ts'
import { differentiate } from '../../../src/engine/autodiff/reverse.ts'
import { isOperation, type OperationName, type Value } from '../../../src/engine/autodiff/representation.ts'
import { RandomStream } from '../../../src/shared/random.ts'
import { buildCase, cases, feedsFor } from './cases.ts'
import { interpret } from './interpret.ts'

/** A scalar that depends on every entry of every output in its own way. */
function probe(outputs: readonly Value[], random: RandomStream): Value {
  return outputs
    .map((output) => {
      const weights = Float32Array.from({ length: output.shape.reduce((product, size) => product * size, 1) }, () => random.normal())
      return sum(multiply(output, output.node.graph.constant(weights, output.shape)))
    })
    .reduce(add)
}

const graphInputs = (values: readonly Value[]): Value[] =>
  reachable(values).flatMap((node) => (isOperation(node, 'input') ? [node.outputs[0]] : []))

describe.each(Object.keys(cases) as OperationName[])('%s', (name) => {
  it('has the gradient that finite differences give, over random shapes', () => {
    for (let round = 0; round < 12; round++) {
      const random = new RandomStream(round, ['gradient', name])
      const { outputs, inputs } = buildCase(name, random)
      const loss = probe(outputs, random)
      const feeds = feedsFor(graphInputs([loss]), random)
      const gradients = differentiate(loss, inputs)
      inputs.forEach((input, which) => {
        const inputName = isOperation(input.node, 'input') ? input.node.parameters.name : ''
        const gradient = gradients[which] === null ? null : interpret([gradients[which]], feeds)[0].data
        feeds[inputName].forEach((x, i) => {
          const lossAt = (shift: number): number =>
            interpret([loss], { ...feeds, [inputName]: feeds[inputName].with(i, x + shift) })[0].data[0]
          const step = 1e-5
          const slope = (lossAt(step) - lossAt(-step)) / (2 * step)
          expect(Math.abs((gradient?.[i] ?? 0) - slope), `${inputName}[${i}], round ${round}`).toBeLessThan(1e-6 * Math.max(1, Math.abs(slope)))
        })
      })
    }
  })
})

describe('differentiate', () => {
  it('adds up what flows back along several paths', () => {
    const graph = createGraph()
    const x = graph.input('x', [])
    const y = add(multiply(x, x), multiply(3, x))
    const [gradient] = differentiate(add(y, multiply(y, x)), [x])
    // y = x^2 + 3x, y + xy = x^3 + 4x^2 + 3x
    expect(interpret([gradient!], { x: [2] })[0].data[0]).toBeCloseTo(3 * 4 + 8 * 2 + 3)
  })

  it('gives null for a value that the loss does not depend on', () => {
    const graph = createGraph()
    const x = graph.input('x', [2])
    expect(differentiate(sum(x), [graph.input('y', [2])])).toEqual([null])
  })

  it('differentiates with respect to a value in the middle of the graph', () => {
    const graph = createGraph()
    const x = graph.input('x', [])
    const y = multiply(x, x)
    const [gradient] = differentiate(multiply(y, y), [y])
    expect(interpret([gradient!], { x: [3] })[0].data[0]).toBeCloseTo(18)
  })

  it('refuses a loss that is not a scalar', () => {
    const x = createGraph().input('x', [2])
    expect(() => differentiate(x, [x])).toThrow('the loss must be a scalar, not [2]')
  })
})
