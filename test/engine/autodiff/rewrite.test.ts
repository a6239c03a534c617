import { describe, expect, it } from 'vitest'
import { add, broadcast, customGradient, exp, gatherRows, linear, matmul, multiply, scatterAddRows, stopGradient, sum } from '../../../src/engine/autodiff/build.ts'
import { createGraph } from '../../../src/engine/autodiff/graph.ts'
import { printGraph } from '../../../src/engine/autodiff/print.ts'
import { dropGradientMarks, fuseAdditions, optimise, shareSubexpressions } from '../../../src/engine/autodiff/rewrite.ts'
import { verifyGraph } from '../../../src/engine/autodiff/verify.ts'

const lines = (...text: string[]): string => text.join('\n')

describe('printGraph', () => {
  it('shows one node a line with its inputs, parameters and type', () => {
    const graph = createGraph()
    const x = graph.input('x', [2, 3])
    expect(printGraph([sum(multiply(x, 2), [1])])).toBe(
      lines(
        '%0 = input() {name: "x", element: "float32", shape: [2,3]} : float32[2, 3]',
        '%1 = constant() {data: [2], shape: []} : float32[]',
        '%2 = multiply(%0, %1) : float32[2, 3]',
        '%3 = reduceSum(%2) {axes: [1], keepDimensions: false} : float32[2]',
        'return %3',
      ),
    )
  })
})

describe('fuseAdditions', () => {
  it('lets a product take the addend that follows it', () => {
    const graph = createGraph()
    const [x, w, c] = [graph.input('x', [4, 3]), graph.input('w', [2, 3]), graph.input('c', [4, 2])]
    const printed = printGraph(fuseAdditions([add(c, linear(x, w))]))
    expect(printed).toContain('matmulAdd(%0, %1, %2)')
    expect(printed).not.toContain(' add(')
  })

  it('leaves a product alone that is used elsewhere too', () => {
    const graph = createGraph()
    const product = matmul(graph.input('a', [2, 2]), graph.input('b', [2, 2]))
    const printed = printGraph(fuseAdditions([add(product, graph.input('c', [2, 2])), exp(product)]))
    expect(printed).not.toContain('matmulAdd')
  })

  it('leaves an addend alone that would have to be broadcast', () => {
    const graph = createGraph()
    const product = matmul(graph.input('a', [2, 2]), graph.input('b', [2, 2]))
    expect(printGraph(fuseAdditions([add(product, graph.input('bias', [2]))]))).not.toContain('matmulAdd')
  })

  it('scatters into the sum so far instead of into zeros', () => {
    const graph = createGraph()
    const total = graph.input('total', [5, 2])
    const zeros = broadcast(graph.scalar(0), [5, 2])
    const scattered = scatterAddRows(zeros, graph.integers([1, 1, 4]), graph.input('updates', [3, 2]))
    const printed = printGraph(fuseAdditions([add(total, scattered)]))
    expect(printed).not.toContain('broadcast')
    expect(printed).not.toContain(' add(')
  })
})

describe('shareSubexpressions', () => {
  it('makes one node of two that compute the same', () => {
    const graph = createGraph()
    const x = graph.input('x', [2])
    const printed = printGraph(shareSubexpressions([add(exp(x), multiply(exp(x), 2))]))
    expect(printed.match(/= exp/g)).toHaveLength(1)
  })

  it('tells apart what differs only in parameters or in data', () => {
    const graph = createGraph()
    const x = graph.input('x', [3, 3])
    const large = (fill: number) => graph.constant(new Float32Array(9).fill(fill), [3, 3])
    const printed = printGraph(shareSubexpressions([sum(x, [0]), sum(x, [1]), add(x, large(1)), add(x, large(2))]))
    expect(printed.match(/= reduceSum/g)).toHaveLength(2)
    expect(printed.match(/= constant/g)).toHaveLength(2)
  })
})

describe('dropGradientMarks', () => {
  it('leaves the plain values', () => {
    const graph = createGraph()
    const x = graph.input('x', [2])
    const marked = customGradient(stopGradient(exp(x)), [x], (g) => [g])
    expect(printGraph(dropGradientMarks([marked]))).toBe(printGraph([exp(createGraph().input('x', [2]))]))
  })
})

describe('optimise', () => {
  it('drops what no output needs', () => {
    const graph = createGraph()
    const x = graph.input('x', [4, 2])
    exp(x)
    expect(printGraph(optimise([gatherRows(x, graph.integers([0]))]))).not.toContain('exp')
  })
})

describe('verifyGraph', () => {
  it('rejects two inputs of one name', () => {
    const graph = createGraph()
    const y = add(graph.input('x', [1]), graph.input('x', [1]))
    expect(() => verifyGraph([y])).toThrow('input "x" is declared by nodes 0 and 1')
  })

  it('rejects a node that claims another shape than its operation gives', () => {
    const graph = createGraph()
    const y = exp(graph.input('x', [2]))
    const forged = { ...y, shape: [3] }
    const node = { ...y.node, outputs: [forged] }
    expect(() => verifyGraph([{ ...forged, node }])).toThrow('claims float32[3], gives float32[2]')
  })
})

describe('shapes', () => {
  it('are checked where a node is made, with the types in the message', () => {
    const graph = createGraph()
    expect(() => matmul(graph.input('a', [2, 3]), graph.input('b', [2, 3]))).toThrow('matmul: float32[2, 3] by float32[2, 3]')
    expect(() => add(graph.input('c', [2]), createGraph().input('d', [2]))).toThrow('belongs to another graph')
  })
})
