/** Runs: what is recorded, what is going on, what waits; starting, pausing and resuming. */
import { z } from 'zod'
import { Progress, SourceReport, StudyPlanned } from '../events.ts'
import { Measures, StudyResult } from '../result.ts'
import { StudyConfig } from '../study.ts'
import { type Method, Nothing, pageLimit, RpcError } from './method.ts'
import { TrajectoryRow } from './trajectories.ts'

export const RunState = z.enum(['running', 'done', 'interrupted', 'failed'])
export type RunState = z.infer<typeof RunState>
/** An arm that was under way when its run ended early shares the state of the run. */
export const ArmState = z.enum(['waiting', ...RunState.options])

export const RunSummary = z.object({
  id: z.string(),
  study: z.string(),
  model: z.string(),
  state: RunState,
  /** Why it is interrupted or failed. */
  reason: z.string().nullable(),
  resumable: z.boolean(),
  /** It runs in this program, so that it can be paused here; another program (the command line) may hold it. */
  isOurs: z.boolean(),
  arms: z.array(z.object({ name: z.string(), seed: z.int(), method: z.string(), state: z.string() })),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  progress: Progress.nullable(),
})
export type RunSummary = z.infer<typeof RunSummary>

/** A study on its way to be run, or one that could not begin. It has a run once it was found good. */
export const QueueEntry = z.object({
  id: z.string(),
  study: z.string(),
  state: z.enum(['waiting', 'checking', 'running', 'refused']),
  runId: z.string().nullable(),
  /** Why it was refused; stays until it is dismissed. */
  problem: RpcError.nullable(),
})
export type QueueEntry = z.infer<typeof QueueEntry>

export const ArmDetail = z.object({
  name: z.string(),
  seed: z.int(),
  method: z.enum(['base', 'sft', 'rl']),
  /** Optimizer batches in all, and recorded so far. */
  steps: z.int(),
  stepsDone: z.int(),
  state: ArmState,
  checkpointStep: z.int().nullable(),
  /** Whether Try it can sample from it: it is the base, or its trained model is on disk. */
  isTrained: z.boolean(),
  evaluation: Measures.nullable(),
})
export type ArmDetail = z.infer<typeof ArmDetail>

export const NoticeRow = z.object({ at: z.string(), level: z.string(), text: z.string() })

export const RunDetail = RunSummary.omit({ arms: true }).extend({
  config: StudyConfig,
  arms: z.array(ArmDetail),
  judges: z.array(z.string()),
  sources: z.array(SourceReport),
  modelDetail: StudyPlanned.shape.model,
  device: z.string(),
  threads: z.int(),
  /** The newest, oldest first. */
  notices: z.array(NoticeRow),
  result: StudyResult.nullable(),
  trajectories: z.object({ count: z.int(), capped: z.boolean() }),
})
export type RunDetail = z.infer<typeof RunDetail>

/** Metrics of an arm by name, each as long as `steps`; null where a step has no such number. */
export const StepSeries = z.object({
  steps: z.array(z.int()),
  series: z.record(z.string(), z.array(z.number().nullable())),
  /** Steps that are recorded; more than `steps` where they were thinned out (means of neighbours). */
  recorded: z.int(),
})
export type StepSeries = z.infer<typeof StepSeries>

const OfRun = z.strictObject({ runId: z.string() })

export const runMethods = {
  homeSummary: {
    input: Nothing,
    output: z.object({
      recent: z.array(RunSummary),
      queue: z.array(QueueEntry),
      runs: z.int(),
      device: z.string(),
      threads: z.int(),
      memoryBytes: z.number(),
      freeMemoryBytes: z.number(),
      freeDiskBytes: z.number(),
      dataFolder: z.string(),
    }),
  },
  /** Newest first; `next` goes into `after` for the page that follows. */
  listRuns: {
    input: z.strictObject({ after: z.string().nullable().default(null), limit: pageLimit }),
    output: z.object({ runs: z.array(RunSummary), next: z.string().nullable() }),
  },
  runDetail: { input: OfRun, output: RunDetail },
  /** At most `points` points; only steps after `after`, where given. */
  armSteps: {
    input: OfRun.extend({
      arm: z.string(),
      seed: z.int(),
      points: z.int().min(10).max(2000).default(500),
      after: z.int().nullable().default(null),
    }),
    output: StepSeries,
  },
  newestSamples: {
    input: OfRun.extend({ limit: pageLimit, reveal: z.boolean().default(false) }),
    output: z.array(TrajectoryRow),
  },
  /** Puts the study in the queue; it starts at once where nothing else is running. Paths in it are absolute. */
  startStudy: { input: z.strictObject({ study: StudyConfig }), output: QueueEntry },
  /** Finishes the step, saves, and stops; the run can be resumed. */
  pauseRun: { input: OfRun, output: Nothing },
  /** Stops at once; what was recorded stays, and the run can be resumed from its last checkpoint. */
  stopRun: { input: OfRun, output: Nothing },
  resumeRun: { input: OfRun, output: QueueEntry },
  listQueue: { input: Nothing, output: z.array(QueueEntry) },
  /** Takes a waiting study out of the queue, or dismisses a refused one. */
  leaveQueue: { input: z.strictObject({ id: z.string() }), output: Nothing },
  /** Looks at a refused study once more: what was in its way may be gone. */
  retryQueued: { input: z.strictObject({ id: z.string() }), output: Nothing },
  /** The study of an entry, to be changed and started anew. */
  queuedStudy: { input: z.strictObject({ id: z.string() }), output: z.object({ study: StudyConfig }) },
  /** Deletes its records and checkpoints. Not while it is running. */
  deleteRun: { input: OfRun, output: z.object({ freedBytes: z.number() }) },
} satisfies Record<string, Method>
