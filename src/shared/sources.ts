/** Where prompts and training pairs come from: Harbor's generator, or files as they were published. */
import { z } from 'zod'

/** Which side of the fixed division between training and evaluation a row may come from. */
export const Split = z.enum(['all', 'train', 'held-out'])
export type Split = z.infer<typeof Split>

const HarborSource = z.strictObject({
  harbor: z.enum(['harmful', 'benign', 'puzzle', 'sft']).describe("What Harbor's generator makes."),
  split: z
    .enum(['train', 'held-out'])
    .default('train')
    .describe('Held-out prompts use categories, templates and items that no training text has.'),
  count: z.int().min(1).max(10000000).default(300),
})

export const SourceRole = z.enum(['harmful', 'benign', 'reasoning', 'sft'])
export type SourceRole = z.infer<typeof SourceRole>

/** Which column of a file plays which part. Columns that are not named here are recognised by their names. */
export const ColumnMapping = z.strictObject({
  text: z.string().min(1).optional().describe('The prompt or question.'),
  category: z.string().min(1).optional(),
  answer: z.string().min(1).optional().describe('The reference answer of a reasoning question.'),
  thought: z.string().min(1).optional().describe('The thought of a training pair.'),
  response: z.string().min(1).optional().describe('The response of a training pair.'),
})
export type ColumnMapping = z.infer<typeof ColumnMapping>

const FileSource = z.strictObject({
  file: z.string().min(1).describe('CSV, JSON or JSONL; relative to the study file.'),
  role: SourceRole,
  split: Split.default('all').describe('Which part of the file; rows are divided by a hash of their text.'),
  heldOutShare: z.number().gt(0).lt(1).default(0.5).describe("How much of the file is 'held-out'."),
  limit: z.int().min(1).max(10000000).optional().describe('At most so many rows.'),
  columns: ColumnMapping.default({}),
})

export const DataSource = z.union([HarborSource, FileSource])
export type DataSource = z.infer<typeof DataSource>
export type HarborSource = z.infer<typeof HarborSource>
export type FileSource = z.infer<typeof FileSource>

/** The sources of a study that names none: Harbor's, for training and for evaluation. */
export const demoSources: Record<string, DataSource> = {
  harmful: { harbor: 'harmful', split: 'train', count: 1000 },
  benign: { harbor: 'benign', split: 'train', count: 1000 },
  puzzles: { harbor: 'puzzle', split: 'train', count: 2000 },
  refusals: { harbor: 'sft', split: 'train', count: 1000 },
  'harmful-held-out': { harbor: 'harmful', split: 'held-out', count: 300 },
  'benign-held-out': { harbor: 'benign', split: 'held-out', count: 300 },
  'puzzles-held-out': { harbor: 'puzzle', split: 'held-out', count: 300 },
}
