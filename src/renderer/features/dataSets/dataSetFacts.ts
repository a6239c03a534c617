/** What is known of a data file, as lines of a table. */
import type { DatasetDetail } from '../../../shared/inspection.ts'
import { formatBytes, formatCount } from '../../format.ts'
import type { Fact } from '../models/modelFacts.ts'

export function dataSetFacts(detail: DatasetDetail): Fact[] {
  const unreadable = detail.unreadable.length
  const rows = `${formatCount(detail.rows)}, of which ${formatCount(detail.used)} are used`
  return [
    { name: 'Format', value: detail.format, isCode: false },
    { name: 'Rows', value: unreadable === 0 ? rows : `${rows}; ${formatCount(unreadable)} cannot be read`, isCode: false },
    { name: 'Columns', value: detail.columns.join(', '), isCode: false },
    { name: 'Size', value: formatBytes(detail.bytes), isCode: false },
    { name: 'File', value: detail.file, isCode: true },
    { name: 'SHA-256', value: detail.hash, isCode: true },
  ]
}

/** Categories with their rows, the largest first. */
export function categoriesOf(detail: DatasetDetail): { category: string; rows: string }[] {
  return Object.entries(detail.byCategory)
    .sort(([, a], [, b]) => b - a)
    .map(([category, rows]) => ({ category, rows: formatCount(rows) }))
}

export const partNames = {
  text: 'Prompt',
  category: 'Category',
  answer: 'Reference answer',
  thought: 'Thought',
  response: 'Response',
} as const
export type Part = keyof typeof partNames

/** The parts that a role can have. */
export function partsOf(role: DatasetDetail['role']): Part[] {
  if (role === 'sft') return ['text', 'category', 'thought', 'response']
  return role === 'reasoning' ? ['text', 'category', 'answer'] : ['text', 'category']
}
