/** The real engine, killed in the middle of training and of evaluation: nothing is lost, and the end is the same. */
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { nodeEngine, type EngineChild } from '../../src/host/engineChild.ts'
import { startRun, type RunEnd } from '../../src/host/runs.ts'
import type { EngineEvent } from '../../src/shared/events.ts'
import { StudyConfig } from '../../src/shared/study.ts'
import { openStore, type Store } from '../../src/store/openStore.ts'
import { findArmId, findRun, listArms, listSteps } from '../../src/store/runs.ts'
import { countTrajectories } from '../../src/store/trajectories.ts'
import { writeTinyHarbor } from '../engine/study/tinyHarbor.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

let folder: string
let study: StudyConfig

beforeAll(() => {
  folder = temporaryFolder()
  const model = join(folder, 'model')
  writeTinyHarbor(model)
  const sampling = { maxNewTokens: 8 }
  study = StudyConfig.parse({
    name: 'killed',
    model,
    threads: 1,
    checkpointEverySteps: 2,
    data: {
      harmful: { harbor: 'harmful', count: 8 },
      // Two parts of an evaluation.
      'harmful-held-out': { harbor: 'harmful', split: 'held-out', count: 600 },
    },
    arms: [
      {
        name: 'rl',
        method: 'rl',
        steps: 4,
        promptsPerStep: { harmful: 2 },
        samplesPerPrompt: 4,
        learningRate: 0.01,
        reward: { format: 1, overlong: { bufferTokens: 6 } },
        sampling,
      },
    ],
    evaluation: { sources: ['harmful-held-out'], sampling },
  })
})

/** Kills the engine as the system does, once an event says so. */
function run(store: Store, resume: boolean, isTime: (event: EngineEvent) => boolean = () => false): Promise<RunEnd> {
  let engine: EngineChild
  const launch = () => (engine = nodeEngine()())
  return startRun(store, study, { resume, launch, onEvent: (event) => isTime(event) && engine.kill() }).end
}

function recorded(store: Store) {
  const arm = findArmId(store, 'killed-1', 'rl', 0)
  const rows = store.db
    .prepare(
      `SELECT key, text, reward, advantage, hex(tokens) AS tokens, hex(log_probabilities) AS logProbabilities
      FROM trajectories JOIN trajectory_tokens ON trajectory_id = id ORDER BY key`,
    )
    .all()
  const steps = listSteps(store, arm, { limit: 9 }).map(({ step, metrics }) => [step, metrics.reward])
  return { rows, steps }
}

test('a run whose engine was killed keeps its records, and resumed comes to the same end', async () => {
  const store = openStore(join(folder, 'killed', 's.sqlite'))
  const interrupted = { state: 'interrupted', resumable: true, reason: expect.stringMatching(/ended by SIGKILL/) }

  const inTraining = (event: EngineEvent) => event.type === 'stepFinished' && event.step === 3
  expect(await run(store, false, inTraining)).toMatchObject(interrupted)
  expect(findRun(store, 'killed-1')).toMatchObject(interrupted)
  expect(listArms(store, 'killed-1')).toMatchObject([{ state: 'interrupted', checkpointStep: 2 }])
  const kept = countTrajectories(store, 'killed-1')
  expect(kept).toBeGreaterThanOrEqual(3 * 2 * 4)

  let resumedAt: number | null = null
  const inEvaluation = (event: EngineEvent) => {
    if (event.type === 'studyResumed') resumedAt = event.step
    return event.type === 'trajectoriesRecorded' && event.items[0].phase === 'evaluation'
  }
  expect(await run(store, true, inEvaluation)).toMatchObject(interrupted)
  expect(resumedAt).toBe(2)
  expect(countTrajectories(store, 'killed-1')).toBeGreaterThan(kept)

  const end = await run(store, true)
  const straight = openStore(join(folder, 'straight', 's.sqlite'))
  const uninterrupted = await run(straight, false)
  if (end.state !== 'done' || uninterrupted.state !== 'done') throw new Error(`${end.state}, ${uninterrupted.state}`)
  expect({ ...end.result, seconds: 0 }).toEqual({ ...uninterrupted.result, seconds: 0 })
  expect(recorded(store)).toEqual(recorded(straight))
  expect(countTrajectories(store, 'killed-1')).toBe(4 * 2 * 4 + 600)
  store.close()
  straight.close()
})
