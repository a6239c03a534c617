/** What a device keeps: copies that follow the host's arrays, matrices in half precision, programs that read them. */
import * as ort from '../../../src/engine/onnx/onnxruntime.ts'
import { describe, expect, test } from 'vitest'
import { add, matmul, multiply } from '../../../src/engine/autodiff/build.ts'
import { createGraph } from '../../../src/engine/autodiff/graph.ts'
import { decodeHalf, encodeHalfArray } from '../../../src/engine/onnx/floatFormats.ts'
import { lower } from '../../../src/engine/onnx/lower.ts'
import { encodeModel } from '../../../src/engine/onnx/modelFile.ts'
import { compile } from '../../../src/engine/onnx/program.ts'
import { DeviceArray, Residence, residenceFor } from '../../../src/engine/onnx/residence.ts'
import { tryHalf } from '../../../src/engine/onnx/tryDevice.ts'
import { requires } from '../../requirements.ts'

test.each(['cpu', 'cuda', 'dml', 'coreml'] as const)('nothing is kept on %s, whose memory is not handed on', (device) => {
  expect(residenceFor({ device }, [])).toBeUndefined()
})

describe('a matrix in half precision', () => {
  test('is read as float32 of its rounded values', async () => {
    const graph = createGraph()
    const product = matmul(graph.input('x', [1, 3]), graph.input('w', [3, 2]))
    const lowered = lower({ product }, 'cpu', new Map(), new Set(['w']))
    expect(lowered.inputs.map(({ name, element }) => [name, element])).toEqual([
      ['x', 'float32'],
      ['w', 'float16'],
    ])
    const values = Float32Array.of(0.1, 1e-5, 3.14159, -2, 1000.5, 65504)
    const halves = encodeHalfArray(values)
    const w = { name: 'w', element: 'float16', shape: [3, 2], bytes: new Uint8Array(halves.buffer) } as const
    const session = await ort.InferenceSession.create(
      encodeModel({ ...lowered, inputs: lowered.inputs.slice(0, 1), initializers: [...lowered.initializers, w] }),
      { logSeverityLevel: 3 },
    )
    const { product: made } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 2, 3), [1, 3]) })
    const rounded = Array.from(halves, decodeHalf)
    const expected = [0, 1].map((column) => [0, 1, 2].reduce((sum, row) => sum + (row + 1) * rounded[2 * row + column], 0))
    expect(Array.from(made.data as Float32Array)).toEqual(expected.map(Math.fround))
  })
})

describe.skipIf(!requires('webgpu'))('on a device', () => {
  test('a copy is read in every shape, and made anew only after a change was told', async () => {
    const { residence, program } = await doubling()
    const weights = Float32Array.of(1, 2, 3, 4)
    residence.keep([weights])
    const doubled = async () => Array.from((await program.run({ weights })).doubled, Number)
    expect(await doubled()).toEqual([2, 4, 6, 8])
    weights.fill(5)
    expect(await doubled()).toEqual([2, 4, 6, 8])
    await residence.changed([weights])
    expect(await doubled()).toEqual([10, 10, 10, 10])
    await residence.drop([weights])
    weights.fill(7)
    expect(await doubled()).toEqual([14, 14, 14, 14])
    await program.release()
    await residence.release()
  })

  test('two that ask at once get one copy', async () => {
    const { residence, program } = await doubling()
    const weights = Float32Array.of(1, 2, 3, 4)
    residence.keep([weights])
    const [a, b] = await Promise.all([residence.find(weights, 'float32', [4]), residence.find(weights, 'float32', [2, 2])])
    expect(a?.gpuBuffer).toBe(b?.gpuBuffer)
    await program.release()
    await residence.release()
  })

  test('an output that stays there is added to by run after run', async () => {
    const residence = new Residence('webgpu')
    const graph = createGraph()
    const next = add(graph.input('total', [2]), graph.input('x', [2]))
    const program = await compile({ next }, { device: 'webgpu', threads: 1, residence, residentOutputs: ['next'] })
    const total = new DeviceArray()
    expect(() => total.tensor).toThrow('nothing was written there')
    expect(await program.run({ total: new Float32Array(2), x: Float32Array.of(1, 2) }, { next: total })).toEqual({})
    await program.run({ total, x: Float32Array.of(10, 20) }, { next: total })
    const read = await compile({ twice: multiply(graph.input('kept', [2]), 2) }, { device: 'webgpu', threads: 1, residence })
    expect(Array.from((await read.run({ kept: total })).twice, Number)).toEqual([22, 44])
    total.release()
    await program.release()
    await read.release()
    await residence.release()
  })

  test('a matrix with a number that half precision cannot hold is not kept so', async () => {
    const residence = new Residence('webgpu')
    const matrices = new Map([
      ['fits', Float32Array.of(1, -65504)],
      ['overflows', Float32Array.of(1, 65520)],
    ])
    expect(await residence.keepHalf(matrices)).toEqual(new Set(['fits']))
    await residence.release()
  })

  test('one that cannot compute with float16 says so', async () => {
    const problem = await tryHalf('webgpu')
    // Real cards can; the software device of the tests cannot.
    if (problem !== null) expect(problem).toContain('f16')
  })
})

async function doubling() {
  const residence = new Residence('webgpu')
  const graph = createGraph()
  const program = await compile({ doubled: multiply(graph.input('weights', [2, 2]), 2) }, { device: 'webgpu', threads: 1, residence })
  return { residence, program }
}
