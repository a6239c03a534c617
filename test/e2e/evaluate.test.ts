/** An evaluation in the window: chosen on one screen, run by the real engine on Harbor, read as tables. */
import AxeBuilder from '@axe-core/playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requires } from '../requirements.ts'
import { isWindowBuilt, openWindow, type OpenWindow } from './servedWindow.ts'

if (!isWindowBuilt()) console.warn("skipped, needs the built window: run 'npm run build'")

describe.skipIf(!isWindowBuilt() || !requires('browser'))('an evaluation', () => {
  let opened: OpenWindow
  beforeAll(async () => {
    opened = await openWindow()
    opened.page.setDefaultTimeout(30_000)
  })
  afterAll(() => opened?.close())

  test('is set up by keyboard and mouse, runs, and shows both modes side by side', async () => {
    const { page } = opened
    const field = (name: string) => page.getByRole('spinbutton', { name })
    await page.getByRole('link', { name: 'Evaluate' }).first().click()
    await page.getByRole('heading', { name: 'Evaluate', level: 1 }).waitFor()
    await page.getByText('900 completions at most').waitFor()
    // Without a data set there is nothing to start.
    const harbor = page.getByRole('checkbox', { name: /Harbor, built in/ })
    await harbor.focus()
    await page.keyboard.press('Space')
    await page.getByText('Choose at least one data set.').waitFor()
    expect(await page.getByRole('button', { name: 'Start the evaluation' }).isDisabled()).toBe(true)
    await page.keyboard.press('Space')
    for (const [name, value] of [['Prompts of each set at most', '6'], ['Samples of each prompt', '2']]) {
      await field(name).fill(value)
      await page.keyboard.press('Tab')
    }
    await page.getByRole('combobox', { name: 'Mode', exact: true }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('option', { name: /^Both/ }).click()
    await page.getByText('72 completions at most').waitFor()
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze()
    expect(violations.map(({ id }) => id)).toEqual([])

    await page.getByRole('button', { name: 'Start the evaluation' }).click()
    const sideBySide = page.getByRole('group', { name: 'Arms side by side' })
    await sideBySide.waitFor({ timeout: 60_000 })
    expect(await sideBySide.textContent()).toContain('harbor-plain minus harbor (thinking gap)')
    await page.getByText(/^Data sets, each by itself/).click()
    const puzzles = page.getByRole('group', { name: 'harbor-puzzle-held-out: 6 reasoning prompts' })
    expect(await puzzles.getByRole('row').filter({ hasText: 'pass@1' }).textContent()).toMatch(/%.*\[.*\].*n 12 of 6 prompts/)
    const length = puzzles.getByRole('row').filter({ hasText: 'Tokens' })
    expect(await length.textContent()).toContain('no interval: too few prompts')

    await page.getByRole('link', { name: 'Evaluate' }).first().click()
    await page.getByRole('heading', { name: 'Evaluations so far' }).waitFor()
    // What was chosen stays, and can be taken further.
    expect(await field('Samples of each prompt').inputValue()).toBe('2')
    await page.getByRole('button', { name: 'Change more in New study' }).click()
    await page.getByRole('heading', { name: /^New study: eval harbor/ }).waitFor()
  })
})
