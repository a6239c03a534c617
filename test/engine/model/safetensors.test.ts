import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openSafetensors } from '../../../src/engine/model/safetensors.ts'
import { writeSafetensors } from '../../../src/engine/model/writeSafetensors.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

/** A file of the given header (any text) and data, with an honest header length unless told otherwise. */
function fileOf(header: unknown, dataBytes = 0, headerLength?: number | bigint): string {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(BigInt(headerLength ?? text.length))
  const file = join(temporaryFolder(), 'model.safetensors')
  writeFileSync(file, Buffer.concat([prefix, text, Buffer.alloc(dataBytes)]))
  return file
}

const entry = (begin: number, end: number, shape: unknown = [(end - begin) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
})

describe('openSafetensors', () => {
  it('reads what a published file holds, tensor by tensor', () => {
    const file = openSafetensors('test/fixtures/llama-a/model.safetensors')
    expect(file.tensors.size).toBe(30)
    expect(file.metadata.get('format')).toBe('pt')
    expect(file.tensors.get('model.norm.weight')).toEqual({
      dtype: 'F32',
      shape: [48],
      offset: 8 + 3064 + 349440,
      length: 192,
    })
    const raw = readFileSync('test/fixtures/llama-a/model.safetensors')
    const norm = file.read('model.norm.weight')
    expect(norm.length).toBe(48)
    expect(norm[47]).toBe(raw.readFloatLE(raw.length - 4))
  })

  const damages: [string, () => string, RegExp][] = [
    [
      'a file too short for a header',
      () => {
        const file = join(temporaryFolder(), 'a')
        writeFileSync(file, 'abc')
        return file
      },
      /3 bytes, too few/,
    ],
    ['a missing file', () => join(temporaryFolder(), 'none'), /does not exist/],
    ['a folder in place of the file', () => temporaryFolder(), /not a file/],
    ['a header longer than the file', () => fileOf({}, 0, 1000), /claims 1000 bytes/],
    ['a header of 2^64 - 1 bytes', () => fileOf({}, 0, 2n ** 64n - 1n), /claims 18446744073709551615 bytes/],
    ['a header that is not JSON', () => fileOf('{"a": '), /not JSON/],
    ['a header that is not an object', () => fileOf('[1]'), /not a JSON object/],
    [
      'a name that occurs twice',
      () => fileOf(`{"a":${JSON.stringify(entry(0, 4))}, "\\u0061" :${JSON.stringify(entry(4, 8))}}`, 8),
      /"a" twice/,
    ],
    ['overlapping tensors', () => fileOf({ a: entry(0, 8), b: entry(4, 12) }, 12), /"b" overlap/],
    ['a hole between tensors', () => fileOf({ a: entry(0, 4), b: entry(8, 12) }, 12), /4 bytes before tensor "b"/],
    ['a tensor past the end', () => fileOf({ a: entry(0, 4), b: entry(4, 12) }, 8), /only \d+ bytes/],
    ['bytes after the last tensor', () => fileOf({ a: entry(0, 4) }, 6), /2 bytes at the end/],
    ['an unknown dtype', () => fileOf({ a: entry(0, 4, [1], 'F33') }, 4), /unknown dtype "F33"/],
    [
      'a size that is not shape times element size',
      () => fileOf({ a: entry(0, 4, [2]) }, 4),
      /\[2\] of F32 needs 8 bytes, but 4/,
    ],
    ['a negative dimension', () => fileOf({ a: entry(0, 4, [-1]) }, 4), /whole numbers/],
    ['a fractional dimension', () => fileOf({ a: entry(0, 4, [0.5, 2]) }, 4), /whole numbers/],
    ['a shape beyond all memory', () => fileOf({ a: entry(0, 4, [2 ** 40, 2 ** 40]) }, 4), /impossibly large/],
    ['offsets in the wrong order', () => fileOf({ a: entry(4, 0, [1]) }, 4), /before they begin/],
    [
      'misaligned offsets',
      () => fileOf({ a: entry(0, 2, [2], 'U8'), b: entry(2, 6) }, 6),
      /no multiple of the element size/,
    ],
    [
      'three offsets',
      () => fileOf({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 4] } }, 4),
      /two whole numbers/,
    ],
    ['metadata that is not text', () => fileOf({ __metadata__: { a: 1 } }), /not a text/],
  ]
  for (const [name, make, message] of damages) {
    it(`refuses ${name}`, () => {
      const file = make()
      expect(() => openSafetensors(file)).toThrow(
        expect.objectContaining({ code: 'bad-model', place: file, message: expect.stringMatching(message) }),
      )
    })
  }

  it('refuses a real file that was cut off, and says where', () => {
    const bytes = readFileSync('test/fixtures/llama-a/model.safetensors')
    const file = join(temporaryFolder(), 'model.safetensors')
    writeFileSync(file, bytes.subarray(0, 200_000))
    expect(() => openSafetensors(file)).toThrow(
      /ends at byte \d+, but the file has only 200000 bytes.*partly downloaded/,
    )
  })

  it('accepts scalars, empty tensors and names that are special in JavaScript', () => {
    const file = openSafetensors(
      fileOf(
        `{"__proto__":${JSON.stringify(entry(0, 4, []))},"constructor":${JSON.stringify(entry(4, 4, [0, 7]))}}`,
        4,
      ),
    )
    expect([...file.tensors.keys()]).toEqual(['__proto__', 'constructor'])
    expect(file.read('__proto__').length).toBe(1)
    expect(file.read('constructor').length).toBe(0)
  })

  it('lists a tensor of whole numbers but refuses to read it as weights', () => {
    const file = openSafetensors(fileOf({ a: entry(0, 8, [1], 'I64') }, 8))
    expect(() => file.read('a')).toThrow(/stored as I64/)
  })
})

describe('writeSafetensors', () => {
  const values = Float32Array.of(0, -0, 1.5, -2.25, 1e-3, 3e4)
  const tensors = [
    { name: 'b', shape: [2, 3], data: values },
    { name: 'a', shape: [1], data: Float32Array.of(7) },
  ]

  for (const [dtype, tolerance] of [
    ['F32', 0],
    ['F16', 2 ** -11],
    ['BF16', 2 ** -8],
  ] as const) {
    it(`brings values back through ${dtype}`, () => {
      const file = join(temporaryFolder(), 'x.safetensors')
      writeSafetensors(file, tensors, { step: '3' }, { dtype })
      const read = openSafetensors(file)
      expect([...read.tensors.keys()]).toEqual(['a', 'b'])
      expect(read.tensors.get('b')).toMatchObject({ dtype, shape: [2, 3] })
      expect(read.metadata.get('step')).toBe('3')
      read
        .read('b')
        .forEach((value, i) => expect(Math.abs(value - values[i])).toBeLessThanOrEqual(tolerance * Math.abs(values[i])))
    })
  }

  it('writes the same bytes whatever the order of the tensors', () => {
    const folder = temporaryFolder()
    writeSafetensors(join(folder, '1'), tensors, { x: '1', y: '2' })
    writeSafetensors(join(folder, '2'), [...tensors].reverse(), { y: '2', x: '1' })
    expect(readFileSync(join(folder, '1')).equals(readFileSync(join(folder, '2')))).toBe(true)
  })

  it('refuses a value that F16 cannot hold and leaves the older file alone', () => {
    const folder = temporaryFolder()
    const file = join(folder, 'x.safetensors')
    writeSafetensors(file, tensors)
    const before = readFileSync(file)
    const large = [{ name: 'a', shape: [1], data: Float32Array.of(70000) }]
    expect(() => writeSafetensors(file, large, {}, { dtype: 'F16' })).toThrow(/70000 is too large for F16/)
    expect(readFileSync(file).equals(before)).toBe(true)
    expect(readdirSync(folder)).toEqual(['x.safetensors'])
  })

  it('says which folder is missing', () => {
    const file = join(temporaryFolder(), 'none', 'x.safetensors')
    expect(() => writeSafetensors(file, tensors)).toThrow(expect.objectContaining({ code: 'disk', place: file }))
  })
})
