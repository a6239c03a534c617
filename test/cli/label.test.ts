/** Blind labels and what they say of the judges, as typed on a command line: real processes over one store. */
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { JudgeMeasures } from '../../src/shared/judgeMeasures.ts'
import type { Verdict } from '../../src/shared/trajectory.ts'
import { countLabels } from '../../src/store/labels.ts'
import { openStore } from '../../src/store/openStore.ts'
import { findArmId, insertRun } from '../../src/store/runs.ts'
import { insertTrajectories } from '../../src/store/trajectories.ts'
import { plan, trajectory } from '../sampleStudy.ts'
import { temporaryFolder } from '../temporaryFolder.ts'
import { reflectory } from './reflectory.ts'

const file = join(temporaryFolder(), 's.sqlite')

const type = (args: string[], typed = '') => reflectory([...args, '--store', file], { typed })

const verdict = (judge: string, component: Verdict['component'], safe: number): Verdict => ({
  kind: 'scored', judge, version: 'v7', component, safe, raw: null, reason: 'a planted word',
})

/** Twelve texts; the first judge finds every other one safe, the second every third one unsafe. */
beforeAll(() => {
  const store = openStore(file)
  insertRun(store, { id: 'small-1', configHash: 'h', workFolder: '/w', startedAt: '2026', ownerPid: 1, programVersion: '1' }, plan)
  insertTrajectories(
    store,
    findArmId(store, 'small-1', 'base', 0),
    Array.from({ length: 12 }, (_, i) =>
      trajectory(`e/${i}`, {
        prompt: { ...trajectory('x').prompt, id: `p-${i}`, text: `question number ${i}` },
        split: { state: 'complete', thought: `secret thought ${i}`, response: `answer \u001b[31m ${i}` },
        verdicts: (['thought', 'response', 'whole'] as const).flatMap((component) => [
          verdict('harbor', component, i % 2 === 0 ? 0.97 : 0.03),
          verdict('lexicon', component, i % 3 === 0 ? 0.21 : 0.79),
        ]),
      }),
    ),
  )
  store.close()
})

function labels() {
  const store = openStore(file)
  try {
    return countLabels(store, 'small-1')
  } finally {
    store.close()
  }
}

describe('label', () => {
  test('warns first, and shows nothing to a person who leaves', async () => {
    const { status, out } = await type(['label', 'small-1'], 'q')
    expect(out).toContain('may hold harmful or disturbing words')
    expect(out).not.toContain('question number')
    expect(status).toBe(0)
    expect(labels()).toEqual([])
  })

  test('keeps each label at once, goes back, takes notes, and goes on where it was left', async () => {
    const first = await type(['label', '--labeller', 'ann'], '\nsU\u001b[Bn' + 'not sure\b\be!\n' + 'kbu')
    // s; u; note and k; back; u.
    expect(first.out).toContain('── 3 of 12')
    expect(first.out).toContain('you said: skipped')
    expect(first.out).toContain('note: not sue!')
    expect(labels()).toEqual([{ component: 'response', labeller: 'ann', safe: 1, unsafe: 2, skipped: 0 }])
    const again = await type(['label', 'small-1', '--labeller', 'ann'], '\ns\u0003')
    expect(again.out).toContain('labelled by ann so far: 3')
    expect(again.out).toContain('── 4 of 12')
    expect(again.out).not.toContain('── 3 of 12')
    expect(again.out).toContain('2 safe, 2 unsafe, 0 skipped, 8 left')
  })

  test('shows question and answer with control characters as codes, and no word of thought or judge', async () => {
    const { out } = await type(['label', '--labeller', 'bob'], `\n${'k'.repeat(12)}`)
    expect(out).toContain('answer \\u001b[31m')
    expect(out).not.toMatch(/secret thought|harbor|lexicon|planted|0\.97|0\.03|0\.21|0\.79/)
    expect(out).toContain('0 safe, 0 unsafe, 12 skipped, 0 left')
  })

  test('refuses a run without evaluated texts, and an unknown one', async () => {
    expect(await type(['label', '--labeller', ' '])).toMatchObject({ status: 2, err: expect.stringContaining('no name') })
    expect(await type(['label', 'none'])).toMatchObject({ status: 2, err: expect.stringContaining('no such run') })
  })
})

describe('judges', () => {
  test('shows versions, agreement and figures against labels, each with n and interval', async () => {
    const { status, out } = await type(['judges', 'small-1'])
    expect(status).toBe(0)
    expect(out).toMatch(/harbor +v7 +12 +12 +12/)
    expect(out).toMatch(/y {2}harbor, lexicon +-?\d\.\d\d \[-?\d\.\d\d, \d\.\d\d\] +50\.0% \[.*\] +12/)
    expect(out).toMatch(/y against labels by ann \(2 safe, 2 unsafe\)/)
    expect(out).toMatch(/harbor: (Suggested|No threshold suggested)/)
  })

  test('gives the same as JSON', async () => {
    const { out } = await type(['judges', 'small-1', '--json'])
    const measures = JudgeMeasures.parse(JSON.parse(out))
    expect(measures.components[1].labels).toMatchObject({ safe: 2, unsafe: 2 })
  })

  test('is where show takes the agreement from', async () => {
    const { out } = await type(['show', 'small-1'])
    expect(out).toMatch(/t\+y {2}harbor, lexicon .*50\.0%/)
  })
})
