/** Reads every data source that a study uses, and sees to it that all of it fits the model's context. */
import { readSource, type ReadSource } from '../data/readSource.ts'
import { safetyPairs } from '../harbor/corpus.ts'
import { harborPrompts } from '../harbor/prompts.ts'
import { ReflectoryError } from '../../shared/errors.ts'
import type { EngineEvent, SourceReport } from '../../shared/events.ts'
import type { Sampling } from '../../shared/sampling.ts'
import type { HarborSource } from '../../shared/sources.ts'
import type { StudyConfig } from '../../shared/study.ts'
import type { PromptItem } from '../../shared/trajectory.ts'
import type { SftExample } from '../train/batches.ts'
import type { ChatTokens } from './chatTokens.ts'
import { fitPairs, fitPrompts, type Fitted } from './fitSource.ts'

/** Where in the study prompts are sampled from, and how. */
export interface PromptUse {
  /** 'evaluation', or what `armUser` makes of an arm's name. */
  user: string
  sources: readonly string[]
  thinking: boolean
  sampling: Sampling
}

export type NoticeText = Omit<Extract<EngineEvent, { type: 'notice' }>, 'type'>

export interface StudyData {
  prompts: Record<string, readonly PromptItem[]>
  examples: Record<string, readonly SftExample[]>
  /** By `PromptUse.user`: the most tokens that a completion gets. */
  maxNewTokens: Record<string, number>
  reports: SourceReport[]
  notices: NoticeText[]
}

/** All arms and seeds see the same prompts and pairs. */
const HARBOR_SEED = 0

/** @param folder that of the study file, from which files are named */
export async function readStudyData(
  study: StudyConfig,
  chat: ChatTokens,
  contextTokens: number,
  folder: string,
): Promise<StudyData> {
  const uses = promptUses(study)
  const read = await readUsedSources(study, uses, folder)
  if (study.badRows === 'refuse') refuseBadRows(read)
  const { maxNewTokens, notices } = limitCompletions(uses, read, chat, contextTokens)
  const data: StudyData = { prompts: {}, examples: {}, maxNewTokens, reports: [], notices }
  const refusals: ReflectoryError[] = []
  for (const [name, source] of read) {
    const limits = { contextTokens, policy: study.tooLong, place: placeOf(name, source) }
    try {
      if (source.kind === 'pairs') {
        data.examples[name] = note(source, fitPairs(source.pairs, chat, limits))
      } else {
        const needed = (text: string) => neededTokens(text, name, uses, maxNewTokens, chat)
        data.prompts[name] = note(source, fitPrompts(source.items, needed, limits))
      }
    } catch (error) {
      if (!(error instanceof ReflectoryError) || error.code !== 'too-long') throw error
      refusals.push(error)
    }
  }
  if (refusals.length > 0) throw together(refusals)
  return data

  /** What was kept; how much that is goes into report and notices. */
  function note<T>({ report }: ReadSource, { kept, tooLong, dropped }: Fitted<T>): T[] {
    data.reports.push({ ...report, used: kept.length, tooLong })
    if (tooLong > 0) {
      const text =
        `${report.name}: ${tooLong} of ${kept.length + dropped} rows do not fit the model's context; ` +
        `${dropped} left out, ${tooLong - dropped} with a shortened thought (${study.tooLong})`
      data.notices.push({ level: 'warning', text })
    }
    return kept
  }
}

/** Who samples from which prompts, and how. */
export function promptUses({ arms, evaluation }: StudyConfig): PromptUse[] {
  const trained = arms.flatMap((arm) => {
    if (arm.method !== 'rl') return []
    const { thinking, sampling } = arm
    return [{ user: armUser(arm.name), sources: Object.keys(arm.promptsPerStep), thinking, sampling }]
  })
  return [{ ...evaluation, user: 'evaluation' }, ...trained]
}

export function armUser(arm: string): string {
  return `arm ${arm}`
}

async function readUsedSources(study: StudyConfig, uses: readonly PromptUse[], folder: string) {
  const pairs = study.arms.flatMap((arm) => (arm.method === 'sft' ? [arm.data] : []))
  const used = new Set([...pairs, ...uses.flatMap(({ sources }) => sources)])
  const read = new Map<string, ReadSource>()
  for (const [name, source] of Object.entries(study.data)) {
    if (!used.has(name)) continue
    read.set(name, 'harbor' in source ? readHarbor(name, source) : await readSource(name, source, folder))
  }
  return read
}

function readHarbor(name: string, { harbor, split, count }: HarborSource): ReadSource {
  const found = { origin: 'harbor', rows: count, used: count, tooLong: 0, unreadable: [], columns: {}, hash: null }
  const report: SourceReport = { name, ...found }
  if (harbor === 'sft') return { kind: 'pairs', pairs: safetyPairs(count, HARBOR_SEED), report, description: [] }
  return { kind: 'prompts', items: harborPrompts(harbor, split, count, HARBOR_SEED), report, description: [] }
}

function placeOf(name: string, { report }: ReadSource): string {
  return report.hash === null ? `data.${name}` : report.origin
}

/** Where the longest prompt leaves less room than was asked for, completions get that, or half of the context. */
function limitCompletions(
  uses: readonly PromptUse[],
  read: ReadonlyMap<string, ReadSource>,
  chat: ChatTokens,
  contextTokens: number,
): Pick<StudyData, 'maxNewTokens' | 'notices'> {
  const maxNewTokens: Record<string, number> = {}
  const notices: NoticeText[] = []
  for (const use of uses) {
    const longest = longestPrompt(use, read, chat)
    const most = Math.max(Math.floor(contextTokens / 2), contextTokens - longest)
    const asked = use.sampling.maxNewTokens
    maxNewTokens[use.user] = Math.min(asked, most)
    if (most >= asked) continue
    const text =
      `${use.user}: at most ${most} new tokens instead of ${asked}, because the model's context holds ` +
      `${contextTokens} tokens and the longest prompt has ${longest}`
    notices.push({ level: 'warning', text })
  }
  return { maxNewTokens, notices }
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

const ROWS_NAMED = 5

/** Going on without rows that cannot be read is the person's choice, not ours. */
function refuseBadRows(read: ReadonlyMap<string, ReadSource>): void {
  const refusals = [...read.values()].flatMap(({ report: { origin, unreadable } }) => {
    if (unreadable.length === 0) return []
    const named = unreadable.slice(0, ROWS_NAMED).map(({ line, reason }) => `line ${line}: ${reason}`)
    const more = unreadable.length > ROWS_NAMED ? [`and ${unreadable.length - ROWS_NAMED} more`] : []
    const bad = unreadable.length === 1 ? '1 row cannot be read' : `${unreadable.length} rows cannot be read`
    const problem = `${bad} (${[...named, ...more].join('; ')})`
    const remedy =
      'Correct them, or leave them out (on the command line --skip-bad). ' +
      'In the window: New study, Model, "Rows that cannot be read".'
    return [new ReflectoryError('bad-data', `${origin}:${unreadable[0].line}`, problem, remedy)]
  })
  if (refusals.length > 0) throw together(refusals)
}

/** A person should learn of all that is wrong at once, and not source by source. */
function together(refusals: readonly ReflectoryError[]): ReflectoryError {
  const [first, ...others] = refusals
  if (others.length === 0) return first
  const problem = [first.problem, ...others.map(({ place, problem }) => `${place}: ${problem}`)].join('; ')
  // The longest one knows of thoughts that could be shortened.
  const [remedy] = refusals.map((each) => each.remedy).sort((a, b) => b.length - a.length)
  return new ReflectoryError(first.code, first.place, problem, remedy)
}
