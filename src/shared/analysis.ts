/** What can be asked of recorded trajectories beyond their safety, and what the answer looks like: figures, tables, and what was left out. */
import { z } from 'zod'
import { Figure, FigureFormat } from './figure.ts'
import { DataSource } from './sources.ts'
import { Speaker } from './speaker.ts'
import { ReflectionCues } from './study.ts'
import { PromptRole } from './trajectory.ts'

/** The trajectories of a run that are looked at. Absent or null means all. */
const ofTrajectories = {
  runId: z.string().min(1),
  arms: z.array(z.string()).min(1).max(32).nullable().default(null),
  seed: z.int().nullable().default(null),
  phase: z
    .enum(['evaluation', 'train'])
    .default('evaluation')
    .describe('Where figures by arm, category and verdict come from; those by step always come from training.'),
  role: PromptRole.nullable().default(null),
  category: z.string().nullable().default(null),
}

/** At most so many of what costs a model's or a judge's time, taken evenly from all; what is left out is counted. */
const atMost = (fallback: number) => z.int().min(1).max(100_000).default(fallback)

/** Only of harmful prompts is it asked whether a thought turned to something riskier. */
const OUTCOME_ROLE = 'harmful'

/** The prompts that an analysis looks at where nobody chose others. */
export function defaultRole(kind: string): PromptRole | null {
  return kind === 'outcomeReflection' ? OUTCOME_ROLE : null
}

const words = ReflectionCues.default('r1').describe('The reflection cues: a list of the literature or your own words.')

export const ReflectionAnalysis = z.strictObject({ kind: z.literal('reflection'), ...ofTrajectories, words })
export type ReflectionAnalysis = z.infer<typeof ReflectionAnalysis>

export const OutcomeReflectionAnalysis = z.strictObject({
  kind: z.literal('outcomeReflection'),
  ...ofTrajectories,
  role: PromptRole.nullable().default(OUTCOME_ROLE),
  words,
  judge: z.string().nullable().default(null).describe("One of the run's judges by name; the first when absent."),
  margin: z.number().gt(0).lt(1).default(0.1).describe('A smaller change of P(unsafe) than this counts as neutral.'),
  trajectories: atMost(2000).describe('At most so many trajectories, taken evenly from all.'),
})
export type OutcomeReflectionAnalysis = z.infer<typeof OutcomeReflectionAnalysis>

export const EntropyAnalysis = z.strictObject({
  kind: z.literal('entropy'),
  ...ofTrajectories,
  words,
  forkingShare: z.number().gt(0).lt(1).default(0.2).describe('The share of tokens, by entropy from the top, that count as forking.'),
  sameTexts: z
    .int()
    .min(0)
    .max(10_000)
    .default(100)
    .describe('So many texts of each arm are read by the base model and by the trained one; 0 leaves it out.'),
})
export type EntropyAnalysis = z.infer<typeof EntropyAnalysis>

export const LengthAnalysis = z.strictObject({ kind: z.literal('length'), ...ofTrajectories })
export type LengthAnalysis = z.infer<typeof LengthAnalysis>

export const AdvantageAnalysis = z.strictObject({
  kind: z.literal('advantage'),
  ...ofTrajectories,
  bins: z.int().min(2).max(200).default(25).describe('Token positions are joined to so many groups.'),
})
export type AdvantageAnalysis = z.infer<typeof AdvantageAnalysis>

const Percents = z
  .array(z.int().min(1).max(100))
  .min(1)
  .max(100)
  .default([5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60])

/** Texts are training pairs: only thought and response are scored, given the prompt. */
export const MemorisationAnalysis = z.strictObject({
  kind: z.literal('memorisation'),
  models: z.array(Speaker).min(1).max(16).describe('Each is asked about the same texts.'),
  train: DataSource.describe('What was trained on.'),
  heldOut: DataSource.describe('Texts of the same kind that were not trained on.'),
  paraphrased: DataSource.nullable().default(null).describe('The training texts in other words.'),
  percents: Percents.describe('k of Min-K%.'),
  percent: z.int().min(1).max(100).default(60).describe('The k that histograms are drawn for.'),
  texts: atMost(1000).describe('At most so many texts of each set, taken evenly from all.'),
})
export type MemorisationAnalysis = z.infer<typeof MemorisationAnalysis>

export const AnalysisRequest = z.discriminatedUnion('kind', [
  ReflectionAnalysis,
  OutcomeReflectionAnalysis,
  EntropyAnalysis,
  MemorisationAnalysis,
  LengthAnalysis,
  AdvantageAnalysis,
])
/** Checked, with every default filled in. */
export type AnalysisRequest = z.infer<typeof AnalysisRequest>
/** As a caller may give it. */
export type AnalysisInput = z.input<typeof AnalysisRequest>
export type AnalysisKind = AnalysisRequest['kind']

/**
 * Raised with every change after which the same records give another answer, be it a number or a sentence: answers that were kept
 * under another version are computed anew, and not shown as those of today.
 */
export const analysisVersions: Readonly<Record<AnalysisKind, number>> = {
  reflection: 4,
  outcomeReflection: 4,
  entropy: 4,
  memorisation: 4,
  length: 4,
  advantage: 4,
}

/** Numbers that are read better in rows than in a figure. Null where nothing could be measured. */
export const AnalysisTable = z.object({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  /** A sentence, as that of a figure. */
  title: z.string(),
  definition: z.string(),
  columns: z.array(z.object({ label: z.string(), format: z.union([FigureFormat, z.literal('words')]) })),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
})
export type AnalysisTable = z.infer<typeof AnalysisTable>

export const AnalysisResult = z.object({
  figures: z.array(Figure),
  tables: z.array(AnalysisTable),
  /** What holds for all of it, in sentences. */
  notes: z.array(z.string()),
  counts: z.object({
    /** Trajectories (of memorisation: texts) that were asked for. */
    asked: z.int(),
    used: z.int(),
    /** Nothing is dropped in silence. */
    leftOut: z.array(z.object({ reason: z.string(), count: z.int() })),
  }),
})
export type AnalysisResult = z.infer<typeof AnalysisResult>
