/**
 * `npm run bench -- store [--rows n] [--folder F]`: records a million trajectories in a store of its own, then
 * times what the window asks of it. Each time is the median and the slowest of several questions on a connection
 * that is warm. The store is deleted, unless a folder to keep it in is given.
 */
import { rowsFor } from '../src/host/services/hideTexts.ts'
import type { TrajectoryFilter, PageAt } from '../src/shared/rpc/trajectories.ts'
import type { Store } from '../src/store/openStore.ts'
import { sizeOnDisk } from '../src/store/size.ts'
import { countMatches, neighboursOf, pageOfIds } from '../src/store/trajectoryPages.ts'
import { openBenchStore, STEP_ROWS } from './millionRows.ts'
import { spread, verdictOf } from './verdict.ts'

/** Trajectories a second that the recorder must keep up with. */
const RECORDER_RATE = 5000

interface Answer {
  /** Milliseconds by the clock. */
  median: number
  slowest: number
  /** Median of the milliseconds for which the question had a processor. */
  processor: number
  limit: number
}

function timeIt(ask: () => void, times = 9): Omit<Answer, 'limit'> {
  const taken = Array.from({ length: times }, () => {
    const [start, before] = [performance.now(), process.cpuUsage()]
    ask()
    const { user, system } = process.cpuUsage(before)
    return { clock: performance.now() - start, processor: (user + system) / 1000 }
  })
  const round = (ms: number) => Math.round(ms * 10) / 10
  const clock = spread(taken.map((each) => each.clock))
  const processor = spread(taken.map((each) => each.processor)).median
  return { median: round(clock.median), slowest: round(clock.worst), processor: round(processor) }
}

function ask(store: Store, rows: number): Record<string, Answer> {
  const page = (filter: TrajectoryFilter, at: PageAt = { at: 'first' }) => () => {
    rowsFor(store, pageOfIds(store, filter, at, 100).ids, { reveal: true, search: filter.search })
  }
  const lastStep = Math.floor((rows - 1) / STEP_ROWS)
  const middle = Math.floor(rows / 2)
  const hiddenRisk: TrajectoryFilter = { verdicts: { thought: 'unsafe', response: 'safe' } }
  const asked: [string, number, () => void][] = [
    ['first page', 100, page({})],
    ['last page', 100, page({}, { at: 'last' })],
    ['page in the middle', 100, page({}, { at: 'after', id: middle })],
    ['jump to a late step', 200, page({}, { at: 'step', step: lastStep - 3 })],
    ['run', 200, page({ runId: 'bench' })],
    ['arm', 200, page({ runId: 'bench', arm: 'rl-response' })],
    ['arm, last page', 200, page({ arm: 'sft' }, { at: 'last' })],
    ['category', 200, page({ category: 'neglect' })],
    ['unsafe thought, safe answer', 200, page(hiddenRisk)],
    ['the same, last page', 200, page(hiddenRisk, { at: 'last' })],
    ['one step', 200, page({ step: lastStep - 3 })],
    ['narrow reward range', 200, page({ rewardFrom: 0.30001, rewardTo: 0.30003 })],
    ['nothing matches', 200, page({ splitState: 'no-thought' })],
    ['nothing matches a reward', 200, page({ rewardFrom: 5 })],
    ['arm, role, category, verdict', 200, page({ arm: 'sft', role: 'harmful', category: 'fraud', ...hiddenRisk })],
    ['label that nothing has', 200, page({ label: 'none' })],
    ['label', 200, page({ label: 'odd' })],
    ['label, in one arm', 200, page({ label: 'odd', arm: 'rl-response' })],
    ['seed', 200, page({ seed: 0 })],
    ['phase that nothing has', 200, page({ phase: 'evaluation' })],
    ['role', 200, page({ role: 'harmful' })],
    ['split state', 200, page({ splitState: 'complete' })],
    ['wide reward range', 200, page({ rewardFrom: 0.5, rewardTo: 0.9 })],
    ['whole unsafe, one step', 200, page({ verdicts: { whole: 'unsafe' }, step: lastStep - 3 })],
    ['count of all', 200, () => countMatches(store, {})],
    ['count of a category', 200, () => countMatches(store, { category: 'fraud' })],
    ['count of a common word', 300, () => countMatches(store, { search: 'the' })],
    ['next and previous', 100, () => neighboursOf(store, { category: 'fraud' }, middle)],
    ['search: in nearly all', 300, page({ search: 'the' })],
    ['search: common, last page', 300, page({ search: 'the' }, { at: 'last' })],
    ['search: common, jump to a step', 300, page({ search: 'the' }, { at: 'step', step: lastStep - 3 })],
    ['search: two common words', 300, page({ search: 'the wait' })],
    ['search: rare', 300, page({ search: 'w3911' })],
    ['search: common and rare', 300, page({ search: 'the w3911' })],
    ['search: in no text', 300, page({ search: 'absent' })],
    ['search: common, within the last arm', 300, page({ search: 'the', arm: 'rl-response' })],
    ['search: common, hidden risk', 300, page({ search: 'wait', ...hiddenRisk })],
    ['search: common, one step', 300, page({ search: 'the', step: lastStep - 3 })],
    ['search: common, nothing matches', 300, page({ search: 'the', splitState: 'no-thought' })],
  ]
  return Object.fromEntries(asked.map(([name, limit, question]) => [name, { ...timeIt(question), limit }]))
}

export function benchStore(rows: number, folder: string | null, say: (line: string) => void): void {
  const made = openBenchStore(rows, folder, say)
  try {
    if (made.recorder) {
      const { all, lastTenth, ofProcessorTime } = made.recorder
      say(
        `recorder alone: ${all} trajectories/s, ${lastTenth} in the last tenth, ` +
          `${ofProcessorTime} by the processor's time   ` +
          `(at least ${RECORDER_RATE})   ${verdictOf(-all, -RECORDER_RATE, -lastTenth, -ofProcessorTime)}`,
      )
    }
    for (const [name, { median, slowest, processor, limit }] of Object.entries(ask(made.store, rows))) {
      const times = `${`${median} ms`.padStart(10)}, slowest ${slowest}, processor ${processor}`
      say(`${name.padEnd(38)} ${times}   (under ${limit})   ${verdictOf(median, limit, slowest, processor)}`)
    }
    say(`store: ${(sizeOnDisk(made.store.file) / 2 ** 30).toFixed(2)} GiB`)
  } finally {
    made.close()
  }
}
