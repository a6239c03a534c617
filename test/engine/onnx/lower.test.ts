import { describe, expect, it } from 'vitest'
import { add, gatherRows, multiply, scatterAddRows, sum } from '../../../src/engine/autodiff/build.ts'
import { createGraph, reachable } from '../../../src/engine/autodiff/graph.ts'
import { differentiate } from '../../../src/engine/autodiff/reverse.ts'
import { isOperation, type OperationName, type Value } from '../../../src/engine/autodiff/representation.ts'
import type { Device } from '../../../src/engine/onnx/lower.ts'
import { compile } from '../../../src/engine/onnx/program.ts'
import { RandomStream } from '../../../src/shared/random.ts'
import { requires } from '../../requirements.ts'
import { buildCase, cases, feedsFor } from '../autodiff/cases.ts'
import { interpret } from '../autodiff/interpret.ts'

const graphInputs = (values: readonly Value[]): Value[] =>
  reachable(values).flatMap((node) => (isOperation(node, 'input') ? [node.outputs[0]] : []))

/** A case's outputs and the gradients of their sum of squares, as onnxruntime and the float64 interpreter compute them. */
async function expectSame(name: OperationName, round: number, device: Device): Promise<void> {
  const random = new RandomStream(round, ['lower', name])
  const { outputs, inputs } = buildCase(name, random)
  const loss = outputs.map((output) => sum(multiply(output, output))).reduce(add)
  const gradients = differentiate(loss, inputs).filter((gradient) => gradient !== null)
  const values = [...outputs, ...gradients]
  const feeds = feedsFor(graphInputs(values), random)
  const expected = interpret(values, feeds)
  const program = await compile(Object.fromEntries(values.map((value, i) => [`out${i}`, value])), { device, threads: 1 })
  const results = await program.run(Object.fromEntries(program.inputNames.map((input) => [input, Float32Array.from(feeds[input])])))
  expected.forEach(({ data }, which) => {
    const actual = results[`out${which}`]
    expect(actual.length).toBe(data.length)
    data.forEach((x, i) => expect(Math.abs(Number(actual[i]) - x), `output ${which}[${i}], round ${round}`).toBeLessThan(2e-4 * Math.max(1, Math.abs(x))))
  })
  await program.release()
}

const names = Object.keys(cases) as OperationName[]

describe.each(names)('%s on the CPU', (name) => {
  it('gives what the interpreter gives, forward and back', async () => {
    for (let round = 0; round < 4; round++) await expectSame(name, round, 'cpu')
  })
})

describe.skipIf(!requires('webgpu'))('on WebGPU', () => {
  it.each(names)('%s gives what the interpreter gives, forward and back', async (name) => {
    for (let round = 0; round < 2; round++) await expectSame(name, round, 'webgpu')
  })
})

describe('the gradient of gathered rows', () => {
  it('is exact, and the same in every bit over 20 runs at two threads', async () => {
    const [rows, width, count] = [32, 48, 8192]
    const random = new RandomStream(0, ['repeated'])
    // Most ids name one row: whole numbers keep every sum exact in float32.
    const ids = Array.from({ length: count }, () => (random.chance(0.9) ? 7 : random.integer(rows)))
    const updates = Float32Array.from({ length: count * width }, () => random.integer(8) - 3)
    const exact = new Float64Array(rows * width)
    updates.forEach((x, i) => (exact[ids[Math.floor(i / width)] * width + (i % width)] += x))

    const graph = createGraph()
    const table = graph.input('table', [rows, width])
    const weights = graph.input('weights', [count, width])
    const [gradient] = differentiate(sum(multiply(gatherRows(table, graph.integers(ids)), weights)), [table])
    const program = await compile({ gradient: gradient! }, { device: 'cpu', threads: 2 })
    for (let run = 0; run < 20; run++) {
      const result = await program.run({ weights: updates })
      expect(Buffer.from(result.gradient.buffer).equals(Buffer.from(Float32Array.from(exact).buffer))).toBe(true)
    }
    await program.release()
  })
})

describe('a compiled program', () => {
  it('adds in place where an output is given the memory of its addend', async () => {
    const graph = createGraph()
    const total = graph.input('total', [2, 2])
    const program = await compile(
      { next: scatterAddRows(total, graph.integers([1, 1]), graph.input('rows', [2, 2])) },
      { device: 'cpu', threads: 1 },
    )
    const memory = new Float32Array(4)
    for (let run = 0; run < 3; run++) await program.run({ total: memory, rows: Float32Array.of(1, 2, 3, 4) }, { next: memory })
    expect([...memory]).toEqual([0, 0, 12, 18])
    await program.release()
  })

  it('names the input that is missing', async () => {
    const graph = createGraph()
    const program = await compile({ y: multiply(graph.input('x', [1]), 2) }, { device: 'cpu', threads: 1 })
    await expect(program.run({})).rejects.toThrow('input "x" is missing')
    await program.release()
  })

  it('keeps fixed inputs for good', async () => {
    const graph = createGraph()
    const y = multiply(graph.input('x', [2]), graph.input('w', [2]))
    const program = await compile({ y }, { device: 'cpu', threads: 1, fixed: new Map([['w', Float32Array.of(2, 3)]]) })
    expect(program.inputNames).toEqual(['x'])
    expect([...(await program.run({ x: Float32Array.of(10, 10) })).y]).toEqual([20, 30])
    await program.release()
  })
})
