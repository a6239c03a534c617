/** What the engine finds out about a model's folder or a data file before it is used. */
import { z } from 'zod'
import { ColumnMapping, SourceRole } from './sources.ts'
import { PromptRole } from './trajectory.ts'

export const ModelDetail = z.object({
  folder: z.string(),
  family: z.string(),
  architecture: z.string(),
  parameters: z.int(),
  layers: z.int(),
  hiddenSize: z.int(),
  vocabularySize: z.int(),
  contextTokens: z.int(),
  chatTemplate: z.string(),
  /** The folder has no template of its own; a default one stands in. */
  hasDefaultTemplate: z.boolean(),
  /** SHA-256 over the weights, hex. */
  hash: z.string(),
  bytes: z.number(),
})
export type ModelDetail = z.infer<typeof ModelDetail>

export const DatasetDetail = z.object({
  file: z.string(),
  role: SourceRole,
  /** A published format that was recognised, or 'columns by name'. */
  format: z.string(),
  columns: z.array(z.string()),
  /** Which column plays which part. */
  mapping: ColumnMapping,
  /** Roles that the format allows; empty where any will do. */
  roles: z.array(PromptRole),
  rows: z.int(),
  used: z.int(),
  byCategory: z.record(z.string(), z.int()),
  unreadable: z.array(z.object({ line: z.int(), reason: z.string() })),
  /** Up to 20 rows as they will be used; empty where hidden. */
  examples: z.array(
    z.object({
      text: z.string(),
      category: z.string(),
      answer: z.string().nullable(),
      thought: z.string().nullable(),
      response: z.string().nullable(),
    }),
  ),
  /** Why it cannot be used in this role with these columns; null where it can. */
  problem: z.object({ problem: z.string(), remedy: z.string() }).nullable(),
  hash: z.string(),
  bytes: z.number(),
})
export type DatasetDetail = z.infer<typeof DatasetDetail>
