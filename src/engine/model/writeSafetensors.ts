/** Writes safetensors files whole or not at all; the same tensors give the same bytes. */
import { ReflectoryError } from '../../shared/errors.ts'
import { encodeBrainArray, encodeHalfArray } from '../onnx/floatFormats.ts'
import { writeFileAtomically } from './writeWhole.ts'

export type WeightDtype = 'F32' | 'F16' | 'BF16'

export interface NamedTensor {
  name: string
  shape: readonly number[]
  /** Row-major; as many values as the shape says. */
  data: Float32Array
}

/** Writes to a file beside the target, flushes it to the disk, then renames. Throws `disk` or `bad-argument`. */
export function writeSafetensors(
  file: string,
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>> = {},
  { dtype = 'F32' }: { dtype?: WeightDtype } = {},
): void {
  const ordered = [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1))
  const header = makeHeader(file, ordered, metadata, dtype)
  writeFileAtomically(file, (write) => {
    write(header)
    for (const { name, data } of ordered) write(encode(file, name, data, dtype))
  })
}

function makeHeader(
  file: string,
  ordered: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
  dtype: WeightDtype,
): Uint8Array {
  const itemSize = dtype === 'F32' ? 4 : 2
  const entries = new Map<string, unknown>()
  if (Object.keys(metadata).length > 0) {
    entries.set('__metadata__', Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))))
  }
  let offset = 0
  for (const { name, shape, data } of ordered) {
    const elements = shape.reduce((product, dimension) => product * dimension, 1)
    if (elements !== data.length || entries.has(name) || name === '__metadata__') {
      const problem =
        elements === data.length ? 'the name is taken' : `${data.length} values do not fill shape [${shape.join(', ')}]`
      throw new ReflectoryError(
        'bad-argument',
        `${file}:${name}`,
        problem,
        'This is a mistake in Reflectory; please report it.',
      )
    }
    entries.set(name, { dtype, shape, data_offsets: [offset, offset + elements * itemSize] })
    offset += elements * itemSize
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)))
  // Spaces after the JSON, as the format allows, align the data to eight bytes.
  const header = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20)
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true)
  header.set(json, 8)
  return header
}

function encode(file: string, name: string, data: Float32Array, dtype: WeightDtype): Uint8Array {
  if (dtype === 'F32') return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const encoded = dtype === 'F16' ? encodeHalfArray(data) : encodeBrainArray(data)
  const infinite = dtype === 'F16' ? 0x7c00 : 0x7f80
  const lost = data.findIndex((value, i) => (encoded[i] & 0x7fff) === infinite && Number.isFinite(value))
  if (lost >= 0) {
    throw new ReflectoryError(
      'bad-argument',
      `${file}:${name}`,
      `value ${data[lost]} is too large for ${dtype}`,
      'Save the weights as F32 or BF16.',
    )
  }
  return new Uint8Array(encoded.buffer)
}
