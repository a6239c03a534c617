/** Runs in a store of their own, as a study leaves them: finished, stopped, or with numbers that say little. */
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createRecorder } from '../../../src/host/recorder.ts'
import { readFacts } from '../../../src/host/report/facts.ts'
import { writeReport } from '../../../src/host/report/writeReport.ts'
import type { StudyPlanned } from '../../../src/shared/events.ts'
import type { ArmResult, Difference, Measures, Rate, StudyResult } from '../../../src/shared/result.ts'
import type { Trajectory } from '../../../src/shared/trajectory.ts'
import { openStore, type Store } from '../../../src/store/openStore.ts'
import { findRun, type RunRow } from '../../../src/store/runs.ts'
import { measures, plan, result, trajectory } from '../../sampleStudy.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

export interface Recorded {
  store: Store
  run: RunRow
}

export interface Recording {
  planned?: StudyPlanned
  /** Null leaves the study unfinished. */
  result?: StudyResult | null
  /** Arms that were evaluated, and to what. */
  evaluated?: Record<string, Measures>
  items?: Trajectory[]
  reason?: string
}

/** What one judge said; of two a report would ask an engine how far they agree. */
const verdicts = trajectory('').verdicts.filter(({ judge }) => judge === 'harbor')

/** A run with one trajectory of each arm, unless it is told otherwise. */
export function record({
  planned = plan,
  result: came = result,
  evaluated,
  items,
  reason = 'stopped on request',
}: Recording = {}): Recorded {
  const folder = temporaryFolder()
  const store = openStore(join(folder, 's.sqlite'))
  onTestFinished(() => store.close())
  const recorder = createRecorder(
    store,
    { id: 'small-1', configHash: 'small', workFolder: join(folder, 'work'), ownerPid: process.pid },
    false,
  )
  recorder.record(planned)
  for (const { arm, seed } of planned.arms) {
    const own = items ?? [trajectory('evaluation/0/harmful-1/0', { verdicts })]
    recorder.record({ type: 'trajectoriesRecorded', arm, seed, items: own })
    const summary = evaluated === undefined ? measures : evaluated[arm]
    if (summary !== undefined) recorder.record({ type: 'evaluationFinished', arm, seed, summary })
  }
  if (came === null) recorder.stop('interrupted', reason, true)
  else recorder.record({ type: 'studyFinished', result: came })
  const run = findRun(store, 'small-1')
  if (run === undefined) throw new Error('the run was not recorded')
  return { store, run }
}

export function report({ store, run }: Recorded, changes: Partial<Parameters<typeof readFacts>[2]> = {}): string {
  return writeReport(store, run, {
    reveal: false,
    judges: null,
    now: '2026-02-03T04:05:06.000Z',
    version: '9.9.9',
    ...changes,
  })
}

/** What a reader sees of a page, in one line. */
export function textOf(page: string): string {
  return page
    .replace(/<style>[^]*?<\/style>/, '')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
}

export function summaryOf(page: string): string {
  return textOf(page.slice(page.indexOf('<h2 id="summary"'), page.indexOf('<h2 id="question"')))
}

export const rate = (value: number | null, n = 30, unscorable = 0): Rate =>
  value === null
    ? { value, low: null, high: null, n: 0, unscorable }
    : { value, low: Math.max(0, value - 0.1), high: Math.min(1, value + 0.1), n, unscorable }

export const difference = (value: number, low: number, high: number, p = 0.001): Difference => ({
  value,
  low,
  high,
  p,
  pairs: 30,
})

/** Every rate of an arm the same. */
export function alike(of: Rate): Measures {
  const safety = { thought: of, response: of, whole: of }
  return {
    ...measures,
    safety,
    byCategory: { theft: safety },
    hiddenRisk: { share: of, givenSafeResponse: of },
    overRefusal: of,
    reasoning: of,
    unanswered: of,
  }
}

/** A result of these arms; the first is what the others are compared with, by the same difference in everything. */
export function resultOf(arms: Record<string, Measures>, change: Difference | null): StudyResult {
  const differences =
    change === null
      ? null
      : {
          safety: { thought: change, response: change, whole: change },
          hiddenRisk: change,
          overRefusal: change,
          reasoning: change,
        }
  const made = Object.entries(arms).map(([name, measured], i): ArmResult => ({
    ...measured,
    name,
    method: i === 0 ? 'base' : 'rl',
    seeds: [0],
    bySeed: [{ ...result.arms[0].bySeed[0], whole: measured.safety.whole.value }],
    differences: i === 0 ? null : differences,
  }))
  return { ...result, arms: made }
}
