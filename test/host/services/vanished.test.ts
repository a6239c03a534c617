/** What vanishes, fills up or is too large beneath a window that is open: it is said in words, and the services live on. */
import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeEngine } from '../../../src/host/engineChild.ts'
import { StudyConfig } from '../../../src/shared/study.ts'
import { writeTinyHarbor } from '../../engine/study/tinyHarbor.ts'
import { study } from '../../sampleStudy.ts'
import { ended, openDesk } from './openDesk.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const refused = (name: string) => (pushed: { type: string; queue?: { study: string; state: string }[] }) =>
  pushed.queue?.some((entry) => entry.study === name && entry.state === 'refused') ?? false

test('a model folder that vanished: nothing starts, resumes or is shown as tokens without it, and all of it does again', async () => {
  const folder = temporaryFolder()
  const model = join(folder, 'model')
  writeTinyHarbor(model)
  const { client, until, pushed } = openDesk(nodeEngine())
  const sampling = { maxNewTokens: 8 }
  const config = StudyConfig.parse({
    name: 'homeless',
    model,
    threads: 1,
    checkpointEverySteps: 1,
    data: { benign: { harbor: 'benign', count: 8 } },
    arms: [
      { name: 'rl', method: 'rl', steps: 5000, promptsPerStep: { benign: 2 }, samplesPerPrompt: 2, reward: { format: 1 }, sampling },
    ],
    evaluation: { sources: ['benign'], sampling },
  })
  await client.startStudy({ study: config })
  await until((each) => each.type === 'samples')
  await client.pauseRun({ runId: 'homeless-1' })
  await until(ended('homeless-1'))
  const [{ id }] = (await client.listTrajectories({ filter: {}, page: { at: 'first' } })).rows
  renameSync(model, join(folder, 'away'))

  await client.resumeRun({ runId: 'homeless-1' })
  await until(refused('homeless'))
  const [entry] = await client.listQueue({})
  expect(entry.problem).toMatchObject({ code: 'bad-model', place: expect.stringContaining(model), remedy: expect.stringMatching(/\w/) })
  await client.leaveQueue({ id: entry.id })
  expect(await client.runDetail({ runId: 'homeless-1' })).toMatchObject({ state: 'interrupted', resumable: true })
  expect(await client.trajectoryDetail({ id })).toMatchObject({ tokenCount: expect.any(Number) })
  expect((await client.trajectoryTokens({ id, reveal: true })).missing).toMatch(/\. \w/)
  await expect(client.tryIt({ speakers: [{ kind: 'model', model }], prompt: 'how do i bake' })).rejects.toThrow(model)

  renameSync(join(folder, 'away'), model)
  pushed.length = 0
  await client.resumeRun({ runId: 'homeless-1' })
  await until((each) => each.type === 'samples')
  expect((await client.trajectoryTokens({ id, reveal: true })).tokens?.texts.length).toBeGreaterThan(0)
  await client.stopRun({ runId: 'homeless-1' })
  await until(ended('homeless-1'))
  rmSync(folder, { recursive: true })
})

test('a disk that fills up in mid-run interrupts the run and nothing else', async () => {
  const { client, until, store, pushed } = openDesk()
  await client.startStudy({ study: { ...study, description: 'flood' } })
  await until((each) => each.type === 'runChanged' && each.state === 'running')
  store.db.pragma(`max_page_count = ${Number(store.db.pragma('page_count', { simple: true })) + 20}`)
  expect(await until(ended('small-1'))).toMatchObject({ state: 'interrupted', reason: expect.stringMatching(/the disk is full/) })
  expect((await client.homeSummary({})).recent).toMatchObject([{ id: 'small-1', state: 'interrupted', resumable: true }])
  const text = 'x'.repeat(1e6)
  await expect(client.saveDraft({ id: null, name: 'long', text })).rejects.toThrow('the disk is full. Make room')
  store.db.pragma('max_page_count = 4294967294')
  pushed.length = 0
  await client.resumeRun({ runId: 'small-1' })
  expect(await until(ended('small-1'))).toMatchObject({ state: 'done' })
  expect((await client.saveDraft({ id: null, name: 'long', text })).text).toBe(text)
})

test('a study whose records cannot fit is refused before it starts, with the sizes', async () => {
  const { client, until } = openDesk()
  const huge = StudyConfig.parse({
    name: 'huge',
    seeds: Array.from({ length: 64 }, (_, seed) => seed),
    arms: [{ name: 'rl', method: 'rl', steps: 100_000, sampling: { maxNewTokens: 30_000 } }],
  })
  await client.startStudy({ study: huge })
  await until(refused('huge'))
  const [{ problem }] = await client.listQueue({})
  expect(problem).toMatchObject({ code: 'disk', problem: expect.stringMatching(/may take [\d.]+ GB .* are free there$/) })
  expect((await client.listRuns({})).runs).toEqual([])
})
