/** Records go in and come out as they were; lists filter, search and page. */
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../src/store/openStore.ts'
import { openStore } from '../../src/store/openStore.ts'
import {
  completeRun,
  findArmId,
  findRun,
  insertRun,
  insertStep,
  listArms,
  listRuns,
  listSteps,
  stopRun,
} from '../../src/store/runs.ts'
import { sizeOnDisk } from '../../src/store/size.ts'
import {
  countTrajectories,
  insertTrajectories,
  listTrajectories,
  readTrajectory,
} from '../../src/store/trajectories.ts'
import { plan, result, trajectory } from '../sampleStudy.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

let store: Store
const start = (id: string, startedAt = '2026-01-01T00:00:00Z') =>
  insertRun(store, { id, configHash: 'hash', workFolder: '/work', startedAt, ownerPid: 1, programVersion: '1' }, plan)

beforeEach(() => {
  store = openStore(join(temporaryFolder(), 's.sqlite'))
  start('small-1')
  return () => store.close()
})

describe('trajectories', () => {
  const add = (...items: Parameters<typeof insertTrajectories>[2]) =>
    insertTrajectories(store, findArmId(store, 'small-1', 'rl', 0), items)
  const list = (filter = {}, page = {}) =>
    listTrajectories(store, { runId: 'small-1', ...filter }, { limit: 10, ...page })

  test('come back as they were recorded, every number of them', () => {
    const recorded = trajectory(
      'a',
      {
        phase: 'train',
        step: 3,
        rewardParts: { safety: 1, format: 0 },
        reward: 1.5,
        advantage: -0.25,
        compliance: 'full-refusal',
      },
      [0.25, null],
    )
    add(recorded)
    const read = readTrajectory(store, list()[0].rowId)
    expect(read).toEqual({ ...recorded, verdicts: expect.arrayContaining(recorded.verdicts) })
    expect(read?.verdicts).toHaveLength(4)
    expect(readTrajectory(store, 12345)).toBeUndefined()
  })

  test('recorded again under the same id replace the old ones, in the search index too', () => {
    add(trajectory('a', { text: 'old words' }))
    add(trajectory('a', { text: 'new words' }))
    expect(countTrajectories(store, 'small-1')).toBe(1)
    expect(list({ search: 'old' })).toEqual([])
    expect(list({ search: 'new' })).toHaveLength(1)
    expect(store.db.prepare('SELECT count(*) FROM trajectory_tokens').pluck().get()).toBe(1)
    expect(store.db.prepare('SELECT count(*) FROM verdicts').pluck().get()).toBe(4)
  })

  test('share their prompt', () => {
    add(trajectory('a'), trajectory('b', { sampleIndex: 1 }))
    expect(store.db.prepare('SELECT count(*) FROM prompts').pluck().get()).toBe(1)
  })

  test('are filtered by category, arm and by what the first judge finds unsafe', () => {
    const poison = { ...trajectory('c').prompt, id: 'harmful-2', category: 'poison' }
    add(
      trajectory('a', {}, [1, 1]),
      trajectory('b', {}, [0, 1]),
      trajectory('c', { prompt: poison }, [0, 0]),
      trajectory('d', {}, [null, 0]),
    )
    const thoughts = (filter: object) => list(filter).map((row) => row.safeThought)
    expect(list({ category: 'poison' })).toHaveLength(1)
    expect(thoughts({ unsafe: 'thought' })).toEqual([0, 0])
    expect(list({ unsafe: 'response' })).toHaveLength(2)
    expect(list({ unsafe: 'whole' }).map((row) => row.safeWhole)).toEqual([0, 0])
    expect(list({ arm: 'base' })).toEqual([])
  })

  test('page by key without loss or repetition', () => {
    add(...Array.from({ length: 7 }, (_, i) => trajectory(`t${i}`)))
    const first = list({}, { limit: 3 })
    const second = list({}, { limit: 3, after: first[2].rowId })
    const third = list({}, { limit: 3, after: second[2].rowId })
    expect(new Set([...first, ...second, ...third].map((row) => row.rowId)).size).toBe(7)
    expect(third).toHaveLength(1)
  })

  test('are searched for words as typed, whatever characters stand in them', () => {
    add(trajectory('a', { text: 'wait, let me check "this" (NEAR) it' }))
    expect(list({ search: 'check wait' })).toHaveLength(1)
    expect(list({ search: '"this" (near' })).toHaveLength(1)
    expect(list({ search: 'check absent' })).toEqual([])
    expect(list({ search: ' ' })).toEqual([])
  })
})

describe('runs', () => {
  test('keep their study, arms, steps and result', () => {
    const arm = findArmId(store, 'small-1', 'rl', 0)
    insertStep(store, arm, 0, { loss: 1 })
    insertStep(store, arm, 1, { loss: 0.5 })
    insertStep(store, arm, 1, { loss: 0.25 })
    expect(listSteps(store, arm, { limit: 10 })).toEqual([
      { step: 0, metrics: { loss: 1 } },
      { step: 1, metrics: { loss: 0.25 } },
    ])
    expect(listSteps(store, arm, { after: 0, limit: 10 })).toHaveLength(1)
    completeRun(store, 'small-1', result, '2026-01-01T01:00:00Z')
    expect(findRun(store, 'small-1')).toMatchObject({ state: 'done', study: 'small', config: plan.study, result })
    expect(listArms(store, 'small-1').map(({ name, state }) => [name, state])).toEqual([
      ['base', 'waiting'],
      ['rl', 'waiting'],
    ])
  })

  test('list newest first and page by key', () => {
    start('small-2', '2026-01-02T00:00:00Z')
    start('small-3', '2026-01-02T00:00:00Z')
    stopRun(store, 'small-2', 'interrupted', 'the engine died', true, '2026-01-02T01:00:00Z')
    const page = listRuns(store, { limit: 2 })
    expect(page.map((run) => run.id)).toEqual(['small-3', 'small-2'])
    expect(page[1]).toMatchObject({ state: 'interrupted', reason: 'the engine died', resumable: true })
    expect(listRuns(store, { limit: 2, before: page[1] }).map((run) => run.id)).toEqual(['small-1'])
    expect(store.db.prepare('SELECT count(*) FROM studies').pluck().get()).toBe(1)
  })

  test('sizeOnDisk grows with what is recorded', () => {
    const before = sizeOnDisk(store.file)
    insertTrajectories(
      store,
      findArmId(store, 'small-1', 'rl', 0),
      Array.from({ length: 200 }, (_, i) => trajectory(`t${i}`)),
    )
    expect(sizeOnDisk(store.file)).toBeGreaterThan(before + 100_000)
  })
})
