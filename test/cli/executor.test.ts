/** What computes, chosen on the command line. */
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { tensorFlowLine } from '../../src/cli/machine.ts'
import { temporaryFolder } from '../temporaryFolder.ts'
import { reflectory } from './reflectory.ts'

const fixture = fileURLToPath(new URL('../fixtures/llama-a', import.meta.url))
const bare = temporaryFolder()

/** Without, or with, a folder of the native build. */
const withBuild = (args: readonly string[], folder = '') => reflectory(args, { env: { REFLECTORY_TFJS: folder } })

describe('verify --executor tfjs', () => {
  test('compares what TensorFlow.js computes', async () => {
    const { status, out } = await withBuild(['verify', fixture, '--executor', 'tfjs'])
    expect(out).toMatch(/all \d+ quantities are within tolerance/)
    expect(status).toBe(0)
  })

  test('refuses a named folder that has no native build, while onnxruntime does not mind', async () => {
    const { status, err } = await withBuild(['verify', fixture, '--executor', 'tfjs'], bare)
    expect(err).toContain('@tensorflow/tfjs-node-gpu is not installed in it')
    expect(status).toBe(2)
    expect((await withBuild(['verify', fixture], bare)).status).toBe(0)
  })

  test('knows the executors', async () => {
    const { status, err } = await withBuild(['verify', fixture, '--executor', 'torch'])
    expect(err).toContain('Allowed choices are onnx, tfjs')
    expect(status).toBe(2)
  })
})

test('doctor has a line for what was found, and one for what does not work', () => {
  const product = 'in WebAssembly, where a 64 x 64 product came out right'
  expect(tensorFlowLine({ installed: null, works: true, detail: product })).toBe(
    `TensorFlow.js, for --executor tfjs: @tensorflow/tfjs-node-gpu was not found; it computes ${product}`,
  )
  expect(tensorFlowLine({ installed: '@tensorflow/tfjs-node-gpu', works: false, detail: 'no library' })).toBe(
    'TensorFlow.js, for --executor tfjs: @tensorflow/tfjs-node-gpu was found; does not work: no library',
  )
})
