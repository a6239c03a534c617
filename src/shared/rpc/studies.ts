/** Setting up a study: presets, its text both ways, estimates, drafts. */
import { z } from 'zod'
import { StudyConfig } from '../study.ts'
import { type Method, Nothing } from './method.ts'

/** What is wrong with one field. `path` is [] for the whole; `line` is null where there was no text. */
export const StudyIssue = z.object({
  path: z.array(z.union([z.string(), z.int()])),
  line: z.int().nullable(),
  message: z.string(),
  remedy: z.string(),
})
export type StudyIssue = z.infer<typeof StudyIssue>

export const StudyPreset = z.object({
  id: z.string(),
  title: z.string(),
  explanation: z.string(),
  study: StudyConfig,
  text: z.string(),
})
export type StudyPreset = z.infer<typeof StudyPreset>

export const Draft = z.object({ id: z.string(), name: z.string(), text: z.string(), savedAt: z.string() })
export type Draft = z.infer<typeof Draft>

const studyText = z.string().max(4 * 1024 * 1024)

export const Estimate = z.object({
  /** Null where nothing like it was timed on this machine, and it cannot be told. */
  seconds: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  /** Upper bound of the records. */
  diskBytes: z.number(),
  freeMemoryBytes: z.number(),
  freeDiskBytes: z.number(),
  sampledTrajectories: z.int(),
  optimizerSteps: z.int(),
  /** What the figures rest on, and what speaks against the start, as sentences. */
  remarks: z.array(z.string()),
})
export type Estimate = z.infer<typeof Estimate>

export const studyMethods = {
  studyPresets: { input: Nothing, output: z.array(StudyPreset) },
  /** YAML or JSON to a study. Without issues `study` is there, with every default filled in. */
  parseStudyText: {
    input: z.strictObject({ text: studyText }),
    output: z.object({ study: StudyConfig.nullable(), issues: z.array(StudyIssue) }),
  },
  /** A study to YAML. What stands at its default is left out. */
  formatStudy: { input: z.strictObject({ study: StudyConfig }), output: z.object({ text: z.string() }) },
  estimateStudy: { input: z.strictObject({ study: StudyConfig }), output: Estimate },
  /** Newest first. */
  listDrafts: { input: Nothing, output: z.array(Draft) },
  /** Without an id a new draft is made. The text need not be a valid study. */
  saveDraft: {
    input: z.strictObject({ id: z.string().nullable(), name: z.string().max(200), text: studyText }),
    output: Draft,
  },
  deleteDraft: { input: z.strictObject({ id: z.string() }), output: Nothing },
} satisfies Record<string, Method>
