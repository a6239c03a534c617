/** `reflectory list, show, trajectories`: what the store holds. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { markDeadRuns } from '../host/runs.ts'
import { ReflectoryError } from '../shared/errors.ts'
import type { JudgeMeasures } from '../shared/judgeMeasures.ts'
import type { StudyResult } from '../shared/result.ts'
import { isEvaluationStudy } from '../shared/evaluationStudy.ts'
import type { StudyConfig } from '../shared/study.ts'
import { Component } from '../shared/trajectory.ts'
import { openExistingStore } from '../store/openStore.ts'
import type { Store } from '../store/openStore.ts'
import { findRun, listArms, listNotices, listRuns } from '../store/runs.ts'
import type { RunRow } from '../store/runs.ts'
import { indexSome } from '../store/searchIndex.ts'
import { sizeOnDisk } from '../store/size.ts'
import { countTrajectories, listTrajectories, readTrajectory, trajectoryNames } from '../store/trajectories.ts'
import { agreementTable } from './judgeTables.ts'
import { evaluationTable, isEvaluation } from './evaluationTable.ts'
import { categoryTable, resultTable } from './resultTable.ts'
import { measuredJudges } from './measuredJudges.ts'
import { printable, textTable } from './textTable.ts'

const Common = z.object({ store: z.string(), json: z.boolean().default(false) })

/** To be closed by the caller. */
export function openRecords(file: string): Store {
  const store = openExistingStore(resolve(file))
  markDeadRuns(store)
  return store
}

export function withStore<T>(file: string, work: (store: Store) => T): T {
  const store = openRecords(file)
  try {
    return work(store)
  } finally {
    store.close()
  }
}

export function needRun(store: Store, id: string): RunRow {
  const run = findRun(store, id)
  if (!run)
    throw new ReflectoryError(
      'bad-argument',
      id,
      `there is no such run in ${store.file}`,
      'reflectory list names them.',
    )
  return run
}

const print = (text: string) => void process.stdout.write(`${text}\n`)

export function listCommand(raw: unknown): void {
  const options = Common.extend({ limit: z.number() }).parse(raw)
  withStore(options.store, (store) => {
    const runs = listRuns(store, { limit: options.limit })
    if (options.json) {
      return print(
        JSON.stringify(
          runs.map(({ id, study, model, state, reason, resumable, startedAt, finishedAt }) => ({
            id,
            study,
            model,
            state,
            reason,
            resumable,
            startedAt,
            finishedAt,
          })),
        ),
      )
    }
    if (runs.length === 0) return print('no runs yet')
    const time = (iso: string) => iso.slice(0, 16).replace('T', ' ')
    const rows = runs.map((run) => [run.id, run.state, time(run.startedAt), run.study, run.model])
    print(textTable(['run', 'state', 'started (UTC)', 'study', 'model'], rows, 'words'))
    for (const run of runs)
      if (run.reason !== null) print(`${run.id}: ${run.reason}${run.resumable ? ` (${resumeWords(run.config)})` : ''}`)
  })
}

export async function showCommand(id: string, raw: unknown): Promise<void> {
  const options = Common.parse(raw)
  const store = openRecords(options.store)
  try {
    const run = needRun(store, id)
    const arms = listArms(store, id)
    const trajectories = countTrajectories(store, id)
    const agreement = run.judges.length > 1 ? (await measuredJudges(store, run)).measures : null
    if (options.json) return print(JSON.stringify({ ...run, arms, trajectories, agreement: agreementOf(agreement) }))
    print(
      `${run.id}: ${run.state}${run.reason === null ? '' : ` (${run.reason})`}; ${trajectories} trajectories; ` +
        `the store takes ${(sizeOnDisk(store.file) / 1e6).toFixed(1)} MB`,
    )
    print(
      textTable(
        ['arm', 'seed', 'method', 'state', 'steps', 'checkpoint after step'],
        arms.map((arm) => [
          arm.name,
          String(arm.seed),
          arm.method,
          arm.state,
          String(arm.steps),
          arm.checkpointStep === null ? '–' : String(arm.checkpointStep),
        ]),
      ),
    )
    for (const notice of listNotices(store, id)) print(`${notice.level}: ${notice.text}`)
    if (run.result !== null) print(`\n${tablesOf(run.result, run.config)}`)
    const agreed = agreement === null ? null : agreementTable(agreement)
    if (agreed !== null) print(`\n${agreed}`)
  } finally {
    store.close()
  }
}

/** How it goes on: an evaluation by itself. */
const resumeWords = (study: StudyConfig): string =>
  isEvaluationStudy(study) ? 'the same command goes on' : 'the same command with --resume goes on'

const tablesOf = (result: StudyResult, study: StudyConfig): string =>
  isEvaluation(result) ? evaluationTable(result, study) : [resultTable(result), ...categoryTable(result.arms)].join('\n\n')

function agreementOf(measures: JudgeMeasures | null) {
  return measures?.components.flatMap(({ component, agreement }) => agreement.map((each) => ({ component, ...each }))) ?? []
}

const TrajectoryOptions = Common.extend({
  arm: z.string().optional(),
  category: z.string().optional(),
  phase: z.enum(['train', 'evaluation']).optional(),
  unsafe: Component.optional(),
  search: z.string().optional(),
  after: z.number().optional(),
  limit: z.number(),
})

export function trajectoriesCommand(id: string, raw: unknown): void {
  const { store: file, json, limit, after, ...wanted } = TrajectoryOptions.parse(raw)
  withStore(file, (store) => {
    const { judges } = needRun(store, id)
    if (wanted.search !== undefined) while (indexSome(store));
    // One more than asked for tells whether there are more.
    const found = listTrajectories(store, { runId: id, ...wanted }, { limit: limit + 1, after })
    const rows = found.slice(0, limit)
    const next = found.length > limit ? (rows.at(-1)?.rowId ?? null) : null
    if (rows.length === 0) {
      const { arms, categories } = trajectoryNames(store, id)
      checkName('--arm', wanted.arm, arms)
      checkName('--category', wanted.category, categories)
    }
    if (json) {
      const items = rows.map((row) => {
        const full = readTrajectory(store, row.rowId)
        if (!full) throw new Error(`trajectory ${row.rowId} has gone`)
        const { promptTokens, tokens, logProbabilities, entropies, ...rest } = full
        const arrays = { promptTokens, tokens, logProbabilities, entropies }
        const numbers = Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, Array.from(values)]))
        return { number: row.rowId, arm: row.arm, seed: row.seed, ...rest, ...numbers }
      })
      return print(JSON.stringify({ run: id, trajectories: items, next }))
    }
    if (rows.length === 0) return print('no trajectories match')
    const verdict = (safe: number | null) => (safe === null ? 'unscorable' : safe.toFixed(2))
    for (const row of rows) {
      const [t, y, whole] = [row.safeThought, row.safeResponse, row.safeWhole].map(verdict)
      const scores = `P(safe) by ${judges[0]}: t ${t}, y ${y}, t+y ${whole}`
      const outcome = row.role === 'harmful' ? scores : (row.correctness ?? row.compliance ?? scores)
      const reward = row.reward === null ? '' : `; reward ${row.reward.toFixed(3)}`
      print(
        `#${row.rowId} ${row.arm}, seed ${row.seed}, ${row.phase} step ${row.step}, ${row.category}; ` +
          `${outcome}${reward}`,
      )
      const isLeftOut = row.prompt === '' && row.thought === '' && row.response === ''
      if (isLeftOut) print('  no text is recorded here: it was left out when the run was taken home')
      else print(`  prompt   ${indent(row.prompt)}\n  thought  ${indent(row.thought)}\n  response ${indent(row.response)}`)
    }
    if (next !== null) print(`more: --after ${next}`)
  })
}

/** A name that the run does not have is a slip of the pen, not an empty result. */
function checkName(option: string, name: string | undefined, known: readonly string[]): void {
  if (name === undefined || known.includes(name)) return
  throw new ReflectoryError('bad-argument', option, `this run has no "${name}"`, `It has: ${known.join(', ') || 'nothing yet'}.`)
}

function indent(text: string): string {
  return printable(text.trim()).replaceAll('\n', '\n           ')
}
