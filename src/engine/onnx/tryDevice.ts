/** Whether a device computes: a small graph runs on it, and its numbers are right. */
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as ort from './onnxruntime.ts'
import type { Device } from '../../shared/devices.ts'
import { matmul } from '../autodiff/build.ts'
import { createGraph } from '../autodiff/graph.ts'
import { compile, type CompileOptions, type Program } from './program.ts'
import { Residence } from './residence.ts'

const SIZE = 64

/** A broken driver may take the process with it. */
export async function tryDevice(device: Device): Promise<{ works: boolean; detail: string }> {
  if (!ort.listSupportedBackends().some(({ name }) => name === device)) {
    return { works: false, detail: 'this build of onnxruntime does not carry it' }
  }
  if (device === 'cuda' && !hasCudaFiles()) return { works: false, detail: "onnxruntime's CUDA files are not in its folder" }
  try {
    return { works: true, detail: await multiply({ device, threads: 1 }) }
  } catch (error) {
    return { works: false, detail: reasonOf(error) }
  }
}

/** They are a download of their own; looked for first, since onnxruntime cries out loud where they are missing. */
function hasCudaFiles(): boolean {
  const folder = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')), 'bin')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).some((name) => name.includes('onnxruntime_providers_cuda'))
}

/** onnxruntime puts its place in the C++ first, and what happened last. */
function reasonOf(error: unknown): string {
  const { cause = error } = error instanceof Error ? error : {}
  const [line] = (cause instanceof Error ? cause.message : String(cause)).split('\n')
  return line.slice(line.lastIndexOf(' was false. ') + 1).replace('was false. ', '')
}

/** Why the device cannot read float16 matrices, or null where it can. */
export async function tryHalf(device: Device): Promise<string | null> {
  const residence = new Residence(device)
  const matrix = Float32Array.from({ length: SIZE * SIZE }, (_, index) => (index % SIZE) / SIZE)
  let program: Program | null = null
  try {
    const halfInputs = await residence.keepHalf(new Map([['half', matrix]]))
    const graph = createGraph()
    const [half, ones] = [graph.input('half', [SIZE, SIZE]), graph.input('ones', [SIZE, SIZE])]
    program = await compile({ product: matmul(half, ones) }, { device, threads: 1, residence, halfInputs, isQuiet: true })
    const { product } = await program.run({ half: matrix, ones: new Float32Array(SIZE * SIZE).fill(1) })
    return product.every((value) => Number(value) === (SIZE - 1) / 2) ? null : 'a product of float16 numbers came out wrong'
  } catch (error) {
    return reasonOf(error)
  } finally {
    await program?.release()
    await residence.release()
  }
}

/** Row i of the product of [i + k] and a matrix of ones: SIZE * i + 0 + 1 + … */
export async function multiply(options: CompileOptions): Promise<string> {
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
