/** The end of a run is told on whichever screen is open, and in the title until somebody looks. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requires } from '../requirements.ts'
import { isWindowBuilt, openWindow, playedBy, type OpenWindow } from './servedWindow.ts'

if (!isWindowBuilt()) console.warn("skipped, needs the built window: run 'npm run build'")

describe.skipIf(!isWindowBuilt() || !requires('browser'))('the end of a run', () => {
  let opened: OpenWindow
  beforeAll(async () => {
    opened = await openWindow({ launch: playedBy('actingEngine.ts') })
    opened.page.setDefaultTimeout(20_000)
  })
  afterAll(() => opened?.close())

  test('is read out on another screen, and stands in the title of a page that nobody looks at', async () => {
    const { page } = opened
    await page.evaluate('document.hasFocus = () => false')
    const home = page.url()
    await page.getByRole('link', { name: 'Settings' }).first().click()
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
    // Started from another tab, since a start leads to its run.
    const other = await page.context().newPage()
    await other.goto(home)
    await other.getByRole('button', { name: 'Run the demo study' }).first().click()
    await page.locator('[aria-live="polite"]').getByText('Run demo-1 is done.').waitFor()
    await expect.poll(() => page.title()).toBe('Run demo-1 is done. Settings · Reflectory')
    await page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(await page.title()).toBe('Settings · Reflectory')
  })
})
