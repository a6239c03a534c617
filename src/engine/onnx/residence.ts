/** Copies of the host's arrays that a device keeps, so that they cross the bus once and not with every run. */
import * as ort from './onnxruntime.ts'
import type { Device } from '../../shared/devices.ts'
import type { Executor } from '../../shared/study.ts'
import type { Shape } from '../autodiff/representation.ts'
import { encodeHalfArray } from './floatFormats.ts'
import { encodeModel, type OnnxElement, type OnnxGraph, type OnnxNode } from './modelFile.ts'
import { openSession } from './openSession.ts'

/** The largest finite number of binary16. */
const LARGEST_HALF = 65504

/** Numbers that a device made and keeps; programs on the same device read them. What a run writes there replaces them. */
export class DeviceArray {
  private content: ort.Tensor | null = null

  get tensor(): ort.Tensor {
    if (this.content === null) throw new TypeError('nothing was written there yet')
    return this.content
  }

  replace(tensor: ort.Tensor): void {
    this.release()
    this.content = tensor
  }

  /** Takes what another one has, which is empty then. */
  take(other: DeviceArray): void {
    this.replace(other.tensor)
    other.content = null
  }

  release(): void {
    this.content?.dispose()
    this.content = null
  }
}

export class Residence {
  private readonly device: Device
  /** By the host's array; null where the copy is old or was not made yet, a promise while it is made and after. */
  private readonly copies = new Map<Float32Array, Promise<ort.Tensor> | null>()
  private readonly inHalf = new Map<Float32Array, ort.Tensor>()
  private readonly copiers = new Map<OnnxElement, ort.InferenceSession>()

  constructor(device: Device) {
    this.device = device
  }

  /** From now on programs read copies of these. They are made when they are first read; after a change say so. */
  keep(arrays: Iterable<Float32Array>): void {
    for (const array of arrays) if (!this.copies.has(array)) this.copies.set(array, null)
  }

  /** Programs that begin from now on read the arrays as they are. */
  changed(arrays: Iterable<Float32Array>): Promise<void> {
    const old: (Promise<ort.Tensor> | null)[] = []
    for (const array of arrays) {
      const copy = this.copies.get(array)
      if (copy === undefined) continue
      this.copies.set(array, null)
      old.push(copy)
    }
    return letGo(old)
  }

  /** Keeps them no longer. */
  drop(arrays: Iterable<Float32Array>): Promise<void> {
    const old: (Promise<ort.Tensor> | null)[] = []
    for (const array of arrays) {
      old.push(this.copies.get(array) ?? null)
      this.copies.delete(array)
    }
    return letGo(old)
  }

  /**
   * Keeps matrices as binary16, for programs that are compiled with their names as `halfInputs`. One with a number that binary16
   * cannot hold stays float32.
   * @returns the names of those that are kept so
   */
  async keepHalf(matrices: ReadonlyMap<string, Float32Array>): Promise<Set<string>> {
    const names = new Set<string>()
    for (const [name, values] of matrices) {
      if (values.some((value) => Math.abs(value) > LARGEST_HALF)) continue
      if (!this.inHalf.has(values)) this.inHalf.set(values, await this.uploadHalf(values))
      names.add(name)
    }
    return names
  }

  /** The device's copy in this shape, or null where the array is none of those that are kept. */
  async find(array: Float32Array, element: OnnxElement, shape: Shape): Promise<ort.Tensor | null> {
    if (element === 'float16') {
      const copy = this.inHalf.get(array)
      if (copy === undefined) throw new TypeError('a float16 input was given an array that is not kept as such')
      return shaped(copy, shape)
    }
    const copy = this.copies.get(array)
    if (copy === undefined) return null
    const made = copy ?? this.upload(array)
    if (copy === null) this.copies.set(array, made)
    return shaped(await made, shape)
  }

  async release(): Promise<void> {
    const halves = [...this.inHalf.values()]
    this.inHalf.clear()
    for (const half of halves) half.dispose()
    await this.drop([...this.copies.keys()])
    for (const copier of this.copiers.values()) await copier.release()
    this.copiers.clear()
  }

  private async upload(array: Float32Array): Promise<ort.Tensor> {
    const copier = await this.copier('float32')
    return (await copier.run({ host: new ort.Tensor('float32', array, [array.length]) })).device
  }

  /** The binding of onnxruntime takes no float16 arrays, so they travel inside a graph of their own. */
  private async uploadHalf(values: Float32Array): Promise<ort.Tensor> {
    const copier = await this.copier('float16')
    const halves = encodeHalfArray(values)
    const host = { name: 'host', element: 'float16', shape: [values.length], bytes: new Uint8Array(halves.buffer) } as const
    const carrier = await this.session({ inputs: [], initializers: [host], element: 'float16' })
    const { device: carried } = await carrier.run({})
    const { device } = await copier.run({ host: carried })
    carried.dispose()
    await carrier.release()
    return device
  }

  /** What a session made lives no longer than the session, so these stay open as long as there are copies. */
  private async copier(element: 'float32' | 'float16'): Promise<ort.InferenceSession> {
    const inputs = [{ name: 'host', element, shape: [1], varyingAxis: 0 }]
    const copier = this.copiers.get(element) ?? (await this.session({ inputs, initializers: [], element }))
    this.copiers.set(element, copier)
    return copier
  }

  /** A program that copies `host` to the device. */
  private session({ inputs, initializers, element }: Pick<OnnxGraph, 'inputs' | 'initializers'> & { element: OnnxElement }) {
    const [{ shape, varyingAxis = null }] = [...inputs, ...initializers]
    const copy: OnnxNode = { opType: 'Identity', domain: '', inputs: ['host'], outputs: ['device'], attributes: {} }
    const outputs = [{ name: 'device', element, shape, varyingAxis }]
    const model = encodeModel({ name: 'upload', nodes: [copy], inputs, outputs, initializers })
    return openSession(model, { device: this.device, threads: 1 }, { preferredOutputLocation: 'gpu-buffer' })
  }
}

/** A place on the device for weights that are read again and again. Only WebGPU's memory is handed from session to session. */
export function residenceFor(
  { executor, device }: { executor?: Executor; device: Device },
  weights: Iterable<Float32Array>,
): Residence | undefined {
  if (executor === 'tfjs' || device !== 'webgpu') return undefined
  const residence = new Residence(device)
  residence.keep(weights)
  return residence
}

async function letGo(copies: readonly (Promise<ort.Tensor> | null)[]): Promise<void> {
  for (const copy of copies) (await copy)?.dispose()
}

/** Another view of the same memory. */
function shaped(tensor: ort.Tensor, shape: Shape): ort.Tensor {
  const { type, gpuBuffer } = tensor
  if (type !== 'float32' && type !== 'float16') throw new TypeError(`a copy of type ${type}`)
  return ort.Tensor.fromGpuBuffer(gpuBuffer, { dataType: type, dims: shape })
}
