/** Reads the expected.json of a checkpoint folder, in the layout of our fixtures or in that of the story model. */
import { join } from 'node:path'
import { z } from 'zod'
import { ReflectoryError } from '../../shared/errors.ts'
import { readJson, readJsonIfPresent } from '../model/jsonFile.ts'

const ids = z.array(z.number().int().min(0))
const numbers = z.array(z.number())

const Padded = z.object({
  input_ids: z.array(ids).min(1),
  attention_mask: z.array(z.array(z.union([z.literal(0), z.literal(1)]))),
  position_ids: z.array(ids).optional(),
  /** Of the real positions only. */
  logits: z.array(z.array(numbers)),
})

const ParameterGradient = z.object({
  shape: z.array(z.number().int()),
  frobenius: z.number(),
  first16: numbers,
  strided_indices: ids,
  strided: numbers,
  row_index: z.number().int().optional(),
  row_first16: numbers.optional(),
})

/** What shared/fixtures/NOTES.md describes. */
export const FixtureExpectations = z.object({
  meta: z.object({ num_parameters: z.number().int().optional() }).optional(),
  sequences: z.array(ids).min(1),
  prompt_lens: z.array(z.number().int().min(1)),
  pad_id_used: z.number().int().default(0),
  right_padded: Padded.optional(),
  left_padded: Padded.optional(),
  completion: z
    .object({
      token_ids: z.array(ids),
      logprobs: z.array(numbers),
      entropies: z.array(numbers),
      mean_nll: z.number(),
      num_tokens: z.number().int(),
    })
    .optional(),
  gradients: z
    .object({
      params: z.record(z.string(), ParameterGradient),
      all_frobenius: z.record(z.string(), z.number()),
      global_norm: z.number(),
    })
    .optional(),
  greedy: z
    .object({
      prompt: ids.min(1),
      tokens: ids,
      logprobs: numbers,
      min_top1_top2_logit_gap: z.number(),
      batch_left_padded: z
        .object({
          input_ids: z.array(ids),
          attention_mask: z.array(numbers),
          tokens: z.array(ids),
          min_top1_top2_logit_gap: z.number(),
        })
        .optional(),
    })
    .optional(),
})
export type FixtureExpectations = z.infer<typeof FixtureExpectations>

/** One greedy continuation with the logits at its ends, and a tolerance of its own. */
export const ContinuationExpectations = z.object({
  prompt_ids: ids.min(1),
  suggested_abs_tolerance: z.number().positive(),
  greedy_ids: ids.min(1),
  greedy_text: z.string(),
  min_greedy_margin: z.number(),
  greedy_token_logprobs: numbers,
  logits_after_bos: numbers,
  logits_last_position: numbers,
  argmax_last_position: z.number().int(),
})
export type ContinuationExpectations = z.infer<typeof ContinuationExpectations>

const TokenizationExpectations = z.array(z.object({ text: z.string(), ids_without_bos: ids }))
export type TokenizationExpectations = z.infer<typeof TokenizationExpectations>

export type Expectations = { tokenization: TokenizationExpectations | null } & (
  { layout: 'fixture'; expected: FixtureExpectations } | { layout: 'continuation'; expected: ContinuationExpectations }
)

/** Throws `bad-data` where there is nothing that could be compared. */
export function readExpectations(folder: string): Expectations {
  const file = join(folder, 'expected.json')
  const raw = readJson(file, z.looseObject({}), 'Name a checkpoint folder that has an expected.json.')
  const tokenization = readJsonIfPresent(join(folder, 'tokenization_expected.json'), TokenizationExpectations)
  if ('sequences' in raw) return { layout: 'fixture', expected: readJson(file, FixtureExpectations, ''), tokenization }
  if ('greedy_ids' in raw)
    return { layout: 'continuation', expected: readJson(file, ContinuationExpectations, ''), tokenization }
  throw new ReflectoryError(
    'bad-data',
    file,
    'it holds neither "sequences" (fixtures) nor "greedy_ids" (story model)',
    'Name a checkpoint folder whose expected.json has one of these layouts.',
  )
}
