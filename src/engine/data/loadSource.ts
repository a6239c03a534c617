/** Loads prompts and training pairs from published files, and says which column was taken for what. */
import { createHash } from 'node:crypto'
import { basename, extname } from 'node:path'
import { ReflectoryError } from '../../shared/errors.ts'
import type { ColumnMapping, FileSource } from '../../shared/sources.ts'
import type { PromptItem, PromptRole } from '../../shared/trajectory.ts'
import type { ThoughtTags } from '../model/thoughtSplit.ts'
import { mapColumns, type Mapping, type Part } from './mapColumns.ts'
import { fileBytes } from './readLines.ts'
import { parseTable, tableKind, type Row, type SkippedRow } from './readRows.ts'
import { numberCopies, promptId, selectRows } from './selectRows.ts'
import { splitResponse } from './splitResponse.ts'
import { UnusableRow } from './unusableRow.ts'

export interface LoadOptions {
  /** Name of the set in ids and tables; the file's name when absent. */
  set?: string
  /** What the prompts are for. Where rows are labelled (XSTest), takes the rows of this role only. */
  role?: PromptRole
  columns?: ColumnMapping
  split?: FileSource['split']
  heldOutShare?: number
  limit?: number | undefined
  /** How a thought is marked inside a response; `<think>` and `</think>` when absent. */
  tags?: ThoughtTags
}

/** How a file was read. */
export interface LoadReport {
  mapping: Mapping
  /** Rows with data in the file, unreadable ones not counted. */
  rows: number
  /** Rows by category, before the division and the limit. */
  byCategory: Record<string, number>
  skipped: SkippedRow[]
  /** SHA-256 of the file, hex. */
  hash: string
}

export interface TrainingPair {
  id: string
  prompt: string
  thought: string
  response: string
  category: string
}

interface ReadRow {
  text: string
  category: string
}

/** The prompts of a file. Rows that cannot be used are in `skipped`: going on without them is the caller's choice. */
export async function loadPrompts(
  file: string,
  options: LoadOptions = {},
): Promise<LoadReport & { items: PromptItem[] }> {
  const set = options.set ?? basename(file, extname(file))
  const needed: Part[] = options.role === 'reasoning' ? ['text', 'answer'] : ['text']
  const { chosen, report } = await load(file, set, options, needed, (row, mapping) => {
    const role = roleOf(row, mapping, options.role, file)
    if (options.role !== undefined && role !== options.role) return null
    return { role, answer: role === 'reasoning' ? referenceAnswer(row, mapping) : null }
  })
  const items = chosen.map(({ id, text, category, extra }) => ({ id, set, category, text, ...extra }))
  return { items, ...report }
}

/** The training pairs of a file; a thought comes from its own column or from tags at the head of the response. */
export async function loadPairs(
  file: string,
  options: LoadOptions = {},
): Promise<LoadReport & { pairs: TrainingPair[] }> {
  const set = options.set ?? basename(file, extname(file))
  const { chosen, report } = await load(file, set, options, ['text', 'response'], (row, mapping) => {
    const response = textOf(row, mapping.parts.response, 'response')
    if (mapping.parts.thought !== undefined) {
      return { thought: textOf(row, mapping.parts.thought, 'thought'), response }
    }
    return splitResponse(response, options.tags)
  })
  const pairs = chosen.map(({ id, text, category, extra }) => ({ id, prompt: text, category, ...extra }))
  return { pairs, ...report }
}

/** Lines for a person: the format, which column plays which part, and how many rows each category has. */
export function describeLoad(file: string, { mapping, rows, byCategory, skipped }: LoadReport): string[] {
  const parts = Object.entries(mapping.parts).map(([part, column]) => `${part} = "${column}"`)
  if (mapping.label !== null) parts.push(`role = "${mapping.label}" (safe: benign, unsafe: harmful)`)
  const categories = Object.entries(byCategory).map(([category, count]) => `${category} ${count}`)
  return [
    `${file}: ${mapping.format}, ${rows} rows`,
    `  columns: ${parts.join(', ')}`,
    `  categories: ${categories.join(', ')}`,
    ...skipped.map(({ line, reason }) => `  ${file}:${line}: left out, ${reason}`),
  ]
}

/** Reads, maps, divides and limits. `readExtra` gives what is particular to prompts or pairs, or null to pass over. */
async function load<Extra extends object>(
  file: string,
  set: string,
  options: LoadOptions,
  needed: Part[],
  readExtra: (row: Row, mapping: Mapping) => Extra | null,
): Promise<{ chosen: (ReadRow & { id: string; extra: Extra })[]; report: LoadReport }> {
  const hash = createHash('sha256')
  const table = await parseTable(hashed(fileBytes(file), hash), tableKind(file), file)
  const mapping = mapColumns(table.columns, options.columns ?? {}, needed, file)
  const skipped = [...table.skipped]
  const byCategory = new Map<string, number>()
  const read: (ReadRow & { extra: Extra })[] = []
  for (const row of table.rows) {
    try {
      const extra = readExtra(row, mapping)
      if (extra === null) continue
      const text = textOf(row, mapping.parts.text, 'prompt')
      const category = categoryOf(row, mapping, set)
      read.push({ text, category, extra })
      byCategory.set(category, (byCategory.get(category) ?? 0) + 1)
    } catch (error) {
      if (!(error instanceof UnusableRow)) throw error
      skipped.push({ line: row.line, reason: error.message })
    }
  }
  skipped.sort((a, b) => a.line - b.line)
  const chosen = selectRows(numberCopies(read), {
    split: options.split ?? 'all',
    heldOutShare: options.heldOutShare ?? 0.5,
    limit: options.limit,
  })
  if (chosen.length === 0) {
    const first = skipped[0]
    throw new ReflectoryError(
      'bad-data',
      first === undefined ? file : `${file}:${first.line}`,
      first === undefined
        ? 'no row fits the role and the division asked for'
        : `no row can be used; the first: ${first.reason}`,
      'Check the role, the columns and the division of this source.',
    )
  }
  return {
    chosen: chosen.map((row) => ({ ...row, id: promptId(set, row) })),
    report: {
      mapping,
      rows: table.rows.length,
      byCategory: Object.fromEntries(byCategory),
      skipped,
      hash: hash.digest('hex'),
    },
  }
}

async function* hashed(
  bytes: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    hash.update(chunk)
    yield chunk
  }
}

function textOf(row: Row, column: string | undefined, what: string): string {
  const value = column === undefined ? undefined : row.values[column]
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'string') throw new UnusableRow(`the ${what} in column "${column}" is not text`)
  if (value.trim() === '') throw new UnusableRow(`the ${what} in column "${column}" is empty`)
  return value
}

/** A list of categories (STAR-1) becomes one name; a row without one belongs to the set as a whole. */
function categoryOf(row: Row, mapping: Mapping, set: string): string {
  const value = mapping.parts.category === undefined ? undefined : row.values[mapping.parts.category]
  const names = (Array.isArray(value) ? value : [value]).filter(
    (name) => typeof name === 'string' && name.trim() !== '',
  )
  return names.length > 0 ? names.join(' + ') : set
}

function roleOf(row: Row, mapping: Mapping, asked: PromptRole | undefined, file: string): PromptRole {
  if (asked !== undefined && mapping.roles.length > 0 && !mapping.roles.includes(asked)) {
    throw new ReflectoryError(
      'bad-data',
      file,
      `${mapping.format} holds ${mapping.roles.join(' or ')} prompts, and is asked for ${asked} ones`,
      `Give this source the role ${mapping.roles.join(' or ')}.`,
    )
  }
  if (mapping.label !== null) {
    const label = row.values[mapping.label]
    if (label === 'safe') return 'benign'
    if (label === 'unsafe') return 'harmful'
    throw new UnusableRow(`the label "${String(label)}" is neither "safe" nor "unsafe"`)
  }
  const role = asked ?? mapping.roles[0]
  if (role === undefined) {
    throw new ReflectoryError(
      'bad-data',
      file,
      'the columns do not tell what the prompts are for',
      'Give this source the role harmful, benign or reasoning.',
    )
  }
  return role
}

/** GSM8K ends its worked solution with `#### n`; other files hold the answer alone. */
function referenceAnswer(row: Row, mapping: Mapping): string {
  const value = textOf(row, mapping.parts.answer, 'answer')
  const marker = value.lastIndexOf('####')
  const answer = (marker < 0 ? value : value.slice(marker + 4)).trim()
  if (answer === '') throw new UnusableRow('nothing stands after "####" in the answer')
  if (answer.includes('\n')) throw new UnusableRow('the answer has several lines and no "####" before its result')
  return answer
}
