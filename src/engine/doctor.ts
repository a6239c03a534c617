/** Tries the machine: does a small graph run on onnxruntime's devices and on TensorFlow.js, and are the numbers right? */
import { createRequire } from 'node:module'
import * as ort from 'onnxruntime-node'
import { z } from 'zod'
import type { Device, DoctorReport, TensorFlowReport } from '../shared/channel.ts'
import { matmul } from './autodiff/build.ts'
import { createGraph } from './autodiff/graph.ts'
import { compile, type CompileOptions } from './onnx/program.ts'
import { findNativeBuild, openTensorFlow, placeOf } from './tfjs/tensorflow.ts'

const SIZE = 64

/** Run it in a process of its own: a broken driver may take the process with it. */
export async function examine(device: Device): Promise<DoctorReport> {
  const { version } = z
    .object({ version: z.string() })
    .parse(createRequire(import.meta.url)('onnxruntime-node/package.json'))
  const carried = ort.listSupportedBackends().map((backend) => backend.name)
  const report = { node: process.versions.node, onnxruntime: version, carried }
  if (!carried.includes(device))
    return { ...report, works: false, detail: 'this build of onnxruntime does not carry it' }
  try {
    return { ...report, works: true, detail: await multiply({ device, threads: 1 }) }
  } catch (error) {
    return { ...report, works: false, detail: reasonOf(error) }
  }
}

/** The same for TensorFlow.js; its native build may take the process with it too. */
export async function examineTensorFlow(): Promise<TensorFlowReport> {
  let installed: string | null = null
  try {
    installed = findNativeBuild()?.name ?? null
    const product = await multiply({ executor: 'tfjs', device: 'cpu', threads: 1 })
    return { installed, works: true, detail: `${placeOf(await openTensorFlow())}, where ${product}` }
  } catch (error) {
    return { installed, works: false, detail: error instanceof Error ? error.message : String(error) }
  }
}

/** onnxruntime puts its place in the C++ first, and what happened last. */
function reasonOf(error: unknown): string {
  const [line] = (error instanceof Error ? error.message : String(error)).split('\n')
  return line.slice(line.lastIndexOf(' was false. ') + 1).replace('was false. ', '')
}

/** Row i of the product of [i + k] and a matrix of ones: SIZE * i + 0 + 1 + … */
async function multiply(options: CompileOptions): Promise<string> {
  const graph = createGraph()
  const a = graph.input('a', [SIZE, SIZE])
  const b = graph.input('b', [SIZE, SIZE])
  const program = await compile({ product: matmul(a, b) }, options)
  const { product } = await program.run({
    a: Float32Array.from({ length: SIZE * SIZE }, (_, index) => Math.floor(index / SIZE) + (index % SIZE)),
    b: new Float32Array(SIZE * SIZE).fill(1),
  })
  await program.release()
  const expected = (index: number) => SIZE * Math.floor(index / SIZE) + (SIZE * (SIZE - 1)) / 2
  const wrong = Array.from(product, Number).findIndex((value, index) => value !== expected(index))
  if (wrong >= 0) throw new Error(`a ${SIZE} x ${SIZE} product came out wrong at ${wrong}`)
  return `a ${SIZE} x ${SIZE} product came out right`
}
