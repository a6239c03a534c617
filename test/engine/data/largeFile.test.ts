/** Files are read as streams: a process whose heap is far smaller than the file looks into it. */
import { spawnSync } from 'node:child_process'
import { appendFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { writeParquet } from './parquetWriter.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const folder = temporaryFolder()

const HEAP_MB = 24
/** Characters of a row. */
const ROW = 3000
const ROWS = 10_000
const row = (i: number) => ({ instruction: `${i} ${'how so '.repeat(ROW / 14)}`, response: `<think>${'well '.repeat(ROW / 10)}</think>yes` })

/** The texts of all rows are more than the heap holds. */
function lookInto(file: string) {
  const heap = [`--max-old-space-size=${HEAP_MB}`, '--max-semi-space-size=4']
  const program = fileURLToPath(new URL('lookInto.ts', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [...heap, program, file], { encoding: 'utf8', timeout: 100_000 })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toEqual({ rows: ROWS, used: ROWS })
}

const chunks = Array.from({ length: 20 }, (_, i) => Array.from({ length: ROWS / 20 }, (__, j) => row(i * (ROWS / 20) + j)))

for (const kind of ['jsonl', 'json', 'csv'] as const) {
  it(`looks into ${kind} with little memory`, () => {
    const file = join(folder, `large.${kind}`)
    const opening = { jsonl: '', json: '[', csv: 'instruction,response\n' }[kind]
    writeFileSync(file, opening)
    chunks.forEach((chunk, i) => {
      if (kind === 'csv') return appendFileSync(file, chunk.map((each) => `${each.instruction},${each.response}\n`).join(''))
      const between = kind === 'json' ? ',' : '\n'
      appendFileSync(file, (i > 0 ? between : '') + chunk.map((each) => JSON.stringify(each)).join(between))
    })
    if (kind === 'json') appendFileSync(file, ']')
    lookInto(file)
    rmSync(file)
  }, 120_000)
}

it('looks into Parquet of one row group with little memory', () => {
  const file = join(folder, 'large.parquet')
  const rows = chunks.flat()
  const group = [rows.map(({ instruction }) => instruction), rows.map(({ response }) => response)]
  writeParquet(file, [{ name: 'instruction', type: 'text' }, { name: 'response', type: 'text' }], [group], { codec: 'SNAPPY', pageRows: 200 })
  lookInto(file)
}, 120_000)
