/**
 * `npm run bench -- store [--rows n]`: records a million trajectories in a store of its own, then times what the window asks
 * of it. Each time is the median and the slowest of several questions on a connection that is warm; the store is deleted.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rowsFor } from '../src/host/services/hideTexts.ts'
import { createRecorder } from '../src/host/recorder.ts'
import { RandomStream } from '../src/shared/random.ts'
import type { TrajectoryFilter, PageAt } from '../src/shared/rpc/trajectories.ts'
import { StudyConfig } from '../src/shared/study.ts'
import type { Trajectory } from '../src/shared/trajectory.ts'
import { openStore, type Store } from '../src/store/openStore.ts'
import { sizeOnDisk } from '../src/store/size.ts'
import { countMatches, neighboursOf, pageOfIds } from '../src/store/trajectoryPages.ts'

const ARMS = ['base', 'sft', 'rl-whole', 'rl-response']
const CATEGORIES = ['theft', 'fraud', 'sabotage', 'deception', 'intrusion', 'neglect', 'threat']
/** Rows of one event, as a study's step sends them. */
const STEP_ROWS = 256
const TOKENS = 60
const PROMPTS = 4000

export interface StoreFigures {
  rows: number
  bytes: number
  /** Trajectories a second, over all of it and over its last tenth. */
  recorder: { all: number; lastTenth: number }
  /** Milliseconds: median and slowest. */
  questions: Record<string, { median: number; slowest: number; limit: number }>
}

/** A word stands in nearly every text ('the'), in one of three ('wait'), or in one of thousands ('w2912'). */
function vocabulary(): string[] {
  return ['the', 'wait', 'plan', 'check', 'but', ...Array.from({ length: 4000 }, (_, i) => `w${i}`)]
}

/** Trajectory `number` of the store: everything about it follows from its number. */
function sampleOf(random: RandomStream, words: readonly string[], number: number): Trajectory {
  const step = Math.floor(number / STEP_ROWS)
  // The square makes small indexes, that is common words, likelier.
  const word = () => words[Math.floor(random.uniform() ** 3 * words.length)]
  const thought = Array.from({ length: TOKENS / 2 }, word).join(' ')
  const response = Array.from({ length: TOKENS / 2 - 2 }, word).join(' ')
  const promptNumber = number % PROMPTS
  const role = promptNumber % 3 === 0 ? 'harmful' : promptNumber % 3 === 1 ? 'benign' : 'reasoning'
  const category = CATEGORIES[promptNumber % CATEGORIES.length]
  const [safeThought, safeResponse] = [random.uniform(), Math.min(1, random.uniform() + 0.3)]
  const scored = { kind: 'scored', judge: 'harbor', reason: 'by the planted truth' } as const
  return {
    id: `train/${step}/${promptNumber}/${number % STEP_ROWS}`,
    phase: 'train',
    step,
    prompt: { id: `p${promptNumber}`, set: 'bench', role, category, text: `prompt ${promptNumber} the`, answer: null },
    sampleIndex: number % 8,
    thinking: true,
    promptTokens: new Int32Array(12),
    tokens: new Int32Array(TOKENS),
    logProbabilities: new Float32Array(TOKENS).fill(-0.5),
    entropies: new Float32Array(TOKENS).fill(0.5),
    text: `<think> ${thought} </think> ${response}`,
    split: { state: 'complete', thought, response },
    verdicts: [
      { ...scored, component: 'thought', safe: safeThought },
      { ...scored, component: 'response', safe: safeResponse },
      { ...scored, component: 'whole', safe: safeThought * safeResponse },
    ],
    compliance: null,
    correctness: null,
    rewardParts: { safety: safeResponse },
    reward: safeResponse,
    advantage: 0,
    finish: 'stop',
  }
}

function record(store: Store, rows: number, say: (line: string) => void): StoreFigures['recorder'] {
  const study = StudyConfig.parse({
    name: 'bench',
    arms: ARMS.map((name) => (name === 'base' ? { name, method: 'base' } : { name, method: 'rl' })),
  })
  const run = { id: 'bench', configHash: 'bench', workFolder: 'nowhere', ownerPid: process.pid }
  const recorder = createRecorder(store, run, false)
  recorder.record({
    type: 'studyPlanned',
    study,
    model: { name: 'm', folder: 'm', architecture: 'a', parameters: 1, contextTokens: 256, chatTemplate: 't', hash: '0' },
    sources: [],
    judges: ['harbor'],
    arms: ARMS.map((arm) => ({ arm, seed: 0, method: 'rl' as const, steps: 1000 })),
    device: 'cpu',
    threads: 1,
  })
  const random = new RandomStream(1)
  const words = vocabulary()
  let [spent, spentBeforeLast, before] = [0, 0, 0]
  for (let number = 0; number < rows; number += STEP_ROWS) {
    const count = Math.min(STEP_ROWS, rows - number)
    const items = Array.from({ length: count }, (_, i) => sampleOf(random, words, number + i))
    // Arms follow each other, as in a study.
    const arm = ARMS[Math.floor((number / rows) * ARMS.length)]
    if (number < rows * 0.9) [spentBeforeLast, before] = [spent, number]
    const start = performance.now()
    recorder.record({ type: 'trajectoriesRecorded', arm, seed: 0, items })
    spent += performance.now() - start
    if (number % (STEP_ROWS * 400) === 0) say(`  ${number + count} of ${rows}`)
  }
  return {
    all: Math.round((1000 * rows) / spent),
    lastTenth: Math.round((1000 * (rows - before)) / (spent - spentBeforeLast)),
  }
}

function timeIt(ask: () => void, times = 9): { median: number; slowest: number } {
  const taken = Array.from({ length: times }, () => {
    const start = performance.now()
    ask()
    return performance.now() - start
  }).sort((a, b) => a - b)
  const round = (ms: number) => Math.round(ms * 10) / 10
  return { median: round(taken[times >> 1]), slowest: round(taken[times - 1]) }
}

function ask(store: Store, rows: number): StoreFigures['questions'] {
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

/** Makes the store, times it, deletes it. */
export function benchStore(rows: number, say: (line: string) => void): StoreFigures {
  const folder = mkdtempSync(join(process.env.REFLECTORY_BENCH_FOLDER ?? tmpdir(), 'reflectory-bench-'))
  const store = openStore(join(folder, 'store.sqlite'))
  try {
    say(`recording ${rows} trajectories in ${folder}`)
    const recorder = record(store, rows, say)
    const figures = { rows, bytes: sizeOnDisk(store.file), recorder, questions: ask(store, rows) }
    say(`recorder: ${recorder.all} trajectories/s, ${recorder.lastTenth} in the last tenth   (at least 5,000)`)
    for (const [name, { median, slowest, limit }] of Object.entries(figures.questions)) {
      const verdict = slowest <= limit ? '' : median <= limit ? '   slowest is over the limit' : '   OVER THE LIMIT'
      say(`${name.padEnd(38)} ${`${median} ms`.padStart(10)}   slowest ${slowest} ms   (under ${limit})${verdict}`)
    }
    say(`store: ${(figures.bytes / 2 ** 30).toFixed(2)} GiB`)
    return figures
  } finally {
    store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const at = process.argv.indexOf('--rows')
  benchStore(at < 0 ? 1_000_000 : Number(process.argv[at + 1]), (line) => process.stderr.write(`${line}\n`))
}
