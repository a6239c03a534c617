/** Rows of a CSV, JSON or JSONL file, each with the line that it starts on; rows that cannot be read are listed. */
import { extname } from 'node:path'
import { Readable, pipeline } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { ReflectoryError } from '../../shared/errors.ts'
import { readLines, type Line } from './readLines.ts'
import { splitJsonArray } from './splitJsonArray.ts'

export interface Row {
  /** The line of the file that the row starts on, counted from 1. */
  line: number
  values: Record<string, unknown>
}

/** A row that is left out, and why. */
export interface SkippedRow {
  line: number
  reason: string
}

export interface Table {
  columns: string[]
  rows: Row[]
  skipped: SkippedRow[]
}

export type TableKind = 'csv' | 'json' | 'jsonl'

/** The kind of a file by its ending. */
export function tableKind(file: string): TableKind {
  const ending = extname(file).toLowerCase()
  if (ending === '.csv') return 'csv'
  if (ending === '.json') return 'json'
  if (ending === '.jsonl' || ending === '.ndjson') return 'jsonl'
  throw new ReflectoryError(
    'bad-data',
    file,
    `the ending "${ending}" is not one of .csv, .json, .jsonl`,
    'Convert the file to one of these, or rename it if it is one of them already.',
  )
}

/**
 * Reads a whole table. Structural damage (wrong encoding, an open quote, an unclosed array) is an error, since what
 * follows it cannot be trusted; a single bad row goes to `skipped`. A table without a readable row is an error.
 */
export async function parseTable(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  kind: TableKind,
  place: string,
): Promise<Table> {
  const lines = readLines(bytes, place)
  const table = kind === 'csv' ? await parseCsv(lines, place) : await parseJsonRows(lines, kind, place)
  if (table.rows.length === 0) {
    const first = table.skipped[0]
    if (first === undefined) {
      throw new ReflectoryError('bad-data', place, 'no rows of data', 'Give a file with at least one row of data.')
    }
    throw new ReflectoryError(
      'bad-data',
      `${place}:${first.line}`,
      `no row can be read; the first: ${first.reason}`,
      'Correct the file, or check that its ending fits what it holds.',
    )
  }
  return table
}

async function parseCsv(lines: AsyncIterable<Line>, place: string): Promise<Table> {
  // Where the last whole record ended, told by the parser itself: an error overtakes the records before it.
  let lastLine = 0
  const parser = parse({
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    onRecord: (record, context) => {
      lastLine = context.lines
      return record
    },
  })
  // pipeline() also carries the reader's own errors into the loop below.
  pipeline(Readable.from(withNewlines(lines)), parser, () => {})
  const rows: Row[] = []
  const skipped: SkippedRow[] = []
  let columns: string[] | undefined
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      // The parser counts lines to the end of a record; people look for its beginning.
      const line = info.lines - record.reduce((sum, value) => sum + value.split('\n').length - 1, 0)
      if (columns === undefined) columns = uniqueColumns(record, `${place}:${line}`)
      else if (record.length !== columns.length) {
        skipped.push({ line, reason: `${record.length} fields where the header has ${columns.length}` })
      } else rows.push({ line, values: Object.fromEntries(columns.map((name, i) => [name, record[i]])) })
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    // A quotation mark that is never closed swallows the rest; the record that it stands in begins behind the last good one.
    const isOpen = error.code === 'CSV_QUOTE_NOT_CLOSED'
    const line = isOpen ? `:${lastLine + 1}` : 'lines' in error ? `:${String(error.lines)}` : ''
    throw new ReflectoryError(
      'bad-data',
      `${place}${line}`,
      `a quotation mark in the wrong place (${error.message.split(':')[0]})`,
      'Write a quotation mark inside a field as "", and put the whole field between quotation marks.',
      { cause: error },
    )
  }
  return { columns: columns ?? [], rows, skipped }
}

async function* withNewlines(lines: AsyncIterable<Line>): AsyncGenerator<string> {
  for await (const { text } of lines) yield `${text}\n`
}

function uniqueColumns(header: string[], place: string): string[] {
  const names = header.map((name) => name.trim())
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) {
    throw new ReflectoryError('bad-data', place, `two columns are called "${twice}"`, 'Rename or remove one of them.')
  }
  return names
}

async function parseJsonRows(lines: AsyncIterable<Line>, kind: 'json' | 'jsonl', place: string): Promise<Table> {
  const columns = new Set<string>()
  const rows: Row[] = []
  const skipped: SkippedRow[] = []
  for await (const { number: line, text } of kind === 'jsonl' ? lines : arrayElements(lines, place)) {
    if (text.trim() === '') continue
    const values = parseObject(text)
    if (typeof values === 'string') skipped.push({ line, reason: values })
    else {
      rows.push({ line, values })
      for (const name of Object.keys(values)) columns.add(name)
    }
  }
  return { columns: [...columns], rows, skipped }
}

async function* arrayElements(lines: AsyncIterable<Line>, place: string): AsyncGenerator<Line> {
  const texts: string[] = []
  for await (const { text } of lines) texts.push(text)
  yield* splitJsonArray(texts.join('\n'), place)
}

/** The object that a piece of JSON holds, or the reason why there is none. */
function parseObject(text: string): Record<string, unknown> | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return `not valid JSON (${error instanceof Error ? error.message : String(error)})`
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not a JSON object'
  return { ...value }
}
