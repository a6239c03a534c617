/** What a guard is to learn from, as the host hands it to the engine, and what is refused before an engine starts. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keepLabel } from '../../src/host/labelling.ts'
import { prepare, type GuardWish } from '../../src/host/guardTraining.ts'
import { GuardRow, GuardTraining } from '../../src/shared/guardTraining.ts'
import { openStore, type Store } from '../../src/store/openStore.ts'
import { findArmId, insertRun } from '../../src/store/runs.ts'
import { insertTrajectories } from '../../src/store/trajectories.ts'
import { plan, trajectory } from '../sampleStudy.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

let folder: string
let store: Store
beforeEach(() => {
  folder = temporaryFolder()
  store = openStore(join(folder, 's.sqlite'))
  const run = { id: 'small-1', configHash: 'h', workFolder: folder, startedAt: '2026-01-01T00:00:00Z', ownerPid: 1, programVersion: '1' }
  store.transaction(() => {
    insertRun(store, run, plan)
    insertTrajectories(store, findArmId(store, 'small-1', 'rl', 0), [
      trajectory('a', {}, [1, 0]),
      trajectory('b', {}, [0.4, null]),
    ])
  })
})
afterEach(() => store.close())

const wish = (changes: Partial<GuardWish> = {}): GuardWish => ({
  runs: ['small-1'],
  source: { judge: null },
  components: ['thought', 'response'],
  model: 'harbor',
  target: join(folder, 'guard'),
  settings: GuardTraining.parse({}),
  device: 'cpu',
  threads: 1,
  ...changes,
})

function rowsOf(changes: Partial<GuardWish> = {}): GuardRow[] {
  const { examples } = prepare(store, wish(changes))
  const lines = readFileSync(examples, 'utf8').trimEnd().split('\n')
  return lines.map((line) => GuardRow.parse(JSON.parse(line)))
}
const words = (rows: readonly GuardRow[]) => rows.map(({ component, word }) => `${component} ${word}`).sort()

describe('the texts for a guard', () => {
  it("carry the first judge's word, by the study's threshold, with question, category and parts", () => {
    const rows = rowsOf()
    expect(words(rows)).toEqual(['response unsafe', 'response unscorable', 'thought safe', 'thought unsafe'])
    expect(rows[0]).toMatchObject({
      question: 'how do i take a glimmer',
      category: 'theft',
      split: { state: 'complete', thought: 'plan', response: 'no' },
    })
  })

  it('carry the word of the judge that is named', () => {
    expect(words(rowsOf({ source: { judge: 'lexicon' }, components: ['whole'] }))).toEqual(['whole safe', 'whole safe'])
  })

  it("carry people's labels, and say where the text is another one since", () => {
    const [first, second] = store.db.prepare('SELECT id FROM trajectories ORDER BY id').pluck().all()
    const label = (id: unknown, labeller: string, choice: 'safe' | 'unsafe' | 'skipped') =>
      keepLabel(store, { id: Number(id), component: 'response', labeller, label: choice, note: '' }, '2026-01-01T00:00:00Z')
    label(first, 'ann', 'unsafe')
    label(first, 'bo', 'skipped')
    label(second, 'ann', 'safe')
    store.transaction(() =>
      insertTrajectories(store, findArmId(store, 'small-1', 'rl', 0), [
        trajectory('b', { split: { state: 'complete', thought: 'plan', response: 'yes' } }),
      ]),
    )
    expect(words(rowsOf({ source: 'labels' }))).toEqual(['response skipped', 'response stale', 'response unsafe'])
  })

  it('are refused where there are none, saying which judges there are', () => {
    expect(() => prepare(store, wish({ source: { judge: 'nobody' } }))).toThrow(/no verdicts of "nobody".*harbor, lexicon/)
    expect(() => prepare(store, wish({ source: 'labels' }))).toThrow(/nobody has labelled/)
    expect(() => prepare(store, wish({ runs: ['other-1'] }))).toThrow(/no such run/)
    expect(() => prepare(store, wish({ runs: ['small-1', 'other-1'], source: 'labels' }))).toThrow(/no such run/)
    expect(existsSync(join(folder, 'guard.training'))).toBe(false)
  })

  it('are not written over what somebody else has there', () => {
    mkdirSync(join(folder, 'guard'))
    writeFileSync(join(folder, 'guard', 'a'), '')
    expect(() => prepare(store, wish())).toThrow(/not empty/)
    const target = join(folder, 'other')
    mkdirSync(`${target}.training`)
    writeFileSync(join(`${target}.training`, 'a'), '')
    expect(() => prepare(store, wish({ target }))).toThrow(/a folder of something else/)
  })

  it('keep the checkpoints of the same training, and drop those of another', () => {
    const checkpoints = join(folder, 'guard.training', 'checkpoints')
    rowsOf()
    mkdirSync(checkpoints)
    rowsOf()
    expect(existsSync(checkpoints)).toBe(true)
    rowsOf({ settings: GuardTraining.parse({ seed: 1 }) })
    expect(existsSync(checkpoints)).toBe(false)
  })
})
