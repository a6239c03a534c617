/** Reads every data source that a study uses, and sees to it that all of it fits the model's context. */
import { fitContext, type ExampleLength, type FitPlan } from '../data/fitContext.ts'
import { readSource, type ReadSource } from '../data/readSource.ts'
import { safetyPairs } from '../harbor/corpus.ts'
import { harborPrompts } from '../harbor/prompts.ts'
import { ReflectoryError } from '../../shared/errors.ts'
import type { SourceReport } from '../../shared/events.ts'
import type { Sampling } from '../../shared/sampling.ts'
import type { HarborSource } from '../../shared/sources.ts'
import type { StudyConfig } from '../../shared/study.ts'
import type { PromptItem } from '../../shared/trajectory.ts'
import type { SftExample } from '../train/batches.ts'
import { lengthOf, type ChatTokens, type Pair } from './chatTokens.ts'

/** What a source is sampled with somewhere in the study. */
export interface PromptUse {
  /** 'evaluation', or what `armUser` makes of an arm's name. */
  user: string
  sources: readonly string[]
  thinking: boolean
  sampling: Sampling
}

export interface StudyData {
  prompts: Readonly<Record<string, readonly PromptItem[]>>
  examples: Readonly<Record<string, readonly SftExample[]>>
  /** By `PromptUse.user`: the most tokens that a completion gets. */
  maxNewTokens: Readonly<Record<string, number>>
  reports: SourceReport[]
  /** Lines for a person, with their weight. */
  notices: { level: 'info' | 'warning'; text: string }[]
}

/** All arms and seeds see the same prompts and pairs. */
const HARBOR_SEED = 0

/** @param folder that of the study file, from which files are named */
export async function readStudyData(study: StudyConfig, chat: ChatTokens, contextTokens: number, folder: string): Promise<StudyData> {
  const uses = promptUses(study)
  const pairSources = new Set(study.arms.flatMap((arm) => (arm.method === 'sft' ? [arm.data] : [])))
  const promptSources = new Set(uses.flatMap(({ sources }) => sources))
  const read = new Map<string, ReadSource>()
  for (const [name, source] of Object.entries(study.data)) {
    if (!pairSources.has(name) && !promptSources.has(name)) continue
    read.set(name, 'harbor' in source ? readHarbor(name, source) : await readSource(name, source, folder))
  }
  const notices: StudyData['notices'] = []
  const maxNewTokens: Record<string, number> = {}
  for (const use of uses) {
    const longest = longestPrompt(use, read, chat)
    const most = Math.max(Math.floor(contextTokens / 2), contextTokens - longest)
    maxNewTokens[use.user] = Math.min(use.sampling.maxNewTokens, most)
    if (most < use.sampling.maxNewTokens) {
      const text =
        `${use.user}: at most ${most} new tokens instead of ${use.sampling.maxNewTokens}, because the model's context holds ` +
        `${contextTokens} tokens and the longest prompt has ${longest}`
      notices.push({ level: 'warning', text })
    }
  }
  const refusals: ReflectoryError[] = []
  let data: StudyData = { prompts: {}, examples: {}, maxNewTokens, reports: [], notices }
  for (const [name, source] of read) {
    try {
      data = fitSource(data, name, source)
    } catch (error) {
      if (!(error instanceof ReflectoryError) || error.code !== 'too-long') throw error
      refusals.push(error)
    }
  }
  if (refusals.length > 0) throw together(refusals)
  return data

  function fitSource(sum: StudyData, name: string, source: ReadSource): StudyData {
    const place = source.report.hash === null ? `data.${name}` : source.report.origin
    if (source.kind === 'pairs') {
      const { plan, examples } = fitPairs(source.pairs, chat, contextTokens, study.tooLong, place)
      return { ...sum, ...counted(sum, source.report, plan, study.tooLong), examples: { ...sum.examples, [name]: examples } }
    }
    const lengths = source.items.map(({ text }) => ({ fixed: neededTokens(text, name, uses, maxNewTokens, chat), thought: 0 }))
    const plan = fitContext(lengths, contextTokens, study.tooLong, place)
    const items = source.items.filter((_, i) => plan.fits[i].kind === 'keep')
    refuseEmpty(items.length, lengths, contextTokens, place)
    return { ...sum, ...counted(sum, source.report, plan, study.tooLong), prompts: { ...sum.prompts, [name]: items } }
  }
}

export function armUser(arm: string): string {
  return `arm ${arm}`
}

/** Who samples from which prompts, and how. */
export function promptUses({ arms, evaluation }: StudyConfig): PromptUse[] {
  const trained = arms.flatMap((arm) => {
    if (arm.method !== 'rl') return []
    return [{ user: armUser(arm.name), sources: Object.keys(arm.promptsPerStep), thinking: arm.thinking, sampling: arm.sampling }]
  })
  return [{ ...evaluation, user: 'evaluation' }, ...trained]
}

function readHarbor(name: string, { harbor, split, count }: HarborSource): ReadSource {
  const report: SourceReport = {
    name,
    origin: 'harbor',
    rows: count,
    used: count,
    tooLong: 0,
    unreadable: [],
    columns: {},
    hash: null,
  }
  if (harbor === 'sft') return { kind: 'pairs', pairs: safetyPairs(count, HARBOR_SEED), report, description: [] }
  return { kind: 'prompts', items: harborPrompts(harbor, split, count, HARBOR_SEED), report, description: [] }
}

function longestPrompt(use: PromptUse, read: ReadonlyMap<string, ReadSource>, chat: ChatTokens): number {
  let longest = 0
  for (const name of use.sources) {
    const source = read.get(name)
    if (source?.kind !== 'prompts') continue
    for (const { text } of source.items) longest = Math.max(longest, chat.prompt(text, use.thinking).tokens.length)
  }
  return longest
}

/** The prompt with room for the longest completion that any of its uses asks for. */
function neededTokens(
  text: string,
  source: string,
  uses: readonly PromptUse[],
  maxNewTokens: StudyData['maxNewTokens'],
  chat: ChatTokens,
): number {
  const needs = uses
    .filter(({ sources }) => sources.includes(source))
    .map(({ user, thinking }) => chat.prompt(text, thinking).tokens.length + maxNewTokens[user])
  return Math.max(...needs)
}

function fitPairs(
  pairs: readonly Pair[],
  chat: ChatTokens,
  contextTokens: number,
  policy: StudyConfig['tooLong'],
  place: string,
): { plan: FitPlan; examples: SftExample[] } {
  const encoded = pairs.map((pair) => chat.pair(pair))
  const lengths = encoded.map(({ example, thought }) => ({ fixed: lengthOf(example) - thought, thought }))
  const plan = fitContext(lengths, contextTokens, policy, place)
  const examples = plan.fits.flatMap((fit, i) => {
    if (fit.kind === 'keep') return [encoded[i].example]
    const shortened = fit.kind === 'drop' ? null : chat.shortened(pairs[i], fit.thoughtTokens, contextTokens)
    return shortened === null ? [] : [shortened]
  })
  refuseEmpty(examples.length, lengths, contextTokens, place)
  return { plan: { ...plan, dropped: pairs.length - examples.length, kept: plan.kept }, examples }
}

function refuseEmpty(left: number, lengths: readonly ExampleLength[], contextTokens: number, place: string): void {
  if (left > 0) return
  const shortest = lengths.reduce((least, { fixed, thought }) => Math.min(least, fixed + thought), Infinity)
  throw new ReflectoryError(
    'too-long',
    place,
    `none of ${lengths.length} rows fits the context of ${contextTokens} tokens (the shortest needs ${shortest})`,
    'Choose a model with a longer context, fewer new tokens (maxNewTokens), or shorter rows.',
  )
}

/** A person should learn of all that is too long at once, and not source by source. */
function together(refusals: readonly ReflectoryError[]): ReflectoryError {
  const [first, ...others] = refusals
  if (others.length === 0) return first
  const problem = [first.problem, ...others.map(({ place, problem }) => `${place}: ${problem}`)].join('; ')
  // The longest one knows of thoughts that could be shortened.
  const [remedy] = refusals.map((each) => each.remedy).sort((a, b) => b.length - a.length)
  return new ReflectoryError('too-long', first.place, problem, remedy)
}

/** The report and the notices with what the context did to a source. */
function counted(sum: StudyData, report: SourceReport, plan: FitPlan, policy: StudyConfig['tooLong']): Pick<StudyData, 'reports' | 'notices'> {
  const tooLong = plan.fits.length - plan.kept
  const used = plan.fits.length - plan.dropped
  const reports = [...sum.reports, { ...report, used, tooLong }]
  if (tooLong === 0) return { reports, notices: sum.notices }
  const text =
    `${report.name}: ${tooLong} of ${plan.fits.length} rows do not fit the model's context; ` +
    `${plan.dropped} left out, ${tooLong - plan.dropped} with a shortened thought (${policy})`
  return { reports, notices: [...sum.notices, { level: 'warning', text }] }
}
