/** Runs that leave as one file and come in as one, as the window sees it. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createServices } from '../../../src/host/services/services.ts'
import type { Client } from '../../../src/shared/rpc.ts'
import { createClient } from '../../../src/shared/rpcClient.ts'
import type { BundleState } from '../../../src/shared/rpc/bundles.ts'
import type { Pushed } from '../../../src/shared/rpc/pushed.ts'
import { trajectory } from '../../sampleStudy.ts'
import { record } from '../report/recordedRuns.ts'
import { fakeEngine, openDesk } from './openDesk.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const inState = (state: BundleState['state']) => (pushed: Pushed) => pushed.type === 'bundle' && pushed.bundle.state === state

function folderOf(): string {
  const folder = temporaryFolder()
  return folder
}

/** The services of a machine where run small-1 was made. */
function there(trajectories = 1) {
  const { store } = record({ items: Array.from({ length: trajectories }, (_, i) => trajectory(`evaluation/0/harmful-1/${i}`)) })
  const desk = createServices({ store, face: 'browser', launch: fakeEngine })
  onTestFinished(() => desk.close())
  const pushed: Pushed[] = []
  desk.listen((each) => pushed.push(each))
  const client = createClient({ call: (method, input) => desk.call(method, input), listen: (listener) => desk.listen(listener) })
  return { client, desk, pushed }
}

async function end(client: Client): Promise<BundleState> {
  for (;;) {
    const state = await client.bundleState({})
    if (state.state !== 'running') return state
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test('a run goes home as a file named after it, and comes in elsewhere under its own name', async () => {
  const folder = folderOf()
  const { client } = there()
  expect(await client.bundleState({})).toEqual({ state: 'none' })
  await client.takeHome({ runId: 'small-1', to: folder, withoutHarmfulTexts: false })
  const file = join(folder, 'small-1.zip')
  expect(await end(client)).toEqual({
    state: 'takenHome',
    work: { kind: 'takeHome', runId: 'small-1' },
    file,
    bytes: readFileSync(file).length,
    withoutHarmfulTexts: false,
  })

  const here = openDesk()
  await here.client.importRun({ file })
  await here.until(inState('imported'))
  expect(here.pushed.some((pushed) => pushed.type === 'runChanged' && pushed.runId === 'small-1' && pushed.state === 'done')).toBe(true)
  const first = await here.client.bundleState({})
  expect(first).toMatchObject({ state: 'imported', runId: 'small-1', calledThere: 'small-1', withoutHarmfulTexts: false })
  expect((await here.client.listRuns({})).runs).toMatchObject([{ id: 'small-1', state: 'done', resumable: false }])

  await here.client.importRun({ file })
  expect(await end(here.client)).toMatchObject({ state: 'imported', runId: 'small-1-imported', calledThere: 'small-1' })
})

test('texts of a run that came in are found from the first search on', async () => {
  const file = join(folderOf(), 'small.zip')
  const { client } = there(450)
  await client.takeHome({ runId: 'small-1', to: file, withoutHarmfulTexts: false })
  await end(client)
  const here = openDesk()
  await here.client.importRun({ file })
  await end(here.client)
  const filter = { runId: 'small-1', search: 'plan' }
  const { count } = await here.client.countTrajectories({ filter })
  expect(count).toBeGreaterThanOrEqual(450)
  expect({ count, capped: false }).toEqual(await client.countTrajectories({ filter }))
  expect((await here.client.listTrajectories({ filter, page: { at: 'first' }, limit: 20, reveal: false })).rows).toHaveLength(20)
})

test('what its person wants at home stays there, and the answer says so', async () => {
  const file = join(folderOf(), 'mild.zip')
  const { client } = there()
  await client.takeHome({ runId: 'small-1', to: file, withoutHarmfulTexts: true })
  expect(await end(client)).toMatchObject({ state: 'takenHome', file, withoutHarmfulTexts: true })
  const here = openDesk()
  await here.client.importRun({ file })
  expect(await end(here.client)).toMatchObject({ state: 'imported', withoutHarmfulTexts: true })
  const texts = here.store.db.prepare("SELECT text FROM prompts WHERE role = 'harmful'").pluck().all()
  expect(texts.length).toBeGreaterThan(0)
  expect(texts.every((text) => text === '')).toBe(true)
})

test('one at a time; what is stopped leaves nothing, and the next may begin', async () => {
  const folder = folderOf()
  const { client, pushed } = there(500)
  await client.takeHome({ runId: 'small-1', to: folder, withoutHarmfulTexts: false })
  expect(await client.bundleState({})).toMatchObject({ state: 'running', work: { kind: 'takeHome', runId: 'small-1' } })
  await expect(client.importRun({ file: join(folder, 'any.zip') })).rejects.toThrow(/another run is being written or taken in/)
  await client.cancelBundle({})
  expect(pushed.at(-1)).toMatchObject({ type: 'bundle', bundle: { state: 'running', isStopping: true } })
  expect(await end(client)).toMatchObject({ state: 'failed', error: { code: 'cancelled' } })
  expect(readdirSync(folder)).toEqual([])
  await client.takeHome({ runId: 'small-1', to: folder, withoutHarmfulTexts: false })
  expect(await end(client)).toMatchObject({ state: 'takenHome' })
})

test('the end of the program gives up what is going on and waits until nothing is left of it', async () => {
  const folder = folderOf()
  const { client, desk } = there(500)
  await client.takeHome({ runId: 'small-1', to: folder, withoutHarmfulTexts: false })
  await desk.close()
  expect(readdirSync(folder)).toEqual([])
})

test('what cannot be is refused with its reason, and the store stays as it was', async () => {
  const folder = folderOf()
  const { client } = there()
  await expect(client.takeHome({ runId: 'none', to: folder, withoutHarmfulTexts: false })).rejects.toThrow(/there is no such run/)
  await expect(client.takeHome({ runId: 'small-1', to: 'home.zip', withoutHarmfulTexts: false })).rejects.toThrow(/whole path/)
  const file = join(folder, 'taken.zip')
  writeFileSync(file, 'no bundle')
  await client.takeHome({ runId: 'small-1', to: file, withoutHarmfulTexts: false })
  expect(await end(client)).toMatchObject({ state: 'failed', error: { place: file, problem: 'is there already', remedy: 'Name a new file.' } })
  expect(readFileSync(file, 'utf8')).toBe('no bundle')

  const here = openDesk()
  await here.client.importRun({ file })
  expect(await end(here.client)).toMatchObject({ state: 'failed', work: { kind: 'import', file }, error: { code: 'bad-data', place: file } })
  await here.client.importRun({ file: join(folder, 'not there.zip') })
  expect(await end(here.client)).toMatchObject({ state: 'failed' })
  expect((await here.client.listRuns({})).runs).toEqual([])
  expect(existsSync(join(here.store.file, '..', 'runs'))).toBe(false)
})
