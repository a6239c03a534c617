/** What the engine reports while a study runs: screen, command line and store read this one stream. */
import { z } from 'zod'
import { Measures, StudyResult } from './result.ts'
import { StudyConfig } from './study.ts'
import { Trajectory } from './trajectory.ts'

const ofArm = { arm: z.string(), seed: z.int() }

/** What was found in one data source before the start. */
export const SourceReport = z.object({
  name: z.string(),
  /** File, or 'harbor'. */
  origin: z.string(),
  rows: z.int(),
  used: z.int(),
  /** Rows that do not fit the context, and what happened to them is the study's `tooLong`. */
  tooLong: z.int(),
  /** Rows that could not be read, each with its line and reason. */
  unreadable: z.array(z.object({ line: z.int(), reason: z.string() })),
  /** Part -> column, for example text -> 'prompt'; empty for Harbor. */
  columns: z.record(z.string(), z.string()),
  /** SHA-256 of the file in hex; null for Harbor. */
  hash: z.string().nullable(),
})
export type SourceReport = z.infer<typeof SourceReport>

/**
 * Sent once everything that the study needs was read and found good, before any training. A study that fails earlier
 * leaves nothing behind: the store creates a run when this event arrives.
 */
export const StudyPlanned = z.object({
  type: z.literal('studyPlanned'),
  study: StudyConfig,
  model: z.object({
    name: z.string(),
    folder: z.string(),
    architecture: z.string(),
    parameters: z.int(),
    contextTokens: z.int(),
    /** Name of the chat template: the model's own, or the default one that stands in for it. */
    chatTemplate: z.string(),
    /** SHA-256 over the weights, hex. */
    hash: z.string(),
  }),
  sources: z.array(SourceReport),
  /** The judges by name, the one that gives rewards and figures first. */
  judges: z.array(z.string()),
  /** In the order in which they run. */
  arms: z.array(
    z.object({
      ...ofArm,
      method: z.enum(['base', 'sft', 'rl']),
      steps: z.int(),
      /** Hash of all that decides what the evaluation samples, apart from the prompts; absent where the policy is yet to be trained. */
      samplingHash: z.string().optional(),
    }),
  ),
  device: z.string(),
  threads: z.int(),
})
export type StudyPlanned = z.infer<typeof StudyPlanned>

/** The study is going on from checkpoints; says where each arm stands. */
export const StudyResumed = z.object({ type: z.literal('studyResumed'), ...ofArm, step: z.int() })

export const ArmStarted = z.object({ type: z.literal('armStarted'), ...ofArm })

export const Progress = z.object({
  type: z.literal('progress'),
  ...ofArm,
  /** What is being done, in words: 'training', 'sampling', 'judging', … */
  phase: z.string(),
  done: z.number(),
  total: z.number(),
  unit: z.string(),
  ratePerSecond: z.number().nullable(),
  /** Seconds left of the whole study, as far as can be told. */
  etaSeconds: z.number().nullable(),
})
export type Progress = z.infer<typeof Progress>

/** One optimizer batch: `metrics` by name (loss, reward, kl, entropy, gradientNorm, samplerDifference, …). */
export const StepFinished = z.object({
  type: z.literal('stepFinished'),
  ...ofArm,
  step: z.int(),
  metrics: z.record(z.string(), z.number()),
})

/**
 * Trajectory ids are the same when a step is run again after a resume (say, from phase, step, prompt and sample): the
 * store then replaces the row.
 */
export const TrajectoriesRecorded = z.object({
  type: z.literal('trajectoriesRecorded'),
  ...ofArm,
  items: z.array(Trajectory),
})

export const CheckpointSaved = z.object({
  type: z.literal('checkpointSaved'),
  ...ofArm,
  step: z.int(),
  folder: z.string(),
})

export const EvaluationFinished = z.object({ type: z.literal('evaluationFinished'), ...ofArm, summary: Measures })

/** Wall time that an arm and seed took, over all processes that worked on it. */
export const ArmSeconds = z.object({ training: z.number(), evaluation: z.number() })
export type ArmSeconds = z.infer<typeof ArmSeconds>

export const ArmFinished = z.object({ type: z.literal('armFinished'), ...ofArm, seconds: ArmSeconds.nullable() })

export const Notice = z.object({ type: z.literal('notice'), level: z.enum(['info', 'warning']), text: z.string() })

export const StudyFinished = z.object({ type: z.literal('studyFinished'), result: StudyResult })

/** The study stopped before its end. The engine sends it on cancel; the host writes it when the engine dies. */
export const Interrupted = z.object({ type: z.literal('interrupted'), reason: z.string(), resumable: z.boolean() })

export const EngineEvent = z.discriminatedUnion('type', [
  StudyPlanned,
  StudyResumed,
  ArmStarted,
  Progress,
  StepFinished,
  TrajectoriesRecorded,
  CheckpointSaved,
  EvaluationFinished,
  ArmFinished,
  Notice,
  StudyFinished,
  Interrupted,
])
export type EngineEvent = z.infer<typeof EngineEvent>
