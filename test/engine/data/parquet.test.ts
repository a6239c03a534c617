import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadPairs, loadPrompts } from '../../../src/engine/data/loadSource.ts'
import { isRow } from '../../../src/engine/data/table.ts'
import { openTableFile } from '../../../src/engine/data/tableFile.ts'
import { ReflectoryError } from '../../../src/shared/errors.ts'
import { type Codec, type ParquetColumn, writeParquet } from './parquetWriter.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const folder = temporaryFolder()
const path = (name: string) => join(folder, name)

const columns: ParquetColumn[] = [
  { name: 'goal', type: 'text' },
  { name: 'target', type: 'text' },
  { name: 'number', type: 'int64' },
]
const rowsOf = (count: number, from = 0) => [
  Array.from({ length: count }, (_, i) => `goal ${from + i} – é`),
  Array.from({ length: count }, (_, i) => `target ${from + i}`),
  Array.from({ length: count }, (_, i) => from + i),
]

async function readAll(file: string, chosen?: string[]) {
  const table = await openTableFile(file)
  const values: Record<string, unknown>[] = []
  for await (const entry of table.entries(chosen)) if (isRow(entry)) values.push({ line: entry.line, ...entry.values })
  return { columns: table.columns, values }
}

it('reads every compression that it knows, over pages and row groups, with rows numbered through', async () => {
  for (const codec of ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'ZSTD'] satisfies Codec[]) {
    const file = path(`${codec}.parquet`)
    writeParquet(file, columns, [rowsOf(70), rowsOf(30, 70)], { codec, pageRows: 9 })
    const { columns: names, values } = await readAll(file)
    expect(names).toEqual(['goal', 'target', 'number'])
    expect(values).toHaveLength(100)
    values.forEach((row, i) =>
      expect(row).toEqual({ line: i + 1, goal: `goal ${i} – é`, target: `target ${i}`, number: i }),
    )
  }
})

it('refuses other compressions by name, in columns that are read', async () => {
  const file = path('lzo.parquet')
  writeParquet(file, columns, [rowsOf(3)], { codec: 'LZO' })
  await expect(loadPrompts(file)).rejects.toThrow('column "goal" is compressed by LZO, which cannot be read')
})

it('reads only the columns that are looked at', async () => {
  const file = path('some.parquet')
  writeParquet(file, columns, [rowsOf(5)])
  expect((await readAll(file, ['number'])).values[4]).toEqual({ line: 5, number: 4 })
})

it('is recognised like any other file, and has its hash', async () => {
  const file = path('advbench.parquet')
  writeParquet(file, columns, [rowsOf(20)], { codec: 'SNAPPY', pageRows: 6 })
  const { items, mapping, hash } = await loadPrompts(file)
  expect(mapping.format).toBe('AdvBench')
  expect(items).toHaveLength(20)
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
  const pairs = await loadPairs(file, { columns: { text: 'goal', response: 'target' } })
  expect(pairs.pairs[19]).toMatchObject({ prompt: 'goal 19 – é', response: 'target 19' })
})

it('reads lists, as the options of multiple choice', async () => {
  const file = path('choice.parquet')
  const questions: ParquetColumn[] = [
    { name: 'question', type: 'text' },
    { name: 'options', type: 'list' },
    { name: 'answer', type: 'text' },
    { name: 'category', type: 'text' },
  ]
  const group = [['Which is red?', 'Which is blue?'], [['sky', 'rose', 'leaf'], ['sky', 'rose']], ['B', 'A'], ['colours', 'colours']]
  writeParquet(file, questions, [group, group], { codec: 'ZSTD' })
  const { items, mapping } = await loadPrompts(file)
  expect(mapping.format).toBe('MMLU-Pro')
  expect(items.map(({ options, answer }) => [options, answer])).toEqual([
    [['sky', 'rose', 'leaf'], 'B'],
    [['sky', 'rose'], 'A'],
    [['sky', 'rose', 'leaf'], 'B'],
    [['sky', 'rose'], 'A'],
  ])
})

it('lists rows whose text is not valid UTF-8 instead of putting question marks in', async () => {
  const file = path('latin.parquet')
  writeParquet(file, columns, [[['good', Buffer.from([0x63, 0xe9])], ['a', 'b'], [1, 2]]])
  const { items, skipped } = await loadPrompts(file)
  expect(items.map(({ text }) => text)).toEqual(['good'])
  expect(skipped).toEqual([{ line: 2, reason: 'the prompt in column "goal" is not valid UTF-8, not text' }])
})

it('says of a file that is cut off or no Parquet at all that it is', async () => {
  const whole = path('whole.parquet')
  writeParquet(whole, columns, [rowsOf(50)], { codec: 'GZIP', pageRows: 10 })
  const bytes = readFileSync(whole)
  const broken = path('broken.parquet')
  for (const cut of [0, 3, 11, bytes.length - 9, bytes.length - 1]) {
    writeFileSync(broken, bytes.subarray(0, cut))
    await expect(readAll(broken)).rejects.toThrow(/cannot be read as Parquet/)
  }
})

it('gives rows or a named error for damaged bytes', async () => {
  const whole = path('damaged.parquet')
  writeParquet(whole, columns, [rowsOf(40)], { codec: 'SNAPPY', pageRows: 10 })
  const bytes = readFileSync(whole)
  const broken = path('one-byte.parquet')
  for (let at = 0; at < bytes.length; at += 7) {
    const damaged = Buffer.from(bytes)
    damaged[at] ^= 0xff
    writeFileSync(broken, damaged)
    const error: unknown = await readAll(broken).then(
      () => null,
      (reason: unknown) => reason,
    )
    if (error !== null) expect(error).toBeInstanceOf(ReflectoryError)
  }
})
