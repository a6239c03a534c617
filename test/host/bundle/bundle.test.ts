/** A run goes home as one file and comes into another store as it was. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { readBundle } from '../../../src/host/bundle/readBundle.ts'
import { writeBundle } from '../../../src/host/bundle/writeBundle.ts'
import { hashStudy } from '../../../src/host/runs.ts'
import { keepAnalysis, listAnalyses } from '../../../src/store/analyses.ts'
import { trajectoryState } from '../../../src/store/analysisRows.ts'
import { annotate } from '../../../src/store/annotations.ts'
import { bundledTables, columnsOf, keptAtHome, Snapshot } from '../../../src/store/bundleTables.ts'
import { openStore, type Store } from '../../../src/store/openStore.ts'
import { deleteRun } from '../../../src/store/removal.ts'
import { findRun, insertRun } from '../../../src/store/runs.ts'
import { indexSome } from '../../../src/store/searchIndex.ts'
import { listTrajectories, readTrajectory } from '../../../src/store/trajectories.ts'
import { plan, study, trajectory } from '../../sampleStudy.ts'
import { record, type Recorded } from '../report/recordedRuns.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const now = '2026-02-03T04:05:06.000Z'
const folderOf = (): string => {
  const folder = temporaryFolder()
  return folder
}

/** A recorded run with a note and a trained arm. */
function recorded(): Recorded {
  const { store, run } = record()
  store.db.prepare('UPDATE studies SET config_hash = ?').run(hashStudy(study))
  annotate(store, 1, 'interesting', 'look again', now)
  const trained = join(run.workFolder, 'rl-0', 'model')
  mkdirSync(trained, { recursive: true })
  writeFileSync(join(trained, 'adapter_model.safetensors'), 'weights')
  return { store, run }
}

async function bundled({ store, run }: Recorded, withoutHarmfulTexts = false): Promise<string> {
  const to = join(folderOf(), 'home.zip')
  await writeBundle(store, run, { to, withoutHarmfulTexts, now })
  return to
}

function emptyStore(): Store {
  const store = openStore(join(folderOf(), 's.sqlite'))
  onTestFinished(() => store.close())
  return store
}

/** Every row of a run, without what is a machine's own: numbers of rows and folders. */
function rowsOf(store: Store, runId: string): Record<string, unknown[]> {
  const own = new Set(['id', 'study_id', 'model_id', 'run_id', 'arm_id', 'prompt_id', 'trajectory_id', 'work_folder', 'checkpoint_folder', 'resumable', 'owner_pid'])
  const snapshot = new Snapshot(store.file, runId)
  try {
    return Object.fromEntries(
      bundledTables.map((table) => {
        const columns = snapshot.columns(table)
        const rows = [...snapshot.rows(table, false)].map((row) => Object.fromEntries(columns.flatMap((name, i) => (own.has(name) ? [] : [[name, row[i]]]))))
        const bytes = snapshot.blobs(table).length > 0 ? Buffer.concat([...snapshot.bytes(table, false)]).toString('base64') : ''
        return [table, [...rows, bytes]]
      }),
    )
  } finally {
    snapshot.close()
  }
}

test('every table either goes into a bundle or stays at home, and is named', () => {
  const { db } = emptyStore()
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").pluck().all()
  const named: string[] = [...bundledTables, ...keptAtHome]
  expect(tables.filter((name) => !named.some((known) => name === known || String(name).startsWith('trajectory_search_')))).toEqual([])
  for (const table of bundledTables) expect(columnsOf(db, table).length, table).toBeGreaterThan(0)
})

test('a run comes in whole also where others are deleted meanwhile', async () => {
  const from = recorded()
  const to = emptyStore()
  let deleted = 0
  const deleteAnother = () => {
    if (findRun(to, 'small-1') === undefined) return
    const id = `other-${deleted++}`
    insertRun(to, { id, configHash: id, workFolder: '/work', startedAt: now, ownerPid: 1, programVersion: '1' }, plan)
    // Without trajectories it is done at once.
    void deleteRun(to, id)
  }
  const { runId } = await readBundle(to, await bundled(from), { onProgress: deleteAnother })
  expect(rowsOf(to, runId)).toEqual(rowsOf(from.store, 'small-1'))
  expect(deleted).toBeGreaterThan(5)
  await deleteRun(to, runId)
  for (const table of ['runs', 'studies', 'models', 'prompts']) expect(to.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), table).toBe(0)
})

test('a run comes into another store row by row as it was, with what its arms trained', async () => {
  const from = recorded()
  const to = emptyStore()
  const { runId, found: atHome } = await readBundle(to, await bundled(from))
  expect(runId).toBe('small-1')
  expect(rowsOf(to, runId)).toEqual(rowsOf(from.store, 'small-1'))
  expect(findRun(to, runId)).toMatchObject({ state: 'done', resumable: false })
  const workFolder = findRun(to, runId)?.workFolder ?? ''
  expect(readFileSync(join(workFolder, 'rl-0', 'model', 'adapter_model.safetensors'), 'utf8')).toBe('weights')
  expect(atHome.model).toBe('harbor')
  while (indexSome(to));
  const found = (store: Store) => listTrajectories(store, { runId: 'small-1', search: 'plan' }, { limit: 100 }).map(({ rowId }) => readTrajectory(store, rowId)?.text)
  expect(found(to)).toEqual(found(from.store))
  expect(found(to)).not.toEqual([])
})

test('what goes home again from there is the same', async () => {
  const from = recorded()
  const between = emptyStore()
  const { runId } = await readBundle(between, await bundled(from))
  const run = findRun(between, runId)!
  const home = emptyStore()
  await readBundle(home, await bundled({ store: between, run }))
  expect(rowsOf(home, 'small-1')).toEqual(rowsOf(from.store, 'small-1'))
})

test('nothing is overwritten: a second one of the same name gets a name of its own', async () => {
  const from = recorded()
  const file = await bundled(from)
  const before = rowsOf(from.store, 'small-1')
  expect((await readBundle(from.store, file)).runId).toBe('small-1-imported')
  expect((await readBundle(from.store, file)).runId).toBe('small-1-imported-2')
  expect(rowsOf(from.store, 'small-1')).toEqual(before)
  expect(rowsOf(from.store, 'small-1-imported').trajectories).toEqual(before.trajectories)
  // What was computed from the trajectories of the one holds for those of the other, whose rows have other numbers.
  const armIds = (run: string) => z.array(z.int()).parse(from.store.db.prepare('SELECT id FROM arms WHERE run_id = ? ORDER BY position').pluck().all(run))
  expect(trajectoryState(from.store, armIds('small-1-imported'))).toBe(trajectoryState(from.store, armIds('small-1')))
  await expect(writeBundle(from.store, from.run, { to: file, withoutHarmfulTexts: false, now })).rejects.toThrow('is there already')
})

test('an analysis of a run that has got another name asks for that run', async () => {
  const from = recorded()
  const request = { kind: 'length', runId: 'small-1', arms: null, seed: null, phase: 'evaluation', role: null, category: null } as const
  const result = { figures: [], tables: [], notes: [], counts: { asked: 1, used: 1, leftOut: [] } }
  keepAnalysis(from.store, { request, result, runId: 'small-1', state: 'as it was', computedAt: now, seconds: 1 })
  const { runId } = await readBundle(from.store, await bundled(from))
  expect(listAnalyses(from.store, runId).map((kept) => kept.request)).toEqual([{ ...request, runId }])
  expect(listAnalyses(from.store, 'small-1').map((kept) => kept.request)).toEqual([request])
})

test('harmful texts stay at home on request: no prompt, trajectory, token, reason or note of them is in the file', async () => {
  const from = recorded()
  const harmful = from.store.db.prepare("SELECT text FROM prompts WHERE role = 'harmful'").pluck().all()
  expect(harmful.length).toBeGreaterThan(0)
  const to = emptyStore()
  const { runId } = await readBundle(to, await bundled(from, true))
  const texts = (sql: string) => to.db.prepare(sql).pluck().all()
  expect(texts("SELECT text || COALESCE(answer, '') FROM prompts WHERE role = 'harmful'").join('')).toBe('')
  expect(texts('SELECT t.text || thought || response FROM trajectories t JOIN prompts p ON p.id = prompt_id WHERE role = \'harmful\'').join('')).toBe('')
  expect(texts('SELECT sum(length(tokens)) FROM trajectory_tokens k JOIN trajectories t ON t.id = k.trajectory_id JOIN prompts p ON p.id = t.prompt_id WHERE role = \'harmful\'')).toEqual([0])
  expect(texts('SELECT note FROM annotations').join('')).toBe('')
  // Figures and verdicts are there.
  expect(rowsOf(to, runId).runs).toEqual(rowsOf(from.store, 'small-1').runs)
  expect(texts('SELECT count(*) FROM verdicts')).toEqual(from.store.db.prepare('SELECT count(*) FROM verdicts').pluck().all())
})

test('a prompt without its text never stands in for the prompt itself', async () => {
  const from = recorded()
  const file = await bundled(from, true)
  const bare = emptyStore()
  await readBundle(bare, file)
  const { run } = recorded()
  expect(run.id).toBe('small-1')
  await readBundle(bare, await bundled(recorded()))
  expect(rowsOf(bare, 'small-1-imported').prompts).toEqual(rowsOf(from.store, 'small-1').prompts)
  // Where the prompt is known already, the bundle's trajectories belong to it.
  const { runId } = await readBundle(from.store, file)
  expect(rowsOf(from.store, runId).prompts).toEqual(rowsOf(from.store, 'small-1').prompts)
})

test('model and data are found by their hashes where they lie here', async () => {
  const from = recorded()
  from.store.db.prepare("UPDATE models SET folder = '/elsewhere/model', name = 'mine'").run()
  const to = emptyStore()
  const here = folderOf()
  to.db.prepare("INSERT INTO models (name, folder, hash, architecture, parameters, context_tokens) VALUES ('x', ?, 'ab', 'a', 1, 1)").run(here)
  const { found, runId } = await readBundle(to, await bundled(from))
  expect(found.model).toBe(here)
  expect(findRun(to, runId)?.config.model).toBe(here)
  const elsewhere = emptyStore()
  expect((await readBundle(elsewhere, await bundled(from))).found.model).toBeNull()
})

test('one that is stopped leaves no file, and no run', async () => {
  const from = recorded()
  const to = join(folderOf(), 'home.zip')
  const stop = new AbortController()
  stop.abort()
  await expect(writeBundle(from.store, from.run, { to, withoutHarmfulTexts: false, now, signal: stop.signal })).rejects.toMatchObject({ code: 'cancelled' })
  expect([existsSync(to), existsSync(`${to}.partial`)]).toEqual([false, false])
  const store = emptyStore()
  await expect(readBundle(store, await bundled(from), { signal: stop.signal })).rejects.toMatchObject({ code: 'cancelled' })
  expect(findRun(store, 'small-1')).toBeUndefined()
})

test('one that cannot be written says so', async () => {
  const file = join(folderOf(), 'file')
  writeFileSync(file, '')
  const { store, run } = record()
  const to = join(file, 'home.zip')
  await expect(writeBundle(store, run, { to, withoutHarmfulTexts: false, now })).rejects.toMatchObject({ code: 'disk', place: to })
})

test('one that is stopped among its rows leaves no file, and nothing that holds the store', async () => {
  const text = Array.from({ length: 400 }, (_, i) => `word-${i}`).join(' ')
  const items = Array.from({ length: 400 }, (_, i) =>
    trajectory(`evaluation/0/harmful-1/${i}`, { text, split: { state: 'complete', thought: text, response: text } }),
  )
  const { store, run } = record({ items })
  const folder = folderOf()
  const stop = new AbortController()
  const wish = { to: join(folder, 'home.zip'), withoutHarmfulTexts: false, now, signal: stop.signal }
  const isIn = (bytes: number) => bytes > 500_000 && stop.abort()
  await expect(writeBundle(store, run, { ...wish, onProgress: isIn })).rejects.toMatchObject({ code: 'cancelled' })
  expect(readdirSync(folder)).toEqual([])
  // A reader would keep what is truncated here.
  store.db.prepare("UPDATE runs SET reason = 'changed'").run()
  expect(store.db.pragma('wal_checkpoint(TRUNCATE)')).toMatchObject([{ busy: 0 }])
})

test('the connection is left as it was, when a run came in and when it was given up among its rows', async () => {
  const home = await bundled(recorded())
  const store = emptyStore()
  const cache = () => store.db.pragma('cache_size', { simple: true })
  const before = cache()
  const stop = new AbortController()
  const onProgress = (done: number, total: number) => done > total / 2 && stop.abort()
  await expect(readBundle(store, home, { signal: stop.signal, onProgress })).rejects.toMatchObject({ code: 'cancelled' })
  expect([cache(), findRun(store, 'small-1')]).toEqual([before, undefined])
  await readBundle(store, home)
  expect([cache(), findRun(store, 'small-1')?.state]).toEqual([before, 'done'])
})
