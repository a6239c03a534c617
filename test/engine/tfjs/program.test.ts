import { describe, expect, it, vi } from 'vitest'
import { add, cast, concatenate, exp, gatherRows, greater, multiply, reshape, scatterAddRows, slice, sum } from '../../../src/engine/autodiff/build.ts'
import { createGraph } from '../../../src/engine/autodiff/graph.ts'
import type { Data } from '../../../src/engine/autodiff/program.ts'
import type { Value } from '../../../src/engine/autodiff/representation.ts'
import { compileFor } from '../../../src/engine/tfjs/program.ts'
import { openPure } from '../../../src/engine/tfjs/tensorflow.ts'

const tensorflow = await openPure('cpu')
const { tf } = tensorflow
const compile = (outputs: Record<string, Value>, fixed = new Map<string, Float32Array>()) => compileFor(tensorflow, outputs, { fixed })

describe('a program of TensorFlow.js', () => {
  it('adds in place where an output is given the memory of its addend', async () => {
    const graph = createGraph()
    const total = graph.input('total', [2, 2])
    const program = compile({ next: scatterAddRows(total, graph.integers([1, 1]), graph.input('rows', [2, 2])) })
    const memory = new Float32Array(4)
    for (let run = 0; run < 3; run++) {
      const { next } = await program.run({ total: memory, rows: Float32Array.of(1, 2, 3, 4) }, { next: memory })
      expect(next).toBe(memory)
    }
    expect([...memory]).toEqual([0, 0, 12, 18])
  })

  it('names the input that is missing, and the one of another type', async () => {
    const program = compile({ y: multiply(createGraph().input('x', [1]), 2) })
    await expect(program.run({})).rejects.toThrow('input "x" is missing')
    await expect(program.run({ x: BigInt64Array.of(1n) })).rejects.toThrow('input "x": BigInt64Array given for float32[1]')
    await expect(program.run({ x: Float32Array.of(1) }, { y: new Float32Array(2) })).rejects.toThrow('an output of 1 numbers does not fit into 2')
  })

  it('keeps fixed inputs for good', async () => {
    const graph = createGraph()
    const y = multiply(graph.input('x', [2]), graph.input('w', [2]))
    const program = compile({ y }, new Map([['w', Float32Array.of(2, 3)]]))
    expect(program.inputNames).toEqual(['x'])
    for (const x of [10, 20]) expect([...(await program.run({ x: Float32Array.of(x, x) })).y]).toEqual([2 * x, 3 * x])
  })

  it('gives outputs memory of their own, also those that are inputs, constants, or wanted twice', async () => {
    const graph = createGraph()
    const x = graph.input('x', [2])
    const given = Float32Array.of(1, 2)
    const made = await compile({ x, again: x, flat: reshape(x, [2, 1]), one: graph.scalar(1) }).run({ x: given })
    const numbers = Object.values(made).map((data) => [...data])
    expect(numbers).toEqual([[1, 2], [1, 2], [1, 2], [1]])
    expect(new Set([given, ...Object.values(made)].map((data) => data.buffer)).size).toBe(5)
  })

  it('takes whole numbers of up to 32 bits, and refuses larger ones instead of cutting them', async () => {
    const graph = createGraph()
    const program = compile({ same: concatenate([graph.input('ids', [2], 'int64'), graph.integers([7])], 0) })
    const limits = BigInt64Array.of(2n ** 31n - 1n, -(2n ** 31n))
    expect(await program.run({ ids: limits })).toEqual({ same: BigInt64Array.of(...limits, 7n) })
    await expect(program.run({ ids: BigInt64Array.of(0n, 2n ** 31n) })).rejects.toThrow('input "ids": 2147483648 does not fit')
    expect(() => compile({ y: gatherRows(graph.input('t', [2, 2]), graph.integers([2 ** 32])) })).toThrow('4294967296 does not fit')
  })

  it('gives truth values as bytes', async () => {
    const graph = createGraph()
    const x = graph.input('x', [3])
    const flags = graph.input('flags', [3], 'bool')
    const made = await compile({ above: greater(x, 1), numbers: cast(flags, 'float32') }).run({ x: Float32Array.of(0, 1, 2), flags: Uint8Array.of(1, 0, 1) })
    expect(made).toEqual({ above: Uint8Array.of(0, 0, 1), numbers: Float32Array.of(1, 0, 1) })
  })

  it('computes with fewer entries along a varying axis', async () => {
    const graph = createGraph()
    const x = graph.input('x', [2, 8], 'float32', 1)
    const program = compile({ total: sum(slice(x, 1, 1, 8), [1]) })
    const total = async (x: Data) => [...(await program.run({ x })).total]
    expect(await total(Float32Array.of(1, 2, 3, 4, 5, 6))).toEqual([5, 11])
    expect(await total(new Float32Array(16).fill(1))).toEqual([7, 7])
  })
})

describe('memory', () => {
  it('holds no more tensors after 100 runs than after one, failed ones among them, and none after the release', async () => {
    const before = tf.memory()
    const graph = createGraph()
    const x = graph.input('x', [64, 64])
    const y = sum(exp(add(multiply(x, x), graph.input('w', [64]))))
    const program = compile({ y }, new Map([['w', new Float32Array(64)]]))
    const feeds = { x: new Float32Array(4096) }
    await program.run(feeds)
    const first = tf.memory()
    for (let run = 0; run < 100; run++) {
      await program.run(feeds)
      await expect(program.run(feeds, { y: new Float32Array(2) })).rejects.toThrow()
    }
    expect(tf.memory()).toMatchObject({ numTensors: first.numTensors, numBytes: first.numBytes, numDataBuffers: first.numDataBuffers })
    await program.release()
    expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numBytes: before.numBytes })
  })

  it('lets a tensor go once its last reader is done', async () => {
    const graph = createGraph()
    let chain = graph.input('x', [1024])
    for (let link = 0; link < 50; link++) chain = exp(multiply(chain, -1))
    const program = compile({ chain })
    let most = 0
    const backend = tf.backend()
    const dispose = backend.disposeData.bind(backend)
    const disposals = vi.spyOn(backend, 'disposeData').mockImplementation((...args) => {
      most = Math.max(most, tf.memory().numBytes)
      return dispose(...args)
    })
    const before = tf.memory().numBytes
    await program.run({ x: new Float32Array(1024) })
    disposals.mockRestore()
    // 4,096 bytes each: the input, and what one step reads and makes.
    expect(most - before).toBeLessThanOrEqual(3 * 4096)
    await program.release()
  })
})

it('says which operation failed, and what to do', async () => {
  const graph = createGraph()
  const y = gatherRows(graph.input('table', [2, 2]), graph.input('ids', [1], 'int64'))
  const feeds = { table: new Float32Array(4), ids: BigInt64Array.of(9n) }
  await expect(compile({ y }).run(feeds)).rejects.toThrow(/TensorFlow\.js \(cpu\): gatherRows failed: .*--executor onnx/s)
})
