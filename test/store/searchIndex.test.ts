/** The full-text index holds what the trajectories hold, whichever of them wait for it and whatever happens meanwhile. */
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { RandomStream } from '../../src/shared/random.ts'
import { openStore, type Store } from '../../src/store/openStore.ts'
import { deleteRun } from '../../src/store/removal.ts'
import { findArmId, insertRun } from '../../src/store/runs.ts'
import { indexLater, indexSome } from '../../src/store/searchIndex.ts'
import { insertTrajectories, listTrajectories } from '../../src/store/trajectories.ts'
import { plan, trajectory } from '../sampleStudy.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

let store: Store
beforeEach(() => {
  store = openStore(join(temporaryFolder(), 's.sqlite'))
  return () => store.close()
})

const start = (id: string) =>
  insertRun(store, { id, configHash: id, workFolder: '/work', startedAt: '2026-01-01T00:00:00Z', ownerPid: 1, programVersion: '1' }, plan)
const armOf = (run: string) => findArmId(store, run, 'rl', 0)
const add = (run: string, key: string, text: string) => insertTrajectories(store, armOf(run), [trajectory(key, { text })])
const found = (run: string, search: string) => listTrajectories(store, { runId: run, search }, { limit: 1000 }).length
/** FTS5 compares itself with the table that it indexes, and throws where they differ. */
const compare = () => store.db.exec("INSERT INTO trajectory_search (trajectory_search, rank) VALUES ('integrity-check', 1)")

test('texts that wait are found once they were indexed, and others at once', () => {
  start('here')
  start('imported')
  add('here', 'a', 'a lantern burns')
  indexLater(store, armOf('imported'))
  for (let i = 0; i < 450; i++) add('imported', `i${i}`, `lantern number ${i}`)
  add('here', 'b', 'another lantern')
  expect([found('here', 'lantern'), found('imported', 'lantern')]).toEqual([2, 0])
  while (indexSome(store));
  expect([found('here', 'lantern'), found('imported', 'lantern'), found('imported', 'number 449')]).toEqual([2, 450, 1])
  compare()
  expect(indexSome(store)).toBe(false)
})

test('a step that is run again in a half indexed arm replaces its text in the index too', () => {
  start('imported')
  indexLater(store, armOf('imported'))
  add('imported', 'a', 'lantern')
  indexSome(store)
  // It gets the number of the one that it replaces.
  add('imported', 'a', 'anchor')
  while (indexSome(store));
  expect([found('imported', 'lantern'), found('imported', 'anchor')]).toEqual([0, 1])
  compare()
})

test('a run whose texts wait, or are half indexed, is deleted without a trace in the index', async () => {
  start('here')
  add('here', 'a', 'a lantern burns')
  for (const steps of [0, 1, 2]) {
    start('imported')
    indexLater(store, armOf('imported'))
    for (let i = 0; i < 250; i++) add('imported', `i${i}`, `lantern number ${i}`)
    for (let step = 0; step < steps; step++) indexSome(store)
    await deleteRun(store, 'imported')
    compare()
    expect(store.db.prepare('SELECT count(*) FROM unindexed').pluck().get()).toBe(0)
  }
  expect(found('here', 'lantern')).toBe(1)
})

test('in any order of recording, importing, indexing, and replacing, the index ends as if nothing had waited', () => {
  const random = new RandomStream(7, ['search index'])
  const runs = ['one', 'two', 'three']
  for (const run of runs) start(run)
  const texts = new Map<string, string>()
  for (let turn = 0; turn < 600; turn++) {
    const run = runs[random.integer(3)]
    const choice = random.integer(12)
    if (choice === 1 && store.db.prepare('SELECT 1 FROM unindexed WHERE arm_id = ?').get(armOf(run)) === undefined) indexLater(store, armOf(run))
    else if (choice === 2) indexSome(store)
    else {
      // A key that is there already is a step that was run again: its trajectory is replaced.
      const key = `k${random.integer(60)}`
      const text = `word${random.integer(20)} word${random.integer(20)}`
      texts.set(`${run} ${key}`, text)
      add(run, key, text)
    }
  }
  while (indexSome(store));
  compare()
  for (const run of runs) {
    const expected = [...texts].filter(([key, text]) => key.startsWith(`${run} `) && text.split(' ').includes('word3')).length
    expect(found(run, 'word3'), run).toBe(expected)
  }
})
