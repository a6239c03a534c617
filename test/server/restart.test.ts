/** The browser mode over real deaths: killed in the middle of a run, and started anew on the same records; with the real engine. */
import { writeFileSync, chmodSync, readFileSync, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { StudyConfig } from '../../src/shared/study.ts'
import { writeTinyHarbor } from '../engine/study/tinyHarbor.ts'
import { startServer } from './serverProcess.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

let folder: string
beforeAll(() => {
  folder = temporaryFolder()
  writeTinyHarbor(join(folder, 'model'))
})

function studyOf(name: string, steps: number): StudyConfig {
  const sampling = { maxNewTokens: 8 }
  return StudyConfig.parse({
    name,
    model: join(folder, 'model'),
    threads: 1,
    checkpointEverySteps: 2,
    data: { harmful: { harbor: 'harmful', count: 8 } },
    arms: [
      { name: 'rl', method: 'rl', steps, promptsPerStep: { harmful: 2 }, samplesPerPrompt: 2, reward: { format: 1 }, sampling },
    ],
    evaluation: { sources: ['harmful'], sampling },
  })
}

const eventually = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 40_000, interval: 100 })

test('killed in mid-run it finds the run interrupted and the queue in order; stopped by Ctrl-C it saves first', async () => {
  const data = join(folder, 'data')
  const first = await startServer(data)
  let client = await first.enter()
  await client.startStudy({ study: studyOf('long', 5000) })
  await client.startStudy({ study: studyOf('second', 1) })
  await client.startStudy({ study: studyOf('third', 1) })
  await eventually(async () => (await client.listQueue({}))[0].state).toBe('running')
  await eventually(async () => (await client.runDetail({ runId: 'long-1' })).arms[0].checkpointStep).not.toBeNull()
  first.kill('SIGKILL')
  await first.ended

  const second = await startServer(data)
  client = await second.enter()
  expect(await client.runDetail({ runId: 'long-1' })).toMatchObject({
    state: 'interrupted',
    resumable: true,
    reason: 'the program that recorded it was ended',
  })
  expect((await client.listQueue({})).map(({ study }) => study)).toEqual(['second', 'third'])
  await eventually(async () => (await client.listRuns({})).runs.map(({ id, state }) => `${id} ${state}`)).toEqual([
    'third-1 done',
    'second-1 done',
    'long-1 interrupted',
  ])
  await client.resumeRun({ runId: 'long-1' })
  await eventually(async () => (await client.runDetail({ runId: 'long-1' })).progress?.phase).toBe('training')
  second.kill('SIGINT')
  expect((await second.ended).status).toBe(0)

  const third = await startServer(data)
  client = await third.enter()
  expect(await client.runDetail({ runId: 'long-1' })).toMatchObject({ state: 'interrupted', resumable: true })
  expect(await client.listQueue({})).toEqual([])
})

test.skipIf(process.platform !== 'linux')('the machine is kept awake while a run is on, and no longer', async () => {
  const bin = temporaryFolder()
  const told = join(bin, 'told')
  writeFileSync(join(bin, 'systemd-inhibit'), `#!/bin/sh\necho "$@" >> ${told}\ncat\necho over >> ${told}\n`)
  chmodSync(join(bin, 'systemd-inhibit'), 0o755)
  const server = await startServer(join(folder, 'awake'), { PATH: `${bin}${delimiter}${process.env.PATH}` })
  const client = await server.enter()
  expect(existsSync(told)).toBe(false)
  await client.startStudy({ study: studyOf('awake', 5000) })
  const lines = async () => (existsSync(told) ? readFileSync(told, 'utf8').trim().split('\n') : [])
  await eventually(lines).toEqual([expect.stringMatching(/^--what=idle:sleep .*--mode=block cat$/)])
  await eventually(async () => (await client.listQueue({}))[0].state).toBe('running')
  await client.stopRun({ runId: 'awake-1' })
  await eventually(async () => (await lines())[1]).toBe('over')
})
