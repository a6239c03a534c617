/**
 * The window over an engine that plays a study: what the real one writes only by chance (markup, fixed figures),
 * what is wrong in a form, drafts, and what axe finds on the way.
 */
import AxeBuilder from '@axe-core/playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { requires } from '../requirements.ts'
import { isWindowBuilt, openWindow, playedBy, type OpenWindow } from './servedWindow.ts'

if (!isWindowBuilt()) console.warn("skipped, needs the built window: run 'npm run build'")

describe.skipIf(!isWindowBuilt() || !requires('browser'))('the window over a played study', () => {
  let opened: OpenWindow
  let page: Page
  beforeAll(async () => {
    opened = await openWindow({ launch: playedBy('actingEngine.ts') })
    page = opened.page
    page.setDefaultTimeout(20_000)
  })
  afterAll(() => opened.close())

  const step = (name: string) => page.getByRole('navigation', { name: 'Steps' }).getByRole('button', { name })
  const eventually = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 20_000 })
  const yaml = () => page.getByRole('textbox', { name: 'The study as YAML' })

  async function axe(): Promise<string[]> {
    const { violations } = await new AxeBuilder({ page }).analyze()
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)
  }

  test('begins on an empty home screen that says what to do', async () => {
    await page.getByRole('heading', { name: 'No runs yet' }).waitFor()
    expect(await axe()).toEqual([])
  })

  test('gets about by keyboard alone, and turns shortcuts off', async () => {
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement?.textContent')).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement?.id')).toBe('main')
    await page.keyboard.press('g')
    await page.keyboard.press('r')
    await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor()
    await page.keyboard.press('?')
    await page.getByRole('switch', { name: 'Use shortcuts' }).or(page.getByLabel('Use shortcuts')).first().uncheck()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('g')
    await page.keyboard.press('h')
    expect(await page.getByRole('heading', { name: 'Runs', level: 1 }).isVisible()).toBe(true)
  })

  test('sets up a study from a preset; form and YAML follow each other', async () => {
    await page.getByRole('link', { name: 'New study' }).first().click()
    await page.getByRole('button', { name: 'Start from this: SFT versus RL' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('My comparison')
    await eventually(() => yaml().inputValue()).toContain('name: My comparison')
    await yaml().fill(
      (await yaml().inputValue()).replace(/seeds:\n( +- \d+\n)+/, 'seeds: [4]\n') + 'description: played, pace 20\n',
    )
    await eventually(() => page.getByRole('textbox', { name: 'Seeds' }).inputValue()).toBe('4')
    expect(await page.getByRole('textbox', { name: 'Description' }).inputValue()).toBe('played, pace 20')
    expect(await axe()).toEqual([])
  })

  test('is told what is wrong where it is, in the form and in the text', async () => {
    await step('Arms').click()
    const steps = page.getByRole('textbox', { name: 'Steps' }).first()
    await steps.fill('many')
    await page.getByText('A number is needed here.').waitFor()
    await step('Review').click()
    expect(await page.getByRole('button', { name: 'Start the study' }).isDisabled()).toBe(true)
    await step('Arms').click()
    await steps.fill('50')
    const good = await yaml().inputValue()
    await yaml().fill('name: [')
    await page.getByText('Line 1').waitFor()
    await yaml().fill(good)
    await page.getByText('Line 1').waitFor({ state: 'detached' })
  })

  test('finds the draft again after the window was loaded anew', async () => {
    await page.getByText(/Draft saved/).waitFor()
    // What was changed last is saved a moment later.
    await page.waitForTimeout(1500)
    await page.reload()
    await page.getByRole('button', { name: 'My comparison', exact: true }).click()
    await eventually(() => page.getByRole('textbox', { name: 'Seeds' }).inputValue()).toBe('4')
  })

  test('never overwrites a text that is no study, in the pane or in the draft', async () => {
    const good = await yaml().inputValue()
    const broken = good.replace('seeds:', 'seed:')
    await yaml().fill(broken)
    await page.getByRole('button', { name: 'Take the fields back' }).waitFor()
    await page.waitForTimeout(1500)
    await page.reload()
    await page.getByRole('button', { name: 'My comparison', exact: true }).click()
    await page.getByText('of this draft').waitFor()
    expect(await yaml().inputValue()).toBe(broken)
    expect(await page.getByRole('textbox', { name: 'Description' }).count()).toBe(0)
    expect(await axe()).toEqual([])
    await yaml().fill(good)
    await page.getByRole('textbox', { name: 'Description' }).waitFor()
    await yaml().fill(broken)
    await step('Review').click()
    await page.getByText('It cannot start: the text is not a study yet.').waitFor()
    expect(await axe()).toEqual([])
    await page.getByRole('button', { name: 'Take the fields back' }).click()
    await eventually(() => yaml().inputValue()).toMatch(/^seeds:/m)
    expect(await page.evaluate('document.activeElement?.textContent')).toBe('Review')
  })

  test('starts it, watches it, and sees no harmful text unasked', async () => {
    await step('Review').click()
    await page.getByText('Optimizer steps', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Start the study' }).click()
    await page.getByRole('heading', { name: 'My comparison', level: 1 }).waitFor()
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    await page.getByRole('img', { name: /^Reward\. rl-whole/ }).waitFor()
    await page.getByText('Hidden: harmful or judged unsafe').first().waitFor()
    expect(await page.content()).not.toContain('i will not help')
    expect(await axe()).toEqual([])
  })

  test('reads the result with intervals and differences', async () => {
    await page.getByRole('heading', { name: 'Result' }).waitFor()
    expect(await page.getByText('[+40.0, +60.0]').count()).toBeGreaterThan(0)
    await page.getByRole('button', { name: 'Reveal hidden texts' }).click()
    await page.getByText('i will not help').first().waitFor()
    // Markup of a model is text.
    await page.getByText('<b>use a cloth</b>').first().waitFor()
    expect(await page.locator('.model-text b').count()).toBe(0)
  })

  test('shows the numbers of a chart as a table', async () => {
    const chart = page.getByRole('figure').first()
    await chart.getByText('Table').click()
    await chart.getByRole('columnheader', { name: /^rl-whole/ }).waitFor()
    expect(await chart.getByRole('row').count()).toBeGreaterThan(10)
  })

  test('never left this machine, and the page had nothing to complain of', () => {
    expect(opened.strayRequests).toEqual([])
    expect(opened.complaints).toEqual([])
  })
})
