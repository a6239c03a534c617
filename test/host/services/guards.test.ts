/** The training of a guard as the window sees it: it begins, tells how far it is, ends or is stopped. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { nodeEngine } from '../../../src/host/engineChild.ts'
import type { Pushed } from '../../../src/shared/rpc/pushed.ts'
import { findArmId, insertRun } from '../../../src/store/runs.ts'
import { insertTrajectories } from '../../../src/store/trajectories.ts'
import { plan, trajectory } from '../../sampleStudy.ts'
import { openDesk } from './openDesk.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const engine = nodeEngine(fileURLToPath(new URL('../guardEngine.ts', import.meta.url)))

function openWithRun() {
  const desk = openDesk(engine)
  const folder = temporaryFolder()
  const run = { id: 'small-1', configHash: 'h', workFolder: folder, startedAt: '2026-01-01T00:00:00Z', ownerPid: 1, programVersion: '1' }
  desk.store.transaction(() => {
    insertRun(desk.store, run, plan)
    insertTrajectories(desk.store, findArmId(desk.store, 'small-1', 'rl', 0), [trajectory('a'), trajectory('b', {}, [0, 0])])
  })
  const target = join(folder, 'guard')
  const wish = { runs: ['small-1'], source: { judge: 'harbor' }, components: ['thought' as const], model: 'harbor', target }
  return { ...desk, wish }
}
const inState = (state: string) => (pushed: Pushed) => pushed.type === 'guardTraining' && pushed.training.state === state

test('a training tells how far it is, and its figures stay until the next', async () => {
  const { client, until, wish } = openWithRun()
  expect(await client.guardTraining({})).toEqual({ state: 'none' })
  await client.trainGuard({ ...wish, settings: { epochs: 1 } })
  expect(await until((pushed) => pushed.type === 'guardTraining' && pushed.training.state === 'running' && pushed.training.done === 2)).toMatchObject({
    training: { phase: 'training', total: 2, unit: 'steps', etaSeconds: 10 },
  })
  await until(inState('done'))
  expect(await client.guardTraining({})).toMatchObject({ state: 'done', report: { folder: wish.target, source: 'harbor' } })
})

test('a training is stopped by its person, and a second one is refused meanwhile', async () => {
  const { client, until, wish } = openWithRun()
  await client.trainGuard(wish)
  await until(inState('running'))
  await expect(client.trainGuard({ ...wish, target: `${wish.target}2` })).rejects.toThrow(/another guard is being trained/)
  await client.cancelGuardTraining({})
  await until(inState('failed'))
  expect(await client.guardTraining({})).toMatchObject({ state: 'failed', error: { code: 'cancelled' } })
  await client.trainGuard(wish)
  await until(inState('running'))
})

test('what cannot be trained on is refused at once, and nothing is left running', async () => {
  const { client, wish } = openWithRun()
  await expect(client.trainGuard({ ...wish, source: 'labels' })).rejects.toThrow(/nobody has labelled/)
  await expect(client.trainGuard({ ...wish, source: { judge: 'nobody' } })).rejects.toThrow(/Judges there: harbor, lexicon/)
  await expect(client.trainGuard({ ...wish, target: 'guard' })).rejects.toThrow(/whole path/)
  expect(await client.guardTraining({})).toEqual({ state: 'none' })
})
