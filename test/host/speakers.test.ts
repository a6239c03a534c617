/** Whose tokens an arm writes, and which folder speaks for it. */
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { untrainedArm, voiceOf } from '../../src/host/speakers.ts'
import { StudyConfig } from '../../src/shared/study.ts'
import { openStore } from '../../src/store/openStore.ts'
import { insertRun } from '../../src/store/runs.ts'
import { plan } from '../sampleStudy.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

it('an arm without training speaks with its own model or adapter, any other with the model of the run', () => {
  const store = openStore(join(temporaryFolder(), 's.sqlite'))
  onTestFinished(() => store.close())
  const study = StudyConfig.parse({
    name: 'side by side',
    model: '/models/one',
    arms: [
      { name: 'one', method: 'base' },
      { name: 'two', method: 'base', model: '/models/two' },
      { name: 'adapted', method: 'base', model: '/models/two', adapter: '/adapters/safe' },
      { name: 'rl', method: 'rl' },
    ],
  })
  const arms = study.arms.map(({ name, method }) => ({ arm: name, seed: 0, method, steps: 0 }))
  const run = { id: 'r', configHash: 'h', workFolder: '/work', startedAt: '2026-01-01T00:00:00Z', ownerPid: 1, programVersion: '1' }
  insertRun(store, run, { ...plan, study, arms, model: { ...plan.model, name: '/models/one', folder: '/models/one' } })
  const of = (arm: string) => untrainedArm(store, 'r', arm)
  expect(of('one')).toEqual({ model: '/models/one', folder: '/models/one' })
  expect(of('two')).toEqual({ model: '/models/two', folder: '/models/two' })
  expect(of('adapted')).toEqual({ model: '/models/two', folder: '/adapters/safe' })
  expect(of('rl')).toEqual({ model: '/models/one', folder: '/models/one' })
  expect(voiceOf(store, { kind: 'arm', runId: 'r', arm: 'adapted', seed: 0 })).toMatchObject({ folder: '/adapters/safe', model: '/models/two' })
  expect(() => voiceOf(store, { kind: 'arm', runId: 'r', arm: 'rl', seed: 0 })).toThrow('its trained model is not there')
})
