/** What the store knows of completions that are about to be sampled. */
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { trajectoryId, type Trajectory, type Verdict } from '../../src/shared/trajectory.ts'
import { openStore, type Store } from '../../src/store/openStore.ts'
import { recallTrajectories } from '../../src/store/recall.ts'
import { findArmId, insertRun } from '../../src/store/runs.ts'
import { insertTrajectories } from '../../src/store/trajectories.ts'
import { plan, trajectory } from '../sampleStudy.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

let store: Store
beforeEach(() => {
  store = openStore(join(temporaryFolder(), 's.sqlite'))
  return () => store.close()
})

/** A run of one arm without training, and of one that was trained; `hash` says what the first samples. */
function start(id: string, arm: string, hash: string, seed = 0): void {
  const arms = [
    { arm, seed, method: 'base' as const, steps: 0, samplingHash: hash },
    { arm: 'rl', seed, method: 'rl' as const, steps: 2 },
  ]
  const run = { id, configHash: `hash ${id}`, workFolder: '/work', startedAt: '2026-01-01T00:00:00Z', ownerPid: 1, programVersion: '1' }
  insertRun(store, run, { ...plan, study: { ...plan.study, name: id }, arms })
}

function record(run: string, arm: string, changes: Partial<Trajectory> = {}, seed = 0): void {
  const { step = 0, sampleIndex = 0, phase = 'evaluation' } = changes
  const id = trajectoryId({ arm, seed, phase, step, promptId: 'harmful-1', sampleIndex })
  insertTrajectories(store, findArmId(store, run, arm, seed), [trajectory(id, changes)])
}

const by = (judge: string): Verdict[] => [
  { kind: 'scored', judge, version: '1', component: 'whole', safe: 0.25, raw: -2.5, reason: 'so it is' },
]
const seek = (run: string, arm: string, step = 0, seed = 0) =>
  recallTrajectories(store, run, { arm, seed, step, items: [0, 1].map((sampleIndex) => ({ promptId: 'harmful-1', sampleIndex })) })

test('completions of another run are known where all that decides them is the same, with every number', () => {
  start('a', 'tiny', 'same')
  record('a', 'tiny', { verdicts: by('lexicon') })
  start('b', 'renamed', 'same')
  const [known, ...more] = seek('b', 'renamed')
  expect(more).toEqual([])
  const { promptTokens, tokens, logProbabilities, entropies, finish } = trajectory('')
  expect(known).toEqual({
    ...{ promptId: 'harmful-1', sampleIndex: 0, isOwn: false, finish, verdicts: by('lexicon') },
    ...{ promptTokens, tokens, logProbabilities, entropies },
  })
})

test('nothing is known of other weights or settings, of another seed, of training, or of what others trained', () => {
  start('a', 'tiny', 'same')
  record('a', 'tiny')
  record('a', 'tiny', { phase: 'train', sampleIndex: 1 })
  record('a', 'rl', { step: 2 })
  start('b', 'tiny', 'other')
  start('c', 'tiny', 'same', 1)
  expect(seek('b', 'tiny')).toEqual([])
  expect(seek('c', 'tiny', 0, 1)).toEqual([])
  expect(seek('b', 'rl', 2)).toEqual([])
  start('d', 'tiny', 'same')
  expect(seek('d', 'tiny').map(({ sampleIndex }) => sampleIndex)).toEqual([0])
})

test('verdicts of all copies come together, and an arm that goes on finds its own first, trained or not', () => {
  start('a', 'tiny', 'same')
  record('a', 'tiny', { verdicts: by('lexicon') })
  start('b', 'tiny', 'same')
  record('b', 'tiny', { verdicts: by('guard') })
  start('c', 'tiny', 'same')
  expect(seek('c', 'tiny')[0].verdicts.map(({ judge }) => judge).sort()).toEqual(['guard', 'lexicon'])
  expect(seek('b', 'tiny')[0]).toMatchObject({ isOwn: true, verdicts: by('guard') })
  record('b', 'rl', { step: 2, verdicts: by('guard') })
  expect(seek('b', 'rl', 2)[0]).toMatchObject({ isOwn: true, verdicts: by('guard') })
})
