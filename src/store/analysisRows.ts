/** What an analysis reads of trajectories: their ids by filter, and one row at a time, so that nothing waits for all of them. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { NumberKind } from '../shared/analysisRows.ts'
import { VerdictClass } from '../shared/rpc/trajectories.ts'
import { Correctness, PromptRole, SplitState } from '../shared/trajectory.ts'
import type { Store } from './openStore.ts'
import { statement } from './statements.ts'

export interface AnalysisFilter {
  armIds: readonly number[]
  phase: 'train' | 'evaluation'
  role: PromptRole | null
  category: string | null
}

/** Ids of the trajectories in the order of arms, steps and recording. */
export function analysisIds({ db }: Store, { armIds, phase, role, category }: AnalysisFilter): number[] {
  const find = statement(
    db,
    `SELECT id FROM facets WHERE arm_id = @armId AND phase = @phase
      AND (@role IS NULL OR role = @role) AND (@category IS NULL OR category = @category) ORDER BY step, id`,
  )
  return armIds.flatMap((armId) => z.array(z.int()).parse(find.pluck().all({ armId, phase, role, category })))
}

/** Changes when trajectories come or go, or take the place of others. */
export function trajectoryState({ db }: Store, armIds: readonly number[]): string {
  const find = statement(db, 'SELECT count(*) FROM facets WHERE arm_id = ?')
  // Whatever is recorded again becomes the newest. Row numbers say nothing: a run that is taken in gets others.
  const newest = statement(
    db,
    `SELECT t.key || f.thought || f.response || f.whole || COALESCE(t.correctness, '') || COALESCE(t.advantage, '') || t.text
    FROM facets f JOIN trajectories t ON t.id = f.id WHERE f.arm_id = ? ORDER BY f.id DESC LIMIT 1`,
  )
  return armIds
    .map((armId) => {
      const content = z.string().optional().parse(newest.pluck().get(armId)) ?? ''
      return `${z.int().parse(find.pluck().get(armId))}/${createHash('sha256').update(content).digest('hex').slice(0, 16)}`
    })
    .join(' ')
}

const blob = z.instanceof(Uint8Array).nullable()

const Row = z.object({
  id: z.int(),
  armId: z.int(),
  phase: z.enum(['train', 'evaluation']),
  step: z.int(),
  role: PromptRole,
  category: z.string(),
  whole: VerdictClass,
  state: SplitState,
  prompt: z.string(),
  correctness: Correctness.nullable(),
  advantage: z.number().nullable(),
  promptTokenCount: z.int(),
  tokenCount: z.int(),
  /** Neither text nor tokens: a sampled trajectory has at least its end token. */
  isStripped: z.int().transform((value) => value === 1),
  /** Null where it was not wanted, here and below. */
  source: z.string().nullable(),
  promptText: z.string().nullable(),
  answer: z.string().nullable(),
  thought: z.string().nullable(),
  /** Little-endian: int32, int32, float32. */
  promptTokens: blob,
  tokens: blob,
  entropies: blob,
})
export type StoredAnalysisRow = z.infer<typeof Row>

export interface WantedColumns {
  numbers: readonly NumberKind[]
  thoughts: boolean
  prompts: boolean
}

/** Undefined where it has gone meanwhile. What is not wanted is not read: of a long trajectory that is most of it. */
export function analysisRow({ db }: Store, id: number, { numbers, thoughts, prompts }: WantedColumns): StoredAnalysisRow | undefined {
  const wanted = (is: boolean, column: string) => (is ? column : 'NULL')
  const found = statement(
    db,
    `SELECT f.id, f.arm_id AS armId, f.phase, f.step, f.role, f.category, f.whole, f.split_state AS state, p.key AS prompt,
      t.correctness, t.advantage, length(k.prompt_tokens) / 4 AS promptTokenCount, length(k.tokens) / 4 AS tokenCount,
      (t.text = '' AND length(k.tokens) = 0) AS isStripped,
      ${wanted(prompts, 'p.source')} AS source, ${wanted(prompts, 'p.text')} AS promptText, ${wanted(prompts, 'p.answer')} AS answer,
      ${wanted(thoughts, 't.thought')} AS thought, ${wanted(numbers.includes('promptTokens'), 'k.prompt_tokens')} AS promptTokens,
      ${wanted(numbers.includes('tokens'), 'k.tokens')} AS tokens, ${wanted(numbers.includes('entropies'), 'k.entropies')} AS entropies
    FROM facets f JOIN trajectories t ON t.id = f.id JOIN prompts p ON p.id = f.prompt_id
      JOIN trajectory_tokens k ON k.trajectory_id = f.id
    WHERE f.id = ?`,
  ).get(id)
  return found === undefined ? undefined : Row.parse(found)
}
