/** Reads a data file once, from its head to its end, and holds no more of it than what will be shown. */
import { DigestSet } from './digestSet.ts'
import type { DataRecord, RecordFile } from './records.ts'
import type { SkippedRow } from './table.ts'

/** Reasons are listed for so many rows, and counted for all. */
const MOST_LISTED = 1000
const MOST_CATEGORIES = 1000
const OTHER_CATEGORIES = '(other categories)'

export interface Survey {
  rows: number
  used: number
  byCategory: Record<string, number>
  /** At most `MOST_LISTED` of them. */
  skipped: SkippedRow[]
  skippedRows: number
  examples: DataRecord[]
  notes: string[]
  hash: string
}

/** @param examples so many of the first rows come along */
export async function surveyFile(file: RecordFile, examples: number): Promise<Survey> {
  const found = { rows: 0, used: 0, skippedRows: 0, skipped: new Array<SkippedRow>(), examples: new Array<DataRecord>() }
  const byCategory = new Map<string, number>()
  const [texts, ids] = [new DigestSet(), new DigestSet()]
  const repeated = { texts: 0, firstText: 0, ids: 0, firstId: 0 }
  for await (const record of file.records()) {
    found.rows++
    if (record.kind === 'skipped') {
      found.skippedRows++
      if (found.skipped.length < MOST_LISTED) found.skipped.push({ line: record.line, reason: record.reason })
      continue
    }
    if (record.kind === 'other-role') continue
    found.used++
    if (found.examples.length < examples) found.examples.push(record)
    const isRoom = byCategory.size < MOST_CATEGORIES || byCategory.has(record.category)
    const category = isRoom ? record.category : OTHER_CATEGORIES
    byCategory.set(category, (byCategory.get(category) ?? 0) + 1)
    if (!texts.add(record.text) && repeated.texts++ === 0) repeated.firstText = record.line
    if (record.ownId !== null && !ids.add(record.ownId) && repeated.ids++ === 0) repeated.firstId = record.line
  }
  const notes = [...file.mapping.assumed, ...file.notes()]
  const count = (rows: number) => `${rows.toLocaleString('en')} ${rows === 1 ? 'row repeats' : 'rows repeat'}`
  if (repeated.texts > 0) {
    notes.push(`${count(repeated.texts)} the prompt of an earlier row (the first at line ${repeated.firstText}); all are kept`)
  }
  if (repeated.ids > 0) {
    const text = `${count(repeated.ids)} the "${file.idColumn}" of an earlier row (the first at line ${repeated.firstId})`
    notes.push(`${text}; rows are told apart by their text`)
  }
  if (texts.isFull()) notes.push('repeats were looked for among the first four million different prompts only')
  if (byCategory.has(OTHER_CATEGORIES)) notes.push(`there are more than ${MOST_CATEGORIES} categories`)
  return { ...found, byCategory: Object.fromEntries(byCategory), notes, hash: await file.hash() }
}
