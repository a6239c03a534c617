/** Between our arrays and TensorFlow.js's tensors, which have 32-bit integers where a graph has 64-bit ones. */
import type { DataType, Tensor } from '@tensorflow/tfjs-core'
import type { Data } from '../autodiff/program.ts'
import type { ElementType, Shape } from '../autodiff/representation.ts'
import type { TensorFlow } from './tensorflow.ts'

const dataTypes = { float32: 'float32', int64: 'int32', bool: 'bool' } as const satisfies Record<ElementType, DataType>

export function dataType(element: ElementType): (typeof dataTypes)[ElementType] {
  return dataTypes[element]
}

/** Throws `RangeError` where an integer needs more than 32 bits. `what` names the numbers. */
function narrow(data: BigInt64Array, what: string): Int32Array {
  return Int32Array.from(data, (value) => {
    if (BigInt.asIntN(32, value) !== value) throw new RangeError(`${what}: ${value} does not fit TensorFlow.js's 32-bit integers`)
    return Number(value)
  })
}

/** The backend may go on reading `data` for as long as the tensor lives. */
export function toTensor(tf: TensorFlow, data: Data, shape: Shape, element: ElementType, what: string): Tensor {
  const fits =
    (element === 'float32' && data instanceof Float32Array) ||
    (element === 'int64' && data instanceof BigInt64Array) ||
    (element === 'bool' && data instanceof Uint8Array)
  if (!fits) throw new TypeError(`${what}: ${data.constructor.name} given for ${element}[${shape}]`)
  return tf.tensor(data instanceof BigInt64Array ? narrow(data, what) : data, [...shape], dataType(element))
}

/** May be the memory of whatever the tensor was made from. */
export function toData(tensor: Tensor, element: ElementType): Data {
  const data = tensor.dataSync()
  if (element === 'int64') return BigInt64Array.from(data, BigInt)
  // A cast of the JavaScript backend changes the type's name and leaves the array as it was.
  if (element === 'float32') return data instanceof Float32Array ? data : Float32Array.from(data)
  return data instanceof Uint8Array ? data : Uint8Array.from(data)
}

/** A copy of its own, in `target` where there is one. */
export function write(source: Data, target: Data | undefined): Data {
  if (target === undefined) return source.slice()
  if (source.length !== target.length) throw new TypeError(`an output of ${source.length} numbers does not fit into ${target.length}`)
  if (target instanceof Float32Array && source instanceof Float32Array) target.set(source)
  else if (target instanceof BigInt64Array && source instanceof BigInt64Array) target.set(source)
  else if (target instanceof Uint8Array && source instanceof Uint8Array) target.set(source)
  else throw new TypeError(`an output of type ${source.constructor.name} does not fit into ${target.constructor.name}`)
  return target
}
