/** The queue over the end of the program and its next start, on one store. */
import { expect, test } from 'vitest'
import type { QueueEntry } from '../../../src/shared/rpc/runs.ts'
import type { Pushed } from '../../../src/shared/rpc/pushed.ts'
import { study } from '../../sampleStudy.ts'
import { ended, fakeEngine, openDesk } from './openDesk.ts'

const acting = (description: string, name: string) => ({ study: { ...study, name, description } })
const stands = (queue: QueueEntry[]) => queue.map(({ study, state }) => `${study} ${state}`)
const isRunning = (pushed: Pushed) => pushed.type === 'queueChanged' && pushed.queue.some(({ state }) => state === 'running')
const isRefused = (pushed: Pushed) => pushed.type === 'queueChanged' && pushed.queue.some(({ state }) => state === 'refused')

test('what waits goes on waiting over a restart, in its order; what ran is interrupted and resumed by one click', async () => {
  const first = openDesk()
  await first.client.startStudy(acting('slow', 'first'))
  await first.client.startStudy(acting('slow', 'second'))
  await first.client.startStudy(acting('', 'third'))
  await first.until(isRunning)
  const queue = await first.client.listQueue({})
  await first.close()

  const second = openDesk(fakeEngine, first.store.file)
  const found = await second.client.listQueue({})
  expect(stands(found)).toEqual(['second checking', 'third waiting'])
  expect(found.map(({ id }) => id)).toEqual(queue.slice(1).map(({ id }) => id))
  expect(await second.client.runDetail({ runId: 'first-1' })).toMatchObject({ state: 'interrupted', resumable: true })
  await second.client.resumeRun({ runId: 'first-1' })
  await second.close()

  const third = openDesk(fakeEngine, first.store.file)
  expect(stands(await third.client.listQueue({}))).toEqual(['third checking', 'first waiting'])
  await third.until(ended('first-1'))
  const { runs } = await third.client.listRuns({})
  expect(runs.map(({ id, state }) => `${id} ${state}`)).toEqual(['third-1 done', 'second-1 interrupted', 'first-1 done'])
  expect(third.store.db.prepare('SELECT count(*) FROM queue').pluck().get()).toBe(0)
})

test('a study that was only being looked at is looked at again by the next start', async () => {
  const first = openDesk()
  const { id } = await first.client.startStudy(acting('ponder', 'thought'))
  await first.close()
  const second = openDesk(fakeEngine, first.store.file)
  expect(stands(await second.client.listQueue({}))).toEqual(['thought checking'])
  await second.client.leaveQueue({ id })
  await second.until((pushed) => pushed.type === 'queueChanged' && pushed.queue.length === 0)
  await second.close()
  expect(await openDesk(fakeEngine, first.store.file).client.listQueue({})).toEqual([])
})

test('what was refused is still said after a restart, until it is dismissed', async () => {
  const first = openDesk()
  const { id } = await first.client.startStudy(acting('bad-model', 'bad'))
  await first.until(isRefused)
  await first.close()
  const second = openDesk(fakeEngine, first.store.file)
  expect(await second.client.listQueue({})).toMatchObject([{ id, state: 'refused', problem: { remedy: 'Copy it again.' } }])
  await second.client.leaveQueue({ id })
  await second.close()
  expect(await openDesk(fakeEngine, first.store.file).client.listQueue({})).toEqual([])
})

test('a refused study is tried again where it stands, or taken back to be changed', async () => {
  const { client, until, pushed } = openDesk()
  const bad = acting('bad-model', 'bad')
  const { id } = await client.startStudy(bad)
  await until(isRefused)
  expect(await client.queuedStudy({ id })).toEqual(bad)
  pushed.length = 0
  await client.retryQueued({ id })
  expect(stands(await client.listQueue({}))).toEqual(['bad checking'])
  await until(isRefused)
  expect((await client.listQueue({})).map((entry) => entry.id)).toEqual([id])
  await client.leaveQueue({ id })
  await client.retryQueued({ id })
  await expect(client.queuedStudy({ id })).rejects.toThrow('not in the queue any more')
})

test('a study that another version put there is refused in words, and the ones behind it run', async () => {
  const before = openDesk()
  const { db } = before.store
  db.prepare('INSERT INTO queue (study) VALUES (?)').run(JSON.stringify({ name: 'of tomorrow', arms: 'dreams' }))
  db.prepare('INSERT INTO queue (study) VALUES (?)').run(JSON.stringify({ ...study, name: 'of today' }))
  await before.close()
  const { client, until } = openDesk(fakeEngine, before.store.file)
  await until(ended('of-today-1'))
  const [refused] = await client.listQueue({})
  expect(refused).toMatchObject({ study: 'of tomorrow', state: 'refused', problem: { code: 'bad-study', remedy: 'Set it up anew.' } })
})

test('a full disk refuses what is to wait, and what waits already stays', async () => {
  const { client, store } = openDesk()
  await client.startStudy(acting('ponder', 'first'))
  await client.startStudy(acting('', 'second'))
  store.db.pragma(`max_page_count = ${Number(store.db.pragma('page_count', { simple: true }))}`)
  const many = Array.from({ length: 20 }, (_, i) => client.startStudy(acting('x'.repeat(1900), `more ${i}`)))
  const refused = (await Promise.allSettled(many)).filter(({ status }) => status === 'rejected')
  expect(refused.at(-1)).toMatchObject({ reason: { error: { code: 'disk', problem: 'the disk is full' } } })
  expect((await client.listQueue({})).length).toBe(2 + 20 - refused.length)
})
