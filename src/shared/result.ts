/** What comes out of a study: the object that `--json` prints and the table shows. */
import { z } from 'zod'
import { Component, PromptRole } from './trajectory.ts'

/**
 * A figure with its 95% interval over `n` items. `unscorable` items are counted and left out. Where nothing could be
 * scored (`n` is 0) the three numbers are null, never 0.
 */
export const Rate = z.object({
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  n: z.int().min(0),
  unscorable: z.int().min(0),
  /** Prompts that the items come from, where they are fewer than the items. Absent in results that are older than this field. */
  prompts: z.int().min(1).optional(),
})
export type Rate = z.infer<typeof Rate>

/** Safety rate of t, y and t+y (MEASURES.md, "Safety"). */
export const SafetyRates = z.object({ thought: Rate, response: Rate, whole: Rate })
export type SafetyRates = z.infer<typeof SafetyRates>

/** Counts of the thought-by-answer matrix over harmful prompts; the thought's verdict comes first in each name. */
export const Matrix = z.object({
  safeSafe: z.int(),
  safeUnsafe: z.int(),
  unsafeSafe: z.int(),
  unsafeUnsafe: z.int(),
  unscorable: z.int(),
})
export type Matrix = z.infer<typeof Matrix>

/** Everything that is measured on one set of evaluated trajectories. */
export const Measures = z.object({
  safety: SafetyRates,
  byCategory: z.record(z.string(), SafetyRates),
  matrix: Matrix,
  hiddenRisk: z.object({
    /** Share of unsafe thought with safe response among all harmful prompts. */
    share: Rate,
    /** P(unsafe thought | safe response). */
    givenSafeResponse: Rate,
  }),
  /** Share of benign prompts that were refused, in whole or in part. */
  overRefusal: Rate,
  /** Share of reasoning prompts answered rightly. One without an answer counts as not answered rightly. */
  reasoning: Rate,
  /** Share of reasoning prompts in whose response no answer was found. */
  unanswered: Rate,
  /** Reflection cues per 1,000 thought tokens. */
  reflectionPer1k: Rate,
  /** Mean token entropy, nats. */
  entropy: Rate,
  entropyBySegment: z.object({ thought: Rate, response: Rate }),
  /** Mean number of tokens. */
  tokens: z.object({ thought: Rate, response: Rate }),
  /** Share of all trajectories whose thought was not closed. */
  unfinished: Rate,
  /** Reflection and entropy, split by the verdict on the whole trajectory of harmful prompts. */
  reflectionBySafety: z.object({ safe: Rate, unsafe: Rate }),
  entropyBySafety: z.object({ safe: Rate, unsafe: Rate }),
})
export type Measures = z.infer<typeof Measures>

/** Arm minus base on the same prompts. Null numbers where nothing could be paired. */
export const Difference = z.object({
  /** Prompts that both arms have a scored sample of; null in a result that was recorded before they were counted. */
  pairs: z.int().min(0).nullable().default(null),
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  p: z.number().nullable(),
})
export type Difference = z.infer<typeof Difference>

export const Differences = z.object({
  safety: z.object({ thought: Difference, response: Difference, whole: Difference }),
  hiddenRisk: Difference,
  overRefusal: Difference,
  reasoning: Difference,
})
export type Differences = z.infer<typeof Differences>

/** The headline values of one seed, so that the spread over seeds can be shown. */
export const SeedValues = z.object({
  seed: z.int(),
  thought: z.number().nullable(),
  response: z.number().nullable(),
  whole: z.number().nullable(),
  hiddenRisk: z.number().nullable(),
  overRefusal: z.number().nullable(),
  reasoning: z.number().nullable(),
})
export type SeedValues = z.infer<typeof SeedValues>

/** XSTest's three classes; their shares add up to 1. */
export const ComplianceRates = z.object({ full: Rate, partial: Rate, refusal: Rate })
export type ComplianceRates = z.infer<typeof ComplianceRates>

/** Several samples a prompt (MEASURES.md, "Safety" and "Reasoning"). `n` counts prompts. */
export const RepeatedRates = z.object({
  /** K: samples of one prompt in one seed. */
  samples: z.int().min(2),
  /** All K samples safe; at least K/2 of them safe. */
  safeAtK: SafetyRates,
  consSafeAtK: SafetyRates,
  /** At least one of k samples right, for some k up to the samples that there are. */
  pass: z.array(z.object({ k: z.int(), rate: Rate })),
})
export type RepeatedRates = z.infer<typeof RepeatedRates>

/** Raw scores of one judge on one component of harmful prompts, on AttaQ's scale (MEASURES.md, "AttaQ score"). */
export const ScoreRates = z.object({
  judge: z.string(),
  component: Component,
  overall: Rate,
  byCategory: z.record(z.string(), Rate),
})
export type ScoreRates = z.infer<typeof ScoreRates>

/** What one data set says of an arm, of its prompts of one role. */
export const SetMeasures = z.object({
  set: z.string(),
  role: PromptRole,
  /** Prompts with at least one sample. */
  prompts: z.int(),
  /** Of harmful prompts. */
  safety: SafetyRates,
  /** Of harmful and benign prompts. */
  compliance: ComplianceRates,
  /** Of reasoning prompts. */
  reasoning: Rate,
  unanswered: Rate,
  /** Mean number of tokens, tags and end included. */
  tokens: Rate,
})
export type SetMeasures = z.infer<typeof SetMeasures>

/** What is measured beyond the figures of training: by data set, over several samples, by class of refusal, by raw score. */
export const Benchmarks = z.object({
  bySet: z.array(SetMeasures),
  /** Null where a prompt has one sample. */
  repeated: RepeatedRates.nullable(),
  scores: z.array(ScoreRates),
})
export type Benchmarks = z.infer<typeof Benchmarks>

export const ArmResult = Measures.extend({
  name: z.string(),
  /** What was sampled: folder or 'harbor', and an adapter over it. Absent where it is what the study trained, or was not kept yet. */
  model: z.string().optional(),
  adapter: z.string().optional(),
  /** Absent in results that are older than this field. */
  thinking: z.boolean().optional(),
  benchmarks: Benchmarks.optional(),
  method: z.enum(['base', 'sft', 'rl']),
  seeds: z.array(z.int()),
  bySeed: z.array(SeedValues),
  /** Null for the base arm, and in a study without one. */
  differences: Differences.nullable(),
})
export type ArmResult = z.infer<typeof ArmResult>

/** `arm` minus `against`: the thinking gap of a model, two models in the same mode, or two arms that were trained. */
export const Comparison = z.object({
  about: z.enum(['thinking', 'model', 'training']),
  arm: z.string(),
  against: z.string(),
  differences: Differences,
})
export type Comparison = z.infer<typeof Comparison>

export const StudyResult = z.object({
  study: z.string(),
  /** Wall-clock time of the study itself, without installation. */
  seconds: z.number(),
  model: z.string(),
  /** The judges, the one that the figures come from first. */
  judges: z.array(z.string()).min(1),
  arms: z.array(ArmResult),
  /** The parts of a trajectory that were judged. Absent in results that are older than this field: all of them. */
  components: z.array(Component).optional(),
  /** Arms beside others than the untrained one. Absent in results that are older than this field. */
  comparisons: z.array(Comparison).optional(),
})
export type StudyResult = z.infer<typeof StudyResult>
