/** `reflectory analyze`: figures from recorded trajectories, and what models make of texts, as tables, CSV or JSON. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { analyze } from '../host/analysis/analyze.ts'
import { memorisationOfRun } from '../host/analysis/memorisationOfRun.ts'
import { markDeadRuns } from '../host/runs.ts'
import { AnalysisRequest, type AnalysisResult, type AnalysisTable } from '../shared/analysis.ts'
import { csv, type CsvCell } from '../shared/csv.ts'
import { cuePresetNames } from '../shared/cuePresets.ts'
import { ReflectoryError } from '../shared/errors.ts'
import type { FileSource } from '../shared/sources.ts'
import type { Speaker } from '../shared/speaker.ts'
import { openStore, type Store } from '../store/openStore.ts'
import { analysisKinds } from './analysisKinds.ts'
import { analysisText, type View } from './analysisText.ts'
import { createProgress } from './progress.ts'
import { needRun } from './records.ts'

const Options = z.object({
  store: z.string(),
  arm: z.array(z.string()).optional(),
  seed: z.number().optional(),
  phase: z.enum(['train', 'evaluation']).optional(),
  role: z.enum(['harmful', 'benign', 'reasoning']).optional(),
  category: z.string().optional(),
  words: z.string().optional(),
  judge: z.string().optional(),
  forkingShare: z.number().optional(),
  sameTexts: z.number().optional(),
  by: z.enum(['step', 'arm', 'category', 'verdict']).optional(),
  model: z.array(z.string()).optional(),
  adapter: z.array(z.string()).optional(),
  train: z.string().optional(),
  heldOut: z.string().optional(),
  paraphrased: z.string().optional(),
  percent: z.number().optional(),
  texts: z.number().optional(),
  threads: z.number().optional(),
  again: z.boolean().default(false),
  csv: z.string().optional(),
  json: z.boolean().default(false),
})
type Options = z.infer<typeof Options>

const print = (text: string) => process.stdout.write(`${text}\n`)

export async function analyzeCommand(kind: string, runId: string | undefined, raw: unknown): Promise<void> {
  const options = Options.parse(raw)
  const kindName = z.enum(['reflection', 'outcome-reflection', 'entropy', 'memorisation', 'length', 'advantage']).parse(kind)
  const store = openStore(resolve(options.store))
  const stop = new AbortController()
  const onInterrupt = () => stop.abort()
  process.on('SIGINT', onInterrupt)
  const progress = createProgress(process.stderr)
  try {
    markDeadRuns(store)
    const request = requestOf(store, analysisKinds[kindName], runId, options)
    const { result, seconds, wasKept, computedAt } = await analyze(store, request, {
      device: 'cpu',
      threads: options.threads ?? 0,
      again: options.again,
      signal: stop.signal,
      onProgress: (phase, done, total) =>
        progress.show({ type: 'progress', arm: kind, seed: 0, phase, done, total, unit: 'items', ratePerSecond: null, etaSeconds: null }),
    })
    progress.clear()
    if (options.csv !== undefined) writeCsv(resolve(options.csv), result)
    if (options.json) return void print(JSON.stringify({ request, result, seconds, wasKept }))
    print(analysisText(result, viewOf(options.by)))
    if (wasKept) print(`Kept since ${computedAt}, and nothing that it comes from has changed; --again computes it anew.`)
    if (options.csv !== undefined) print(`wrote ${options.csv}`)
  } finally {
    progress.clear()
    process.removeListener('SIGINT', onInterrupt)
    store.close()
  }
}

const viewOf = (by: Options['by']): View | null => by ?? null

function requestOf(
  store: Store,
  kind: AnalysisRequest['kind'],
  runId: string | undefined,
  options: Options,
): AnalysisRequest {
  if (kind === 'memorisation') return memorisationRequest(store, runId, options)
  if (runId === undefined) throw wrong('RUN', 'this analysis reads the trajectories of a run', 'Name one; reflectory list names them.')
  needRun(store, runId)
  const { arm, seed, phase, role, category, words, judge, forkingShare, sameTexts } = options
  const chosen = {
    ...{ kind, runId },
    ...given({ arms: arm, seed, phase, role, category }),
    ...(kind === 'length' || kind === 'advantage' ? {} : given({ words: words === undefined ? undefined : wordsOf(words) })),
    ...(kind === 'outcomeReflection' ? given({ judge }) : {}),
    ...(kind === 'entropy' ? given({ forkingShare, sameTexts }) : {}),
  }
  return checked(chosen)
}

function memorisationRequest(store: Store, runId: string | undefined, options: Options): AnalysisRequest {
  if (runId !== undefined) needRun(store, runId)
  const { model = [], adapter = [], train, heldOut, paraphrased, percent, texts } = options
  const ofRun = runId === undefined ? null : memorisationOfRun(store, runId)
  const named = [...model, ...adapter].map((name): Speaker => ({ kind: 'model', model: name === 'harbor' ? name : resolve(name) }))
  const models = [...(ofRun?.models ?? []), ...named]
  if (models.length === 0) throw wrong('--model', 'no model is named', 'Name a folder, harbor, or a run that trained on pairs.')
  const sources = {
    train: train === undefined ? ofRun?.train : pairsIn(train),
    heldOut: heldOut === undefined ? ofRun?.heldOut : pairsIn(heldOut),
  }
  for (const [name, option] of [['train', '--train'], ['heldOut', '--held-out']] as const) {
    if (sources[name] === undefined) throw wrong(option, 'these texts are not known', 'Name a file with prompts and responses.')
  }
  return checked({
    ...{ kind: 'memorisation', models, ...sources },
    ...given({ paraphrased: paraphrased === undefined ? undefined : pairsIn(paraphrased), percent, texts }),
  })
}

function pairsIn(file: string): Partial<FileSource> {
  return { file: resolve(file), role: 'sft' }
}

/** Without what was not given: that gets its default. */
function given(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

function checked(request: unknown): AnalysisRequest {
  const parsed = AnalysisRequest.safeParse(request)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw wrong(issue.path.join('.') || 'analyze', issue.message, 'reflectory analyze --help explains the options.')
}

/** A list of the literature by name, or a file with one word or phrase a line. */
function wordsOf(named: string): string | string[] {
  const preset = Object.entries(cuePresetNames).find(([id, name]) => [id, name.toLowerCase()].includes(named.toLowerCase()))
  if (preset !== undefined) return preset[0]
  const lists = Object.values(cuePresetNames).join(' or ')
  if (!existsSync(named) || !statSync(named).isFile()) throw wrong('--words', `there is no list and no file '${named}'`, `Name ${lists}, or a text file with one word or phrase a line.`)
  const words = readFileSync(named, 'utf8').split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
  if (words.length === 0) throw wrong(named, 'the file holds no word', 'Write one word or phrase a line.')
  return words
}

function wrong(place: string, problem: string, remedy: string): ReflectoryError {
  return new ReflectoryError('bad-argument', place, problem, remedy)
}

/** All figures and tables in one file, each row with the name of where it stands. */
function writeCsv(file: string, { figures, tables }: AnalysisResult): void {
  const head = ['figure', 'series', 'x', 'y', '95% low', '95% high', 'n', 'p']
  const rows = figures.flatMap(({ id, series }) =>
    series.flatMap(({ name, points }) =>
      points.map(({ x, y, low, high, n, p }): CsvCell[] => [id, name, x, y, low, high, n, p ?? null]),
    ),
  )
  try {
    writeFileSync(file, csv([head, ...rows, ...tables.flatMap(tableCells)]))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ReflectoryError('disk', file, `cannot be written (${reason})`, 'Name a file in a folder that you may write to.', { cause })
  }
}

/** A row for each number of a table: `x` says which it is, `series` of what. Bounds, p and n stand beside it. */
function tableCells({ id, columns, rows }: AnalysisTable): CsvCell[][] {
  const of = (row: AnalysisTable['rows'][number], chosen: readonly number[], label: string): CsvCell =>
    row[chosen.find((i) => columns[i].label === label) ?? -1] ?? null
  const counted = columns.findLastIndex(({ format }) => format === 'count')
  const isBeside = (i: number) => i === counted || ['low', 'high', 'p'].includes(columns[i].label)
  const words = [...columns.keys()].filter((i) => columns[i].format === 'words')
  const numbers = [...columns.keys()].filter((i) => !words.includes(i) && !isBeside(i))
  return rows.flatMap((row) =>
    numbers.map((at, n): CsvCell[] => {
      const own = [...columns.keys()].slice(at + 1, numbers[n + 1])
      const series = words.map((i) => row[i]).join(', ')
      return [id, series, columns[at].label, row[at], of(row, own, 'low'), of(row, own, 'high'), row[counted] ?? null, of(row, own, 'p')]
    }),
  )
}
