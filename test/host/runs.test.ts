/** A run, whole and broken, with a real child process as the engine. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EngineEvent } from '../../src/shared/events.ts'
import { nodeEngine } from '../../src/host/engineChild.ts'
import { startRun as startRunWith, markDeadRuns } from '../../src/host/runs.ts'
import type { RunOptions } from '../../src/host/runs.ts'
import { version } from '../../src/host/version.ts'
import type { Store } from '../../src/store/openStore.ts'
import { openStore } from '../../src/store/openStore.ts'
import { findArmId, findRun, insertRun, listArms, listNotices, listRuns, listSteps } from '../../src/store/runs.ts'
import { countTrajectories } from '../../src/store/trajectories.ts'
import { plan, result, study } from '../sampleStudy.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

const launch = nodeEngine(fileURLToPath(new URL('fakeEngine.ts', import.meta.url)))
let store: Store

beforeEach(() => {
  store = openStore(join(temporaryFolder(), 's.sqlite'))
})
afterEach(() => store.close())

const acting = (description: string) => ({ ...study, description })
const startRun = (acts: string, options: RunOptions = {}) =>
  startRunWith(store, acting(acts), { launch, ...options })

/** Cancels or kills once an event of this type has come. */
function upon(type: EngineEvent['type'], act: () => void): (event: EngineEvent) => void {
  return (event) => event.type === type && act()
}

describe('startRun', () => {
  test('records a study from plan to result', async () => {
    const types: string[] = []
    const run = startRun('', { onEvent: (event) => types.push(event.type) })
    expect(await run.end).toEqual({ state: 'done', runId: 'small-1', result })
    expect(types.slice(0, 2)).toEqual(['studyPlanned', 'armStarted'])
    expect(findRun(store, 'small-1')).toMatchObject({ state: 'done', result })
    expect(countTrajectories(store, 'small-1')).toBe(8)
    expect(listArms(store, 'small-1')[1]).toMatchObject({ name: 'rl', state: 'done', checkpointStep: 3 })
    await startRun('').end
    expect(
      listRuns(store, { limit: 9 })
        .map((row) => row.id)
        .sort(),
    ).toEqual(['small-1', 'small-2'])
  })

  test.each(['bad-model', 'die-early'])('leaves nothing behind when it fails before the plan (%s)', async (act) => {
    const run = startRun(act)
    await expect(run.end).rejects.toThrow(
      act === 'bad-model' ? 'model.safetensors: is cut off. Copy it again.' : /ended with status 7/,
    )
    expect(listRuns(store, { limit: 9 })).toEqual([])
    expect(existsSync(join(store.file, '..', 'runs', 'small-1'))).toBe(false)
  })

  test.each([
    ['die', /ended with status 9; its last words: onnxruntime: out of luck/],
    ['no-room', /step-2\/weights: the disk is full\. Make room/],
    ['killed', /ended by SIGKILL \(the system does this when memory runs out\)/],
  ])(
    'is interrupted with the reason when the engine dies or finds no room, and goes on to the same end (%s)',
    async (act, reason) => {
      const end = await startRun(act).end
      expect(end).toMatchObject({ state: 'interrupted', resumable: true, reason: expect.stringMatching(reason) })
      expect(findRun(store, 'small-1')).toMatchObject({ state: 'interrupted', reason: expect.stringMatching(reason) })
      expect(countTrajectories(store, 'small-1')).toBe(6)
      expect(listArms(store, 'small-1').map(({ state }) => state)).toEqual(['waiting', 'interrupted'])

      expect(await startRun(act, { resume: true }).end).toMatchObject({ state: 'done', runId: 'small-1' })
      expect(countTrajectories(store, 'small-1')).toBe(8)
      expect(listSteps(store, findArmId(store, 'small-1', 'rl', 0), { limit: 9 }).map((row) => row.step)).toEqual([
        0, 1, 2, 3,
      ])
      expect(findRun(store, 'small-1')).toMatchObject({ state: 'done', reason: null })
    },
  )

  test('finishes the step when cancelled and says where it stopped', async () => {
    const run = startRun('slow', { onEvent: upon('stepFinished', () => run.cancel()) })
    expect(await run.end).toEqual({
      state: 'interrupted',
      runId: 'small-1',
      reason: 'stopped after step 0',
      resumable: true,
    })
    expect(findRun(store, 'small-1')).toMatchObject({ state: 'interrupted', resumable: true })
    expect(await startRun('slow', { resume: true }).end).toMatchObject({ state: 'done' })
  })

  test('stops an engine that hangs', async () => {
    const run = startRun('hang', {
      onEvent: (event) => event.type === 'stepFinished' && event.step === 2 && run.kill(),
    })
    expect(await run.end).toMatchObject({ state: 'interrupted', reason: 'stopped at once', resumable: true })
  })

  test.each([
    ['defect', 'x is not a function'],
    ['nonsense', /is no message/],
  ])('is failed, not done, on a defect (%s)', async (act, message) => {
    await expect(startRun(act).end).rejects.toThrow(message)
    expect(findRun(store, 'small-1')).toMatchObject({ state: 'failed', resumable: false })
    expect(listArms(store, 'small-1')[1].state).toBe('failed')
  })

  test('is interrupted and resumable when the disk fills up', async () => {
    const run = startRun('flood', {
      onEvent: upon('studyPlanned', () =>
        store.db.pragma(`max_page_count = ${Number(store.db.pragma('page_count', { simple: true })) + 20}`),
      ),
    })
    expect(await run.end).toMatchObject({
      state: 'interrupted',
      resumable: true,
      reason: expect.stringMatching(/the disk is full/),
    })
    store.db.pragma('max_page_count = 4294967294')
    expect(findRun(store, 'small-1')).toMatchObject({ state: 'interrupted' })
    expect(await startRun('flood', { resume: true }).end).toMatchObject({ state: 'done' })
  })

  test('writes its end even where the disk has no room left but what was kept for it', async () => {
    const reserve = `${store.file}.reserve`
    // As SQLite says it of a disk that is really full.
    store.db.function('room', () => {
      if (existsSync(reserve)) throw new Database.SqliteError('database or disk is full', 'SQLITE_FULL')
      return 1
    })
    store.db.exec("CREATE TEMP TRIGGER full BEFORE UPDATE OF state ON runs WHEN NEW.state = 'interrupted' BEGIN SELECT room(); END")
    const end = await startRun('no-room', { onEvent: upon('studyPlanned', () => expect(statSync(reserve).size).toBeGreaterThan(1e5)) }).end
    expect(end).toMatchObject({ state: 'interrupted', resumable: true })
    expect(findRun(store, 'small-1')).toMatchObject({ state: 'interrupted', reason: expect.stringMatching(/the disk is full/) })
    expect(existsSync(reserve)).toBe(false)
  })

  test('goes on under another version of the program, and says so in one warning', async () => {
    const interrupted = async (version: string | null) => {
      const run = startRun('slow', { onEvent: upon('stepFinished', () => run.cancel()) })
      await run.end
      store.db.prepare('UPDATE runs SET program_version = ? WHERE id = ?').run(version, run.runId)
    }
    const warnings = async () => {
      const said: string[] = []
      await startRun('slow', { resume: true, onEvent: (event) => event.type === 'notice' && said.push(event.text) }).end
      return said
    }
    await interrupted('0.0.9')
    const [warning, ...more] = await warnings()
    expect(warning).toMatch(/^This run was recorded by Reflectory 0\.0\.9 and goes on with \d/)
    expect(more).toEqual([])
    expect(listNotices(store, 'small-1')).toMatchObject([{ level: 'warning', text: warning }])
    expect(findRun(store, 'small-1')?.programVersion).toBe(version)
    await interrupted(null)
    expect((await warnings())[0]).toMatch(/recorded by an older version of Reflectory/)
    await interrupted(version)
    expect(await warnings()).toEqual([])
  })

  test('goes on with a study that was written down before a field was added', async () => {
    const run = startRun('slow', { onEvent: upon('stepFinished', () => run.cancel()) })
    await run.end
    store.db.exec("UPDATE studies SET config_hash = 'of another version', config = json_remove(config, '$.badRows')")
    expect(await startRun('slow', { resume: 'small-1' }).end).toMatchObject({ state: 'done', runId: 'small-1' })
  })

  test('has nothing to resume where nothing was interrupted, and says why', async () => {
    expect(() => startRun('', { resume: true })).toThrow(
      /--resume: no run of exactly this study 'small' was interrupted here/,
    )
    await startRun('').end
    expect(() => startRun('', { resume: true })).toThrow(/the last run of study 'small' is done/)
  })
})

describe('markDeadRuns', () => {
  const add = (id: string, ownerPid: number, startedAt: string) =>
    insertRun(store, { id, configHash: id, workFolder: '/', startedAt, ownerPid, programVersion: '1' }, plan)

  test('interrupts runs whose owner is gone or silent, and no others', () => {
    const now = new Date().toISOString()
    add('gone', 2 ** 22 + 12345, now)
    add('silent', process.pid, '2026-01-01T00:00:00.000Z')
    add('alive', process.pid, now)
    markDeadRuns(store)
    expect(['gone', 'silent', 'alive'].map((id) => findRun(store, id)?.state)).toEqual([
      'interrupted',
      'interrupted',
      'running',
    ])
    // After a restart in a container, an earlier program had the very same process id.
    markDeadRuns(store, () => false)
    expect(findRun(store, 'alive')?.state).toBe('interrupted')
  })
})
