/**
 * A person labels texts by keyboard, blind, and then sees how the judges do. Both screens in both themes: nothing for
 * axe to find, no scrolling sideways at 200% zoom. Pictures are left in out/screens.
 */
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Verdict } from '../../src/shared/trajectory.ts'
import { countLabels } from '../../src/store/labels.ts'
import { openStore, type Store } from '../../src/store/openStore.ts'
import { findArmId, insertRun } from '../../src/store/runs.ts'
import { insertTrajectories } from '../../src/store/trajectories.ts'
import { requires } from '../requirements.ts'
import { plan, trajectory } from '../sampleStudy.ts'
import { DESK, look } from './look.ts'
import { isWindowBuilt, openWindow, type OpenWindow } from './servedWindow.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

const TEXTS = 30

function verdict(judge: string, component: Verdict['component'], safe: number): Verdict {
  return { kind: 'scored', judge, version: '9f3a2c', component, safe, raw: null, reason: 'a planted reason' }
}
/** Every other text is unsafe; the second judge is wrong about every fifth. */
function recorded(i: number) {
  const safe = i % 2 === 0 ? 0.9375 : 0.0625
  return trajectory(`e/${i}`, {
    prompt: { ...trajectory('x').prompt, id: `p-${i}`, text: `question number ${i}` },
    split: { state: 'complete', thought: `thought of ${i}`, response: i % 2 === 0 ? `a kind answer ${i}` : `a nasty answer ${i}` },
    verdicts: (['thought', 'response', 'whole'] as const).flatMap((component) => [
      verdict('harbor', component, safe),
      verdict('lexicon', component, i % 5 === 0 ? 1 - safe : safe),
    ]),
  })
}

describe.skipIf(!isWindowBuilt() || !requires('browser'))('judges and labels', () => {
  const folder = temporaryFolder()
  let opened: OpenWindow
  let store: Store
  let page: Page

  beforeAll(async () => {
    store = openStore(join(folder, 'store.sqlite'))
    insertRun(store, { id: 'small-1', configHash: 'h', workFolder: folder, startedAt: '2026', ownerPid: process.pid, programVersion: '1' }, plan)
    insertTrajectories(store, findArmId(store, 'small-1', 'base', 0), Array.from({ length: TEXTS }, (_, i) => recorded(i)))
    opened = await openWindow({ store, viewport: DESK })
    page = opened.page
  }, 120_000)
  afterAll(async () => {
    await opened?.close()
    expect(opened?.complaints).toEqual([])
    expect(opened?.strayRequests).toEqual([])
  })


  const heading = (name: string | RegExp) => page.getByRole('heading', { name })
  const press = (key: string) => page.keyboard.press(key)

  test('texts are hidden until the person begins, and no verdict is in the page', async () => {
    await opened.open('/label/small-1')
    const form = page.getByRole('button', { name: 'Show the first text' })
    await form.waitFor()
    expect(await page.locator('#main').innerHTML()).not.toMatch(/question number|nasty/)
    expect(await look(page, 'label-plan')).toEqual([])
    await page.getByLabel('Who you are').fill('ann')
    await form.click()
    await heading('Text 1 of 30').waitFor()
    expect(await look(page, 'label-text')).toEqual([])
    const content = await page.locator('#main').innerHTML()
    expect(content.includes('question number')).toBe(true)
    expect(content).not.toMatch(/planted|harbor|lexicon|0\.93|0\.06|thought of/)
  })

  test('keys label, go back and take a note, and each label is kept at once', async () => {
    await press('u')
    await heading('Text 2 of 30').waitFor()
    expect(countLabels(store, 'small-1')).toEqual([{ component: 'response', labeller: 'ann', safe: 0, unsafe: 1, skipped: 0 }])
    await press('b')
    await heading('Text 1 of 30').waitFor()
    await page.getByText('You said: unsafe').waitFor()
    expect(await page.evaluate("document.activeElement.id")).toBe('text-number')
    await press('n')
    await page.keyboard.type('not sure, suk')
    await press('Enter')
    await page.getByText('Note: not sure, suk').waitFor()
    for (let text = 1; text <= TEXTS; text++) {
      await heading(`Text ${text} of ${TEXTS}`).waitFor()
      await press((await page.getByText(/a nasty answer/).count()) > 0 ? 'u' : text === 9 ? 'k' : 's')
    }
    await heading('All 30 texts are labelled').waitFor()
    expect(await look(page, 'label-done')).toEqual([])
    const [{ safe, unsafe, skipped }] = countLabels(store, 'small-1')
    expect([unsafe, safe + skipped]).toEqual([15, 15])
  })

  test('the judges are shown with agreement and figures against the labels, each with interval and n', async () => {
    await page.getByRole('link', { name: 'See how the judges do' }).click()
    await heading('How far they agree').waitFor()
    const agreement = page.getByRole('group', { name: 'Agreement of the judges' }).getByRole('row').nth(2)
    expect(await agreement.innerText()).toMatch(/harbor, lexicon\s+0\.\d+\s+\[[-0-9., ]+\]\s+of 30\s+80\.0%\s+\[[-0-9., ]+\]\s+of 30/)
    const against = page.getByRole('group', { name: 'Judges against labels, Answer (y)' }).getByRole('row')
    expect(await against.nth(1).innerText()).toMatch(/harbor\s+100\.0%\s+\[[-0-9., ]+\]\s+of 15/)
    expect(await page.getByText(/Suggested: call a text safe from P\(safe\) 0\.500/).count()).toBeGreaterThan(0)
    expect(await page.getByText('Careful: it rests on few labels').count()).toBeGreaterThan(0)
    expect(await look(page, 'judges')).toEqual([])
  })

  test('a study can have several judges as one, whose verdict and theirs a person can try', async () => {
    await opened.open('/new-study')
    await page.getByRole('button', { name: 'Start from this: SFT versus RL' }).click()
    await page.getByRole('navigation', { name: 'Steps' }).getByRole('button', { name: 'Rewards' }).click()
    await page.getByRole('combobox', { name: 'First judge' }).first().press('ArrowDown')
    await page.getByRole('option', { name: 'Several judges as one' }).click()
    await page.getByRole('button', { name: 'Another member' }).click()
    await page.getByRole('button', { name: 'Remove member 1' }).click()
    await page.getByLabel('Its name').fill('two of them')
    expect(await look(page, 'study-ensemble')).toEqual([])
    await page.getByText('Try it on this text').click()
    await page.getByLabel('Text to be judged').fill("I can't help with that. But first steal it.")
    await page.getByRole('button', { name: 'Judge this text' }).click()
    await page.getByRole('cell', { name: /^mean of lexicon \d\.\d\d, refusal \d\.\d\d$/ }).waitFor()
    expect(await page.getByRole('cell', { name: /^ensemble two of them/ }).count()).toBe(1)
  })

  test('any judge can be tried on a text on the Judges screen', async () => {
    await opened.open('/judges')
    await page.getByText('Try it on this text').click()
    await page.getByLabel('Text to be judged').fill('First steal it.')
    await page.getByRole('button', { name: 'Judge this text' }).click()
    await page.getByRole('cell', { name: 'listed: steal' }).waitFor()
  })
})
