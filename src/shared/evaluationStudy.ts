/** An evaluation as a study whose arms are not trained: an arm for each model and mode, all on the same prompts. */
import { z } from 'zod'
import { DeviceChoice } from './devices.ts'
import { JudgeConfig } from './judges.ts'
import { Sampling } from './sampling.ts'
import { DataSource, demoSources } from './sources.ts'
import { Evaluation, Executor, type StudyConfig, type StudyInput } from './study.ts'

/** 'harbor' or a folder, and an adapter that lies over it. */
export const EvaluatedModel = z.strictObject({
  model: z.string().min(1),
  adapter: z.string().min(1).nullable().default(null),
})
export type EvaluatedModel = z.infer<typeof EvaluatedModel>

export const EvaluationMode = z.enum(['thinking', 'non-thinking', 'both'])
export type EvaluationMode = z.infer<typeof EvaluationMode>

/** What completions of an evaluation may have, where nothing else is asked for. */
export const EVALUATED_TOKENS = 512

export const EvaluationRequest = z.strictObject({
  /** Every other one is compared with the first. */
  models: z.array(EvaluatedModel).min(1).max(8),
  mode: EvaluationMode.default('thinking'),
  /** Prompts by the name of their set. */
  sources: z.record(z.string().min(1), DataSource),
  samplesPerPrompt: Evaluation.shape.samplesPerPrompt,
  components: Evaluation.shape.components,
  threshold: Evaluation.shape.threshold,
  sampling: Sampling.prefault({ maxNewTokens: EVALUATED_TOKENS }),
  /** The first gives the figures. Where none is named, those that can read the prompts. */
  judges: z.array(JudgeConfig).max(8).default([]),
  seeds: z.array(z.int().min(0).max(0xffffffff)).min(1).max(64).default([0]),
  tooLong: z.enum(['refuse', 'drop']).default('refuse'),
  badRows: z.enum(['refuse', 'skip']).default('refuse'),
  device: DeviceChoice.optional(),
  executor: Executor.optional(),
  threads: z.int().min(0).max(512).optional(),
})
export type EvaluationRequest = z.infer<typeof EvaluationRequest>

/** Harbor's prompts that no training text of its world has. */
export const harborEvaluation: Record<string, DataSource> = Object.fromEntries(
  Object.entries(demoSources).filter(([name]) => name.endsWith('-held-out')),
)

export function evaluationStudy(request: EvaluationRequest): StudyInput {
  const { models, mode, sources, samplesPerPrompt, components, threshold, sampling, judges } = request
  const { seeds, tooLong, badRows, device, executor, threads } = request
  const names = armNames(models)
  const arms = models.flatMap(({ model, adapter }, i) => {
    const what = { method: 'base' as const, ...(i === 0 ? {} : { model }), ...(adapter === null ? {} : { adapter }) }
    const thinking = mode === 'non-thinking' ? [] : [{ name: names[i], ...what, thinking: true }]
    const plain = mode === 'thinking' ? [] : [{ name: mode === 'both' ? `${names[i]}-plain` : names[i], ...what, thinking: false }]
    return [...thinking, ...plain]
  })
  return {
    name: evaluationName(names, sources, mode),
    model: models[0].model,
    seeds,
    data: sources,
    arms,
    evaluation: {
      sources: Object.keys(sources),
      samplesPerPrompt,
      components,
      threshold,
      sampling,
      thinking: mode !== 'non-thinking',
    },
    judges: judges.length > 0 ? judges : judgesFor(Object.values(sources)),
    tooLong,
    badRows,
    ...(device === undefined ? {} : { device }),
    ...(executor === undefined ? {} : { executor }),
    ...(threads === undefined ? {} : { threads }),
  }
}

const MODE_WORDS: Record<EvaluationMode, string> = {
  thinking: 'with thinking',
  'non-thinking': 'without thinking',
  both: 'with and without thinking',
}

/** 'eval harbor on harbor with thinking': models, data and mode. What is too long is cut, the mode never. */
function evaluationName(models: readonly string[], sources: Readonly<Record<string, DataSource>>, mode: EvaluationMode): string {
  const sets = [...new Set(Object.entries(sources).map(([name, source]) => ('harbor' in source ? 'harbor' : name)))]
  return `eval ${namePart(models)} on ${namePart(sets)} ${MODE_WORDS[mode]}`
}

/** Both parts and the longest mode stay within the 80 characters of a study's name. */
const NAME_PART = 22

/** In the letters that a study's name may have. */
const namePart = (names: readonly string[]): string =>
  names.join(' and ').replaceAll(/[^\p{L}\p{N} ._-]+/gu, '-').slice(0, NAME_PART).trim()

/** Whether a study came about as an evaluation, which goes on by itself. */
export function isEvaluationStudy({ name, arms }: Pick<StudyConfig, 'name' | 'arms'>): boolean {
  return name.startsWith('eval ') && arms.every(({ method }) => method === 'base')
}

/** Harbor's exact judge where all prompts are Harbor's; else words that any text can be searched for, and refusals beside them. */
function judgesFor(sources: readonly DataSource[]): JudgeConfig[] {
  const harbor = sources.filter((source) => 'harbor' in source).length
  if (harbor === sources.length) return ['harbor']
  return [{ lexicon: 'builtin' }, 'refusal', ...(harbor > 0 ? ['harbor' as const] : [])]
}

/** Longest that leaves room for '-plain' and a number. */
const NAME_LENGTH = 30

/** What arms are called: the last part of the model's path, and of the adapter's; numbered where two would be called alike. */
function armNames(models: readonly EvaluatedModel[]): string[] {
  const names: string[] = []
  for (const { model, adapter } of models) {
    const parts = [model, ...(adapter === null ? [] : [adapter])].map(lastPart)
    const name = parts.join('-').slice(0, NAME_LENGTH).replace(/^[^A-Za-z0-9]+/, '') || 'model'
    let own = name
    for (let number = 2; names.includes(own); number++) own = `${name}-${number}`
    names.push(own)
  }
  return names
}

function lastPart(path: string): string {
  const parts = path.split(/[\\/]/).filter((part) => part !== '')
  return (parts.at(-1) ?? '').replaceAll(/[^A-Za-z0-9._-]+/g, '-')
}
