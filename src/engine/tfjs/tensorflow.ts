/** Finds and opens TensorFlow.js: the native build where a person installed it, else its backends in WebAssembly or JavaScript. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import type * as core from '@tensorflow/tfjs-core'
import { ReflectoryError } from '../../shared/errors.ts'
import { restoreUtil } from './restoreUtil.ts'
import { isWasmModule, refuseWhenFull } from './wasmMemory.ts'

export type TensorFlow = typeof core

/** `tensorflow` is the native library, with or without a GPU. */
export type Backend = 'tensorflow' | 'wasm' | 'cpu'

export interface OpenTensorFlow {
  tf: TensorFlow
  backend: Backend
}

/** A native build, with what it takes to load it. */
export interface NativeBuild {
  name: string
  load(): unknown
}

/** The first of them that is there is taken. */
const NATIVE_PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']
/** Names the folder in which a person installed one of them. */
const FOLDER_VARIABLE = 'REFLECTORY_TFJS'

/** What the native library reads from the environment as it loads; what a person has set stays. */
const nativeSettings = {
  // Otherwise it takes the whole memory of the card at once.
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  // Otherwise cards since 2020 round factors to 10 bits, and nothing is comparable any more.
  NVIDIA_TF32_OVERRIDE: '0',
  // Warnings and errors only.
  TF_CPP_MIN_LOG_LEVEL: '1',
}

/** Null where none is installed. Throws `device` where the named folder has none. */
export function findNativeBuild(folder = process.env[FOLDER_VARIABLE]): NativeBuild | null {
  const named = folder !== undefined && folder !== ''
  const require = createRequire(named ? join(resolve(folder), 'package.json') : import.meta.url)
  for (const name of NATIVE_PACKAGES) {
    const inside = (require.resolve.paths(name) ?? []).find((modules) => existsSync(join(modules, name, 'package.json')))
    if (inside !== undefined) return { name, load: () => require(name) }
  }
  if (!named) return null
  throw new ReflectoryError(
    'device',
    folder,
    `${FOLDER_VARIABLE} or the settings name this folder, and ${NATIVE_PACKAGES[0]} is not installed in it`,
    `Run \`npm install ${NATIVE_PACKAGES[0]}\` there, or name no folder to compute without it.`,
  )
}

/** A module that a person brought is what it says only once it was looked at. */
function isTensorFlow(module: unknown): module is TensorFlow {
  const wanted = ['tensor', 'tidy', 'engine', 'setBackend', 'matMul', 'scatterND', 'gatherND']
  return typeof module === 'object' && module !== null && wanted.every((name) => typeof Reflect.get(module, name) === 'function')
}

/** Throws `device` where it is broken. */
export function openNative({ name, load }: NativeBuild): OpenTensorFlow {
  restoreUtil()
  for (const [name, value] of Object.entries(nativeSettings)) process.env[name] ??= value
  try {
    const tf = load()
    if (!isTensorFlow(tf)) throw new Error('it does not offer the operations of TensorFlow.js 4')
    tf.enableProdMode()
    return { tf, backend: 'tensorflow' }
  } catch (error) {
    const [problem] = (error instanceof Error ? error.message : String(error)).split('\n')
    throw new ReflectoryError(
      'device',
      name,
      `it is installed and could not be loaded: ${problem}`,
      `Install it again with its scripts allowed, so that it fetches its library; or take it away to compute without it.`,
      { cause: error },
    )
  }
}

let guarded = false

/** One of the backends that come along; the last one opened computes. */
export async function openPure(backend: 'wasm' | 'cpu'): Promise<OpenTensorFlow> {
  const tf = await import('@tensorflow/tfjs-core')
  // Otherwise it advises everybody, on standard error, to install the native build.
  tf.enableProdMode()
  if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu')
  else await import('@tensorflow/tfjs-backend-wasm')
  if (!(await tf.setBackend(backend))) throw new Error(`the ${backend} backend of TensorFlow.js did not start`)
  if (backend === 'wasm' && !guarded) {
    const module: unknown = Reflect.get(tf.backend(), 'wasm')
    if (!isWasmModule(module)) throw new Error('the wasm backend of TensorFlow.js takes its memory in an unknown way')
    refuseWhenFull(module)
    guarded = true
  }
  return { tf, backend }
}

let opened: Promise<OpenTensorFlow> | null = null

/** In words, where it computes. */
export function placeOf({ tf, backend }: OpenTensorFlow): string {
  if (backend === 'wasm') return 'in WebAssembly'
  if (backend === 'cpu') return 'in JavaScript'
  return Reflect.get(tf.backend(), 'isUsingGpuDevice') === true ? 'on the graphics card' : 'on the processor'
}

/** The native build where there is one, else WebAssembly. Opened once a process. Throws `device`. */
export function openTensorFlow(): Promise<OpenTensorFlow> {
  opened ??= open().catch((error: unknown) => {
    // What was in the way may be gone the next time.
    opened = null
    throw error
  })
  return opened
}

async function open(): Promise<OpenTensorFlow> {
  const native = findNativeBuild()
  return native === null ? openPure('wasm') : openNative(native)
}
