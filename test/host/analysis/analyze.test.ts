/** Analyses over a real store and a real engine: kept while the records stay, computed anew when they change, nothing left behind. */
import { readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { analyze, keptAnalyses, keptAnalysis } from '../../../src/host/analysis/analyze.ts'
import { planAnalysis } from '../../../src/host/analysis/analysisPlan.ts'
import { memorisationOfRun } from '../../../src/host/analysis/memorisationOfRun.ts'
import { AnalysisRequest, analysisVersions, type AnalysisInput } from '../../../src/shared/analysis.ts'
import { StudyConfig } from '../../../src/shared/study.ts'
import { openStore, type Store } from '../../../src/store/openStore.ts'
import { deleteRun } from '../../../src/store/removal.ts'
import { findArmId, insertRun } from '../../../src/store/runs.ts'
import { insertTrajectories } from '../../../src/store/trajectories.ts'
import { plan, trajectory } from '../../sampleStudy.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const model = { ...plan.model, folder: 'harbor' }

function openRun(study = plan.study, arms = plan.arms): Store {
  const folder = temporaryFolder()
  const store = openStore(join(folder, 's.sqlite'))
  onTestFinished(() => store.close())
  store.transaction(() => {
    const run = { id: 'r', configHash: 'h', workFolder: join(folder, 'w'), startedAt: '2026', ownerPid: 1, programVersion: '1' }
    insertRun(store, run, { ...plan, study, model, arms })
  })
  return store
}

function record(store: Store, arm: string, count: number, changes: Parameters<typeof trajectory>[1] = {}, name = 't'): void {
  const items = Array.from({ length: count }, (_, i) => trajectory(`${arm}${name}${i}`, changes))
  store.transaction(() => insertTrajectories(store, findArmId(store, 'r', arm, 0), items))
}

const request = (asked: AnalysisInput): AnalysisRequest => AnalysisRequest.parse(asked)
const options = (changes = {}) => ({
  ...{ device: 'cpu' as const, threads: 1, again: false, signal: new AbortController().signal, onProgress: () => undefined },
  ...changes,
})

test('an answer is kept until trajectories come, and goes with its run', async () => {
  const store = openRun()
  record(store, 'base', 3)
  record(store, 'rl', 2, { phase: 'train', step: 1 })
  const length = request({ kind: 'length', runId: 'r' })
  expect(keptAnalysis(store, length)).toBeNull()
  const first = await analyze(store, length, options())
  expect(first).toMatchObject({ wasKept: false, result: { counts: { asked: 5, used: 5, leftOut: [] } } })
  const again = await analyze(store, length, options({ launch: () => { throw new Error('nothing is to be computed') } }))
  expect(again).toEqual({ ...first, wasKept: true })
  expect(keptAnalyses(store, 'r')).toEqual([again])
  // Fields in another order are the same request.
  expect(keptAnalysis(store, Object.fromEntries(Object.entries(length).reverse()) as AnalysisRequest)).toEqual(again)
  record(store, 'base', 1, {}, 'new')
  expect([keptAnalysis(store, length), keptAnalyses(store, 'r')]).toEqual([null, []])
  expect((await analyze(store, length, options())).result.counts.asked).toBe(6)
  expect(keptAnalyses(store, 'r')).toHaveLength(1)
  expect(readdirSync(dirname(store.file)).filter((name) => name.startsWith('analysis-'))).toEqual([])
  await deleteRun(store, 'r')
  expect(store.db.prepare('SELECT count(*) FROM analyses').pluck().get()).toBe(0)
})

test('an answer by an older definition is not shown, and is computed anew', async () => {
  const store = openRun()
  record(store, 'base', 3)
  const length = request({ kind: 'length', runId: 'r' })
  await analyze(store, length, options())
  const version = `length ${analysisVersions.length}`
  expect(store.db.prepare('UPDATE analyses SET state = replace(state, ?, ?)').run(version, 'length 1').changes).toBe(1)
  expect([keptAnalysis(store, length), keptAnalyses(store, 'r')]).toEqual([null, []])
  expect(await analyze(store, length, options())).toMatchObject({ wasKept: false })
  expect(await analyze(store, length, options())).toMatchObject({ wasKept: true })
  // Another kind has its own.
  expect(planAnalysis(store, length).state).toContain(version)
  expect(planAnalysis(store, request({ kind: 'reflection', runId: 'r' })).state).not.toContain(version)
})

test('an answer does not stand for records that took the place of others, nor for a judge whose files have changed', async () => {
  const store = openRun()
  record(store, 'base', 1)
  const length = request({ kind: 'length', runId: 'r' })
  const before = planAnalysis(store, length).state
  record(store, 'base', 1)
  expect(planAnalysis(store, length).state).toBe(before)
  record(store, 'base', 1, { text: 'something else' })
  expect(planAnalysis(store, length).state).not.toBe(before)
  const words = join(dirname(store.file), 'words.txt')
  writeFileSync(words, 'rob')
  const judged = openRun(StudyConfig.parse({ ...plan.study, judges: [{ lexicon: words }] }))
  const outcome = request({ kind: 'outcomeReflection', runId: 'r' })
  const with3 = planAnalysis(judged, outcome).state
  writeFileSync(words, 'rob, steal')
  expect(planAnalysis(judged, outcome).state).not.toBe(with3)
})

test('a trajectory whose texts a bundle left out is counted as such, not as one of length 0', async () => {
  const store = openRun()
  record(store, 'base', 3)
  const none = { tokens: new Int32Array(), entropies: new Float32Array(), logProbabilities: new Float32Array() }
  const split = { state: 'complete', thought: '', response: '' } as const
  record(store, 'base', 2, { text: '', split, promptTokens: new Int32Array(), ...none }, 'stripped')
  const { result } = await analyze(store, request({ kind: 'length', runId: 'r' }), options())
  expect(result.counts).toEqual({ asked: 5, used: 3, leftOut: [{ reason: 'text not in the bundle', count: 2 }] })
})

test('arms, phase, role and category choose what is looked at; what is not there is refused', () => {
  const store = openRun()
  record(store, 'base', 3)
  record(store, 'rl', 2)
  record(store, 'rl', 4, { phase: 'train', step: 1 }, 'train')
  const asked = (changes: object) => planAnalysis(store, request({ kind: 'length', runId: 'r', ...changes })).choose()?.asked
  expect(asked({ arms: ['rl'] })).toBe(6)
  expect(asked({ phase: 'train', arms: ['rl'] })).toBe(4)
  expect(asked({ role: 'benign' })).toBe(0)
  expect(asked({ category: 'theft', arms: ['base'] })).toBe(3)
  expect(() => asked({ arms: ['none'] })).toThrow('none: run r has no such arm. It has: base, rl.')
  expect(() => asked({ seed: 9 })).toThrow('It has: 0.')
  const judge = request({ kind: 'outcomeReflection', runId: 'r', judge: 'nobody' })
  expect(() => planAnalysis(store, judge)).toThrow('It has: harbor, lexicon.')
})

test('a stopped analysis is cancelled, keeps nothing and leaves no folder', async () => {
  const store = openRun()
  record(store, 'base', 3)
  const length = request({ kind: 'length', runId: 'r' })
  await expect(analyze(store, length, options({ signal: AbortSignal.abort() }))).rejects.toMatchObject({ code: 'cancelled' })
  const stop = new AbortController()
  const whileCounting = options({ signal: stop.signal, onProgress: () => stop.abort() })
  await expect(analyze(store, length, whileCounting)).rejects.toMatchObject({ code: 'cancelled' })
  expect(keptAnalysis(store, length)).toBeNull()
  expect(readdirSync(dirname(store.file)).filter((name) => name.startsWith('analysis-'))).toEqual([])
})

test('a run says itself what its memory can be asked about, as far as it knows', () => {
  const data = { mine: { harbor: 'sft' as const, split: 'train' as const, count: 7 } }
  const sft = StudyConfig.parse({ name: 's', data: { ...plan.study.data, ...data }, arms: [{ name: 'base', method: 'base' }, { name: 'sft', method: 'sft', data: 'mine' }] })
  const arms = [{ arm: 'base', seed: 0, method: 'base' as const, steps: 0 }, { arm: 'sft', seed: 0, method: 'sft' as const, steps: 1 }]
  expect(memorisationOfRun(openRun(sft, arms), 'r')).toMatchObject({
    // The arm is not trained yet.
    models: [{ kind: 'arm', runId: 'r', arm: 'base', seed: 0 }],
    train: { harbor: 'sft', split: 'train', count: 7 },
    heldOut: { harbor: 'sft', split: 'held-out', count: 7 },
  })
  expect(memorisationOfRun(openRun(), 'r')).toBeNull()
})

test('a list of cues is refused by what is wrong with it', () => {
  const problemOf = (words: string[]) => AnalysisRequest.safeParse({ kind: 'reflection', runId: 'r', words }).error?.issues[0].message
  expect(problemOf([])).toBe('at least one word is needed')
  expect(problemOf(['wait', ' \t'])).toBe('a word or phrase is not blank')
  expect(problemOf(Array(201).fill('wait'))).toBe('at most 200 words and phrases can be asked for')
  expect(problemOf(['.*', '等等', 'a'.repeat(10_000)])).toBeUndefined()
})
