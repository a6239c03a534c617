/** Compiles graphs to onnxruntime sessions and runs them. */
import * as ort from './onnxruntime.ts'
import { hostData, shapeOf, type Data, type Feed, type Program, type Signature } from '../autodiff/program.ts'
import type { Value } from '../autodiff/representation.ts'
import type { Executor } from '../../shared/study.ts'
import { lower, type Device } from './lower.ts'
import { encodeModel, type OnnxElement, type OnnxValue } from './modelFile.ts'
import { DeviceArray, type Residence } from './residence.ts'
import { openSession } from './openSession.ts'

export type { Data, Feed, Program, Resident } from '../autodiff/program.ts'

export interface CompileOptions {
  /** 'tfjs' leaves the graph to TensorFlow.js, which chooses its device itself. onnxruntime unless told. */
  executor?: Executor
  device: Device
  threads: number
  /** Values of inputs that do not change for the life of the program. */
  fixed?: ReadonlyMap<string, Float32Array>
  /** What a device other than the processor keeps copies of. */
  residence?: Residence
  /** Inputs that the device has as binary16 (`Residence.keepHalf`); they are read as float32. */
  halfInputs?: ReadonlySet<string>
  /** Outputs that stay on the device; each run says in which `DeviceArray`. */
  residentOutputs?: readonly string[]
  /** onnxruntime itself prints nothing where a run fails. */
  isQuiet?: boolean
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
  const { residence, residentOutputs = [] } = options
  const graph = lower(outputs, options.device, options.fixed, options.halfInputs)
  const model = encodeModel(graph)
  const created = performance.now()
  const locations = Object.fromEntries(residentOutputs.map((name) => [name, 'gpu-buffer' as const]))
  const session = await openSession(model, options, residentOutputs.length > 0 ? { preferredOutputLocation: locations } : {})
  const inputs = new Map(graph.inputs.map((input) => [input.name, { ...signature(input), stored: input.element }]))
  const results = new Map<string, Signature>(graph.outputs.map((output) => [output.name, signature(output)]))
  const tensorOf = async (data: Feed, type: Signature & { stored: OnnxElement }): Promise<ort.Tensor> => {
    if (data instanceof DeviceArray) return data.tensor
    const kept = data instanceof Float32Array ? await residence?.find(data, type.stored, shapeOf(data, type)) : null
    return kept ?? tensor(hostData(data), type)
  }
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
        given[name] = residence === undefined ? tensor(hostData(data), type) : await tensorOf(data, type)
      }
      const wanted: Record<string, ort.Tensor | null> = {}
      const staying = new Map<string, DeviceArray>()
      for (const [name, type] of results) {
        const place = into[name]
        if (place instanceof DeviceArray) staying.set(name, place)
        wanted[name] = place === undefined || place instanceof DeviceArray ? null : tensor(hostData(place), type)
      }
      const start = performance.now()
      const made = await session.run(given, wanted)
      runtimeMs += performance.now() - start
      for (const [name, place] of staying) place.replace(made[name])
      return Object.fromEntries([...results.keys()].flatMap((name) => (staying.has(name) ? [] : [[name, dataOf(made[name])]])))
    },
    release: () => session.release(),
  }
}

function signature({ element: stored, shape, varyingAxis = null }: OnnxValue): Signature {
  const element = stored === 'float16' ? 'float32' : stored
  if (element !== 'float32' && element !== 'int64' && element !== 'bool') throw new TypeError(`element type ${element}`)
  return { element, shape, varyingAxis }
}
