import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openCheckpoint } from '../../../src/engine/model/checkpoint.ts'
import { openSafetensors } from '../../../src/engine/model/safetensors.ts'
import { ReflectoryError } from '../../../src/shared/errors.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

/** Opens and reads everything; the only failure allowed is one meant for a person. */
function readAll(file: string): void {
  try {
    const opened = openSafetensors(file)
    for (const [name, { dtype, shape }] of opened.tensors) {
      if (!['F32', 'F16', 'BF16', 'F64'].includes(dtype)) continue
      expect(opened.read(name).length).toBe(shape.reduce((product, dimension) => product * dimension, 1))
    }
  } catch (error) {
    if (!(error instanceof ReflectoryError)) throw error
    expect(error.place).toBe(file)
    expect(error.remedy).not.toBe('')
  }
}

const header = JSON.stringify({
  __metadata__: { format: 'pt' },
  a: { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
  b: { dtype: 'BF16', shape: [4], data_offsets: [24, 32] },
  c: { dtype: 'F16', shape: [], data_offsets: [32, 34] },
})

function withHeader(text: string | Uint8Array, data: Uint8Array): Uint8Array {
  const bytes = Buffer.from(text)
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(BigInt(bytes.length))
  return Buffer.concat([prefix, bytes, data])
}

it('reads the file that the mutations start from', () => {
  const file = join(temporaryFolder(), 'x')
  writeFileSync(file, withHeader(header, new Uint8Array(34)))
  expect([...openSafetensors(file).tensors.keys()]).toEqual(['a', 'b', 'c'])
})

it('meets random bytes with an error for a person or a correct read', () => {
  const file = join(temporaryFolder(), 'x')
  const anyFile = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.tuple(fc.json(), fc.uint8Array({ maxLength: 40 })).map(([json, data]) => withHeader(json, data)),
    fc.tuple(fc.string(), fc.uint8Array({ maxLength: 40 })).map(([text, data]) => withHeader(text, data)),
  )
  fc.assert(
    fc.property(anyFile, (bytes) => {
      writeFileSync(file, bytes)
      readAll(file)
    }),
    { numRuns: 300 },
  )
})

it('meets a file with changed, cut or repeated bytes with an error for a person or a correct read', () => {
  const file = join(temporaryFolder(), 'x')
  const valid = withHeader(header, new Uint8Array(34))
  const mutation = fc.record({ at: fc.nat(valid.length - 1), byte: fc.nat(255), cut: fc.nat(20), repeat: fc.nat(20) })
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      let bytes = [...valid]
      for (const { at, byte, cut, repeat } of mutations) {
        bytes[at % bytes.length] = byte
        if (cut > 15) bytes.splice(at, cut)
        if (repeat > 15) bytes = [...bytes.slice(0, at), ...bytes.slice(Math.max(0, at - repeat))]
      }
      writeFileSync(file, Uint8Array.from(bytes))
      readAll(file)
    }),
    { numRuns: 500 },
  )
})

it('meets impossible header entries with an error for a person or a correct read', () => {
  const file = join(temporaryFolder(), 'x')
  const number = fc.oneof(fc.nat(40), fc.integer(), fc.double(), fc.constantFrom(2 ** 31, 2 ** 53, 1e308, -1))
  const entry = fc.record(
    {
      dtype: fc.oneof(fc.constantFrom('F32', 'F16', 'BF16', 'F64', 'I8', 'U8', 'BOOL'), fc.string()),
      shape: fc.oneof(
        fc.array(fc.oneof({ weight: 4, arbitrary: fc.nat(6) }, { weight: 1, arbitrary: number }), { maxLength: 4 }),
        fc.anything(),
      ),
      data_offsets: fc.oneof(fc.tuple(number, number), fc.array(number), fc.anything()),
    },
    { requiredKeys: [] },
  )
  const any = fc.tuple(fc.dictionary(fc.string(), entry, { maxKeys: 3 }), fc.uint8Array({ maxLength: 40 }))
  fc.assert(
    fc.property(any, ([entries, data]) => {
      let text: string
      try {
        text = JSON.stringify(entries)
      } catch {
        return // what JSON cannot express (a bigint, a cycle) cannot stand in a header
      }
      writeFileSync(file, withHeader(text, data))
      readAll(file)
    }),
    { numRuns: 500 },
  )
})

it('meets a damaged model folder with an error for a person or a checkpoint', () => {
  const folder = temporaryFolder()
  const files = ['config.json', 'model.safetensors'] as const
  const contents = files.map((name) => readFileSync(join('test/fixtures/llama-a', name)))
  const damage = fc.record({ which: fc.nat(1), at: fc.nat(3000), byte: fc.nat(255) })
  fc.assert(
    fc.property(damage, ({ which, at, byte }) => {
      files.forEach((name, i) => {
        const bytes = Buffer.from(contents[i])
        if (i === which) bytes[at % bytes.length] = byte
        writeFileSync(join(folder, name), bytes)
      })
      try {
        openCheckpoint(folder)
      } catch (error) {
        if (!(error instanceof ReflectoryError)) throw error
        expect(error.place.startsWith(folder)).toBe(true)
      }
    }),
    { numRuns: 200 },
  )
})
