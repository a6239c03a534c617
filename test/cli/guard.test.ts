/** `reflectory guard train`: what it prints, and what it refuses before an engine starts. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi, type MockInstance } from 'vitest'
import { guardTrainCommand } from '../../src/cli/guard.ts'
import { nodeEngine } from '../../src/host/engineChild.ts'
import { GuardReport } from '../../src/shared/guardTraining.ts'
import { openStore } from '../../src/store/openStore.ts'
import { findArmId, insertRun } from '../../src/store/runs.ts'
import { insertTrajectories } from '../../src/store/trajectories.ts'
import { plan, trajectory } from '../sampleStudy.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

const launch = nodeEngine(fileURLToPath(new URL('../host/guardEngine.ts', import.meta.url)))
const folder = temporaryFolder()
const file = join(folder, 's.sqlite')
let printed: string
let write: MockInstance

beforeAll(() => {
  const store = openStore(file)
  const run = { id: 'small-1', configHash: 'h', workFolder: folder, startedAt: '2026-01-01T00:00:00Z', ownerPid: 1, programVersion: '1' }
  store.transaction(() => {
    insertRun(store, run, plan)
    insertTrajectories(store, findArmId(store, 'small-1', 'rl', 0), [trajectory('a'), trajectory('b', {}, [0, 0])])
  })
  store.close()
})
beforeEach(() => {
  printed = ''
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
})
afterEach(() => vi.restoreAllMocks())

const train = (options: object) =>
  guardTrainCommand({ store: file, from: 'small-1', model: 'harbor', to: join(folder, 'guard'), epochs: 1, ...options }, launch)

describe('guard train', () => {
  test('prints figures with intervals and n in lines that fit a terminal, and says what was left out', async () => {
    expect(await train({})).toBe(0)
    write.mockRestore()
    expect(printed).toContain('left out: 1572 the same text again')
    expect(printed).toMatch(/^prompt, all +300 +180 +125 +96\.0% \[94\.0, 97\.0\] +58\.3% +0\.92 \[0\.90, 0\.93\]$/m)
    expect(printed).toMatch(/^category, all +0\.985 \[0\.965, 0\.995\] +– +0 +94\.0% \[92\.0, 95\.0\] +125$/m)
    const table = printed.split('\n').filter((line) => /^(kept|prompt|category)/.test(line))
    expect(Math.max(...table.map(({ length }) => length))).toBeLessThanOrEqual(100)
  })

  test('hands settings on as they were given, with --json for one object', async () => {
    const given = { head: 'token', train: 'frozen', heldOutCategories: 'theft, violence', component: 't,t+y', json: true, to: join(folder, 'other') }
    expect(await train(given)).toBe(0)
    write.mockRestore()
    expect(GuardReport.parse(JSON.parse(printed)).source).toBe('harbor')
    expect(JSON.parse(readFileSync(join(folder, 'other.training', 'origin.json'), 'utf8')).settings).toMatchObject({
      head: 'token',
      weights: 'frozen',
      heldOutCategories: ['theft', 'violence'],
      epochs: 1,
    })
    const rows = readFileSync(join(folder, 'other.training', 'examples.jsonl'), 'utf8').trimEnd().split('\n')
    expect(new Set(rows.map((row) => JSON.parse(row).component))).toEqual(new Set(['thought', 'whole']))
  })

  test.each([
    [{ from: 'other-1' }, /other-1: there is no such run/],
    [{ from: ' , ' }, /--from: no run is named/],
    [{ labels: true }, /nobody has labelled a text there/],
    [{ labels: true, judge: 'harbor' }, /--labels: it learns from people or from a judge/],
    [{ judge: 'nobody' }, /--judge: .*Judges there: harbor, lexicon/],
    [{ component: 'z' }, /--component: there is no part "z"/],
    [{ learningRate: Number.NaN }, /--learning-rate: /],
    [{ epochs: 5000 }, /--epochs: /],
    [{ store: join(folder, 'nowhere.sqlite') }, /there is no store here/],
    [{ to: folder }, /the folder exists and is not empty/],
  ])('refuses %j with place and remedy', async (options, message) => {
    await expect(train({ to: join(folder, 'never'), ...options })).rejects.toThrow(message)
    expect(existsSync(join(folder, 'never.training'))).toBe(false)
  })
})
