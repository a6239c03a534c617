/**
 * Trajectories: lists by key, search, one in full, the same prompt elsewhere, labels and notes. What belongs to a harmful
 * prompt carries no text unless the request says `reveal`: hidden text never reaches the page.
 */
import { z } from 'zod'
import { MeasuredTokens } from '../tokens.ts'
import { Component, Compliance, Correctness, PromptRole, SplitState, Verdict } from '../trajectory.ts'
import { type Method, Nothing, pageLimit } from './method.ts'

/** What the run's first judge found, with the study's threshold. */
export const VerdictClass = z.enum(['safe', 'unsafe', 'unscorable', 'not-judged'])
export type VerdictClass = z.infer<typeof VerdictClass>

const Classes = z.object({ thought: VerdictClass, response: VerdictClass, whole: VerdictClass })
const Phase = z.enum(['train', 'evaluation'])
const reveal = z.boolean().default(false).describe('Give the text of what belongs to harmful prompts, too.')

export const Label = z.string().trim().min(1).max(40)

/** A short piece of a text, with the words that were searched for between marks. */
export const Snippet = z.array(z.object({ text: z.string(), isMatch: z.boolean() }))

export const TrajectoryRow = z.object({
  id: z.int(),
  runId: z.string(),
  arm: z.string(),
  seed: z.int(),
  phase: Phase,
  step: z.int(),
  sampleIndex: z.int(),
  role: PromptRole,
  category: z.string(),
  splitState: SplitState,
  verdicts: Classes,
  compliance: Compliance.nullable(),
  correctness: Correctness.nullable(),
  reward: z.number().nullable(),
  label: z.string().nullable(),
  hasNote: z.boolean(),
  /** Beginnings of the texts (200 characters). Null where they are hidden. */
  texts: z.object({ prompt: z.string(), thought: z.string(), response: z.string() }).nullable(),
  /** Around the words searched for; null without a search, and where texts are hidden. */
  snippet: Snippet.nullable(),
})
export type TrajectoryRow = z.infer<typeof TrajectoryRow>

export const TrajectoryFilter = z.strictObject({
  runId: z.string().optional(),
  arm: z.string().optional(),
  seed: z.int().optional(),
  phase: Phase.optional(),
  step: z.int().optional(),
  splitState: SplitState.optional(),
  role: PromptRole.optional(),
  category: z.string().optional(),
  /** Class by component, for example { thought: 'unsafe', response: 'safe' } for hidden risk. */
  verdicts: z.partialRecord(Component, VerdictClass).optional(),
  rewardFrom: z.number().optional(),
  rewardTo: z.number().optional(),
  label: z.string().optional(),
  /** Words; all of them must occur in what the model wrote. */
  search: z.string().max(500).optional(),
})
export type TrajectoryFilter = z.infer<typeof TrajectoryFilter>

/** Where a page begins. Order is that of recording; `step` jumps to the first row of that step or a later one. */
export const PageAt = z.discriminatedUnion('at', [
  z.strictObject({ at: z.literal('first') }),
  z.strictObject({ at: z.literal('last') }),
  z.strictObject({ at: z.literal('after'), id: z.int() }),
  z.strictObject({ at: z.literal('before'), id: z.int() }),
  z.strictObject({ at: z.literal('step'), step: z.int() }),
])
export type PageAt = z.infer<typeof PageAt>

export const TrajectoryDetail = z.object({
  row: TrajectoryRow,
  key: z.string(),
  thinking: z.boolean(),
  finish: z.enum(['stop', 'length']),
  source: z.string(),
  tokenCount: z.int(),
  /** Nats, over its tokens; null without any. */
  meanLogProbability: z.number().nullable(),
  meanEntropy: z.number().nullable(),
  advantage: z.number().nullable(),
  /** Parts of the reward by name, before weighting. */
  rewardParts: z.record(z.string(), z.number()),
  /** Reasons are left out where texts are hidden: they may quote. */
  verdicts: z.array(Verdict),
  note: z.string(),
  /** Null where hidden. */
  texts: z
    .object({
      prompt: z.string(),
      /** The reference answer of a reasoning prompt. */
      answer: z.string().nullable(),
      thought: z.string(),
      response: z.string(),
      /** All that the model wrote, tags included. */
      whole: z.string(),
    })
    .nullable(),
})
export type TrajectoryDetail = z.infer<typeof TrajectoryDetail>

export const TrajectoryTokens = z.object({
  id: z.int(),
  /** Null where hidden, and where the tokenizer of the run's model is gone; `missing` then says why. */
  tokens: MeasuredTokens.nullable(),
  missing: z.string().nullable(),
})
export type TrajectoryTokens = z.infer<typeof TrajectoryTokens>

const OfTrajectory = z.strictObject({ id: z.int() })
const Filtered = z.strictObject({ filter: TrajectoryFilter })

export const trajectoryMethods = {
  listTrajectories: {
    input: Filtered.extend({ page: PageAt, limit: pageLimit, reveal }),
    /** Rows in the order of recording, whichever way the page was asked for. */
    output: z.object({ rows: z.array(TrajectoryRow), hasBefore: z.boolean(), hasAfter: z.boolean() }),
  },
  /** Stops at 10,000: `capped` then says that there are more. */
  countTrajectories: { input: Filtered, output: z.object({ count: z.int(), capped: z.boolean() }) },
  trajectoryNeighbours: {
    input: Filtered.extend({ id: z.int() }),
    output: z.object({ previous: z.int().nullable(), next: z.int().nullable() }),
  },
  /** What may be filtered by, within a run or everywhere. */
  trajectoryFacets: {
    input: z.strictObject({ runId: z.string().optional() }),
    output: z.object({
      runs: z.array(z.object({ id: z.string(), study: z.string() })),
      arms: z.array(z.string()),
      seeds: z.array(z.int()),
      categories: z.array(z.object({ role: PromptRole, category: z.string() })),
      labels: z.array(z.string()),
      lastStep: z.int(),
    }),
  },
  /** The record itself: answered at once. */
  trajectoryDetail: { input: OfTrajectory.extend({ reveal }), output: TrajectoryDetail },
  /** Its tokens as texts, for which the tokenizer of its model is read first: may take seconds. */
  trajectoryTokens: { input: OfTrajectory.extend({ reveal }), output: TrajectoryTokens },
  /** The same prompt's trajectories in the same run, in order of arm, phase, step and sample, texts in full. */
  samePrompt: {
    input: OfTrajectory.extend({ limit: pageLimit, reveal }),
    output: z.array(
      z.object({
        row: TrajectoryRow,
        texts: z.object({ thought: z.string(), response: z.string() }).nullable(),
      }),
    ),
  },
  /** `label` null and an empty note remove it. */
  annotate: {
    input: OfTrajectory.extend({ label: Label.nullable(), note: z.string().max(10000) }),
    output: Nothing,
  },
} satisfies Record<string, Method>
