/** Compiles graphs to onnxruntime sessions and runs them. */
import * as ort from 'onnxruntime-node'
import { shapeOf, type Data, type Program, type Signature } from '../autodiff/program.ts'
import type { Value } from '../autodiff/representation.ts'
import { ReflectoryError } from '../../shared/errors.ts'
import type { Executor } from '../../shared/study.ts'
import { lower, type Device } from './lower.ts'
import { encodeModel, type OnnxValue } from './modelFile.ts'

export type { Data, Program } from '../autodiff/program.ts'

export interface CompileOptions {
  /** 'tfjs' leaves the graph to TensorFlow.js, which chooses its device itself. onnxruntime unless told. */
  executor?: Executor
  device: Device
  threads: number
  /** Values of inputs that do not change for the life of the program. */
  fixed?: ReadonlyMap<string, Float32Array>
}

const tensor = (data: Data, signature: Signature): ort.Tensor => {
  const { element } = signature
  const shape = shapeOf(data, signature)
  if (element === 'float32' && data instanceof Float32Array) return new ort.Tensor('float32', data, shape)
  if (element === 'int64' && data instanceof BigInt64Array) return new ort.Tensor('int64', data, shape)
  if (element === 'bool' && data instanceof Uint8Array) return new ort.Tensor('bool', data, shape)
  throw new TypeError(`${data.constructor.name} given for ${element}[${shape}]`)
}

function dataOf(value: ort.Tensor): Data {
  const { data } = value
  if (data instanceof Float32Array || data instanceof BigInt64Array || data instanceof Uint8Array) return data
  throw new TypeError(`unexpected output of type ${value.type}`)
}

/** Compiles `outputs` into one program. */
export async function compile(outputs: Readonly<Record<string, Value>>, options: CompileOptions): Promise<Program> {
  if (options.executor === 'tfjs') {
    // Loaded only where it is wanted: it takes its time.
    const tfjs = await import('../tfjs/program.ts')
    return tfjs.compile(outputs, options)
  }
  const graph = lower(outputs, options.device, options.fixed)
  const model = encodeModel(graph)
  const created = performance.now()
  const session = await createSession(model, options)
  const inputs = new Map<string, Signature>(graph.inputs.map((input) => [input.name, signature(input)]))
  const results = new Map<string, Signature>(graph.outputs.map((output) => [output.name, signature(output)]))
  let runtimeMs = performance.now() - created
  return {
    inputNames: [...inputs.keys()],
    outputNames: [...results.keys()],
    get runtimeMs() {
      return runtimeMs
    },
    async run(feeds, into = {}) {
      const given: Record<string, ort.Tensor> = {}
      for (const [name, type] of inputs) {
        const data = feeds[name]
        if (data === undefined) throw new TypeError(`input "${name}" is missing`)
        given[name] = tensor(data, type)
      }
      const wanted: Record<string, ort.Tensor | null> = {}
      for (const [name, type] of results) wanted[name] = into[name] === undefined ? null : tensor(into[name], type)
      const start = performance.now()
      const made = await session.run(given, wanted)
      runtimeMs += performance.now() - start
      return Object.fromEntries([...results.keys()].map((name) => [name, dataOf(made[name])]))
    },
    release: () => session.release(),
  }
}

function signature({ element, shape, varyingAxis = null }: OnnxValue): Signature {
  if (element !== 'float32' && element !== 'int64' && element !== 'bool') throw new TypeError(`element type ${element}`)
  return { element, shape, varyingAxis }
}

async function createSession(model: Uint8Array, { device, threads }: CompileOptions): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(model, {
      executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'basic',
      // Planned memory is as fast and takes a quarter more, for each shape that is kept.
      enableMemPattern: false,
      // An arena keeps a session's memory after each run; malloc gives it to whichever runs next.
      enableCpuMemArena: false,
      // Each session has its own threads; those of one that has run would spin on a core that the next one needs.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      logSeverityLevel: 3,
    })
  } catch (error) {
    throw new ReflectoryError(
      'device',
      `onnxruntime (${device})`,
      `the graph could not be prepared: ${error instanceof Error ? error.message : String(error)}`,
      'Compute on the processor (on the command line --device cpu). Diagnostics (`reflectory doctor`) says more.',
      { cause: error },
    )
  }
}
