/** Where the records of a window lie, and how they come to another folder: nothing is lost, and nothing is empty unasked. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { openRecords } from '../../src/host/records.ts'
import { createServices } from '../../src/host/services/services.ts'
import { createClient } from '../../src/shared/rpcClient.ts'
import { listRuns, insertRun, findArmId, findRun, setCheckpoint } from '../../src/store/runs.ts'
import { insertTrajectories } from '../../src/store/trajectories.ts'
import { plan, trajectory } from '../sampleStudy.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

let standing: string
let usual: string
beforeEach(() => {
  standing = temporaryFolder()
  usual = join(standing, '.reflectory')
})

/** A run with a checkpoint and a trajectory, recorded by process `ownerPid`. */
function writeRecords(ownerPid = 2 ** 22 + 12345): void {
  const { store, close } = openRecords(undefined, standing)
  const workFolder = join(usual, 'runs', 'small-1')
  mkdirSync(workFolder, { recursive: true })
  writeFileSync(join(workFolder, 'weights'), 'trained')
  store.transaction(() => {
    insertRun(store, { id: 'small-1', configHash: 'h', workFolder, startedAt: new Date().toISOString(), ownerPid, programVersion: '1' }, plan)
    const arm = findArmId(store, 'small-1', 'rl', 0)
    setCheckpoint(store, arm, 1, join(workFolder, 'checkpoints'))
    insertTrajectories(store, arm, [trajectory('a')])
  })
  close()
}

/** As a person does it in Settings. */
async function choose(folder: string) {
  const records = openRecords(undefined, standing)
  const desk = createServices({ ...records, face: 'browser' })
  const client = createClient({ call: (method, input) => desk.call(method, input), listen: () => () => undefined })
  try {
    return { ...(await client.chooseDataFolder({ folder })), ...(await client.getSettings({})) }
  } finally {
    await desk.close()
    records.close()
  }
}

function atNextStart() {
  const records = openRecords(undefined, standing)
  const { store, remark, close } = records
  const seen = { file: store.file, remark, runs: listRuns(store, { limit: 9 }).map(({ id }) => id), run: findRun(store, 'small-1') }
  const checkpoint = store.db.prepare("SELECT checkpoint_folder FROM arms WHERE name = 'rl'").pluck().get()
  close()
  return { ...seen, checkpoint }
}

test('into an empty folder the records are copied, checkpoints and all; the old ones stay as they were', async () => {
  writeRecords()
  const chosen = join(standing, 'big disk', 'records')
  expect(await choose(chosen)).toMatchObject({ hasRecords: false, dataFolder: usual, nextDataFolder: chosen })
  for (const _ of ['first', 'second'])
    expect(atNextStart()).toMatchObject({
      file: join(chosen, 'reflectory.sqlite'),
      remark: null,
      runs: ['small-1'],
      run: { workFolder: join(chosen, 'runs', 'small-1') },
      checkpoint: join(chosen, 'runs', 'small-1', 'checkpoints'),
    })
  expect(readFileSync(join(chosen, 'runs/small-1/weights'), 'utf8')).toBe('trained')
  expect(readFileSync(join(usual, 'runs/small-1/weights'), 'utf8')).toBe('trained')
  rmSync(join(usual, 'data-folder.json'))
  expect(atNextStart()).toMatchObject({ file: join(usual, 'reflectory.sqlite'), runs: ['small-1'], run: { workFolder: join(usual, 'runs', 'small-1') } })
})

test('a folder that has records is opened with these, and those of before stay where they are', async () => {
  writeRecords()
  const chosen = join(standing, 'other')
  openRecords(chosen, standing).close()
  expect(await choose(chosen)).toMatchObject({ hasRecords: true, nextDataFolder: chosen })
  expect(atNextStart()).toMatchObject({ file: join(chosen, 'reflectory.sqlite'), runs: [] })
  expect(await choose(usual)).toMatchObject({ hasRecords: true })
  expect(atNextStart().runs).toEqual(['small-1'])
})

test('where they cannot be copied they are used where they are, with the reason, and the next start tries again', async () => {
  writeRecords(process.ppid)
  const chosen = join(standing, 'chosen')
  await choose(chosen)
  const held = atNextStart()
  expect(held).toMatchObject({ file: join(usual, 'reflectory.sqlite'), runs: ['small-1'] })
  expect(held.remark).toMatch(/could not be copied to .*chosen: run small-1 is being recorded\. They stay in .*\.reflectory/)
  expect(existsSync(join(chosen, 'runs.copying'))).toBe(false)
  const { store, close } = openRecords(undefined, standing)
  store.db.exec("UPDATE runs SET state = 'done'")
  close()
  expect(atNextStart()).toMatchObject({ remark: null, file: join(chosen, 'reflectory.sqlite'), runs: ['small-1'] })
})

test('a copy that broke off is no copy', async () => {
  writeRecords()
  const chosen = join(standing, 'chosen')
  await choose(chosen)
  mkdirSync(join(chosen, 'runs.copying/small-1'), { recursive: true })
  writeFileSync(join(chosen, 'reflectory.sqlite.copying'), 'half a')
  expect(atNextStart()).toMatchObject({ remark: null, file: join(chosen, 'reflectory.sqlite'), runs: ['small-1'] })
  expect(readFileSync(join(chosen, 'runs/small-1/weights'), 'utf8')).toBe('trained')
})

test('a disk that is not connected is said, and no empty store takes the place of the records', async () => {
  writeRecords()
  const chosen = join(standing, 'disk')
  await choose(chosen)
  atNextStart()
  rmSync(chosen, { recursive: true })
  expect(() => openRecords(undefined, standing)).toThrow(/not in the folder that was chosen.*Connect the disk.*or delete .*data-folder\.json/)
  expect(existsSync(chosen)).toBe(false)
})

test('refuses what cannot hold records', async () => {
  writeRecords()
  await expect(choose('records')).rejects.toThrow('is not a whole path')
  await expect(choose(join(usual, 'runs'))).rejects.toThrow('lies within the present data folder')
  await expect(choose(join(usual, 'data', 'sub'))).rejects.toThrow('lies within the present data folder')
  writeFileSync(join(standing, 'file'), '')
  await expect(choose(join(standing, 'file', 'sub'))).rejects.toThrow('cannot be opened')
  mkdirSync(join(standing, 'theirs/runs'), { recursive: true })
  await expect(choose(join(standing, 'theirs'))).rejects.toThrow("holds a folder 'runs'")
  expect(atNextStart().file).toBe(join(usual, 'reflectory.sqlite'))
})

test('are open in one program at a time', () => {
  const first = openRecords('here', standing)
  expect(() => openRecords('here', standing)).toThrow(/here.reflectory\.sqlite: is open in another Reflectory\. Go on in its window/)
  first.close()
  openRecords('here', standing).close()
})
