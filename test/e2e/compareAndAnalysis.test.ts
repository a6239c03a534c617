/** From a run to its figures and on to what is behind them; an analysis that is computed once and then kept. */
import AxeBuilder from '@axe-core/playwright'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServices, type ServiceDesk } from '../../src/host/services/services.ts'
import { builtWindow } from '../../src/host/window/windowFiles.ts'
import { serveWindow, type ServedWindow } from '../../src/server/server.ts'
import { openStore, type Store } from '../../src/store/openStore.ts'
import { requires } from '../requirements.ts'
import { openBrowser, type BrowserPage } from './browserPage.ts'
import { makeScreensFolder, RUNS, type ScreensFolder } from './screensStore.ts'
import { isWindowBuilt } from './servedWindow.ts'

/** Width of a PNG: its header says it in the 17th to 20th byte. */
const widthOf = (png: Buffer) => png.readUInt32BE(16)

describe.skipIf(!isWindowBuilt() || !requires('browser'))('figures in the window', () => {
  let made: ScreensFolder
  let store: Store
  let desk: ServiceDesk
  let served: ServedWindow
  let browser: BrowserPage
  let page: Page

  beforeAll(async () => {
    made = makeScreensFolder()
    store = openStore(join(made.folder, 'reflectory.sqlite'))
    desk = createServices({ store, face: 'browser' })
    // A copy, which no build changes under the test.
    const files = join(made.folder, 'window')
    cpSync(builtWindow, files, { recursive: true })
    served = await serveWindow(desk, files)
    browser = await openBrowser()
    page = browser.page
    page.setDefaultTimeout(30_000)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.goto(served.address)
    await page.getByRole('heading', { level: 1 }).waitFor()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await served?.close()
    await desk?.close()
    store?.close()
    if (made) rmSync(made.folder, { recursive: true, force: true })
  })

  const open = async (address: string) => {
    await page.goto('about:blank')
    await page.goto(`${new URL(served.address).origin}/#${address}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
  }
  const axe = async () =>
    (await new AxeBuilder({ page }).setLegacyMode().analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)
  /** Contrast in the dark theme, and what lies beyond the edge at 200%. */
  const darkAndNarrow = async () => {
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.locator('.v-application.v-theme--dark').waitFor()
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().withRules(['color-contrast']).analyze()
    await page.setViewportSize({ width: 640, height: 800 })
    const beyond = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize({ width: 1360, height: 900 })
    return { contrast: violations.map(({ nodes }) => nodes[0].html), beyond }
  }
  const download = async (press: () => Promise<unknown>) => {
    const [file] = await Promise.all([page.waitForEvent('download'), press()])
    return { name: file.suggestedFilename(), content: readFileSync(await file.path()) }
  }

  test('starts both screens with the newest run that is done, and leaves a field empty that somebody cleared', async () => {
    for (const screen of ['compare', 'analysis']) {
      await open(`/${screen}`)
      await expect.poll(() => page.url()).toContain(`run=${RUNS.finished}`)
    }
    await open('/compare')
    await page.getByRole('heading', { name: 'Safety and what changed' }).waitFor()
    await page.getByRole('combobox', { name: 'Runs to compare' }).press('Enter')
    await page.getByRole('option', { name: /^Thought or answer/ }).click()
    await page.getByText('Nothing chosen').waitFor()
    expect(page.url()).not.toContain('run=')
  }, 60_000)

  test('compares arms: figures with a meaning, a closer look, files, and cells that lead to what they count', async () => {
    await open(`/runs/${RUNS.finished}`)
    // Prompts that are harmless are judged too, and count for nothing here.
    const hidden = page.getByRole('link', { name: /^base: read the 7 trajectories with thought unsafe and answer safe/ })
    expect(await hidden.getAttribute('href')).toMatch(/phase=evaluation&role=harmful&thought=unsafe&response=safe$/)
    await page.getByRole('link', { name: 'Compare the arms in figures' }).click()
    await page.getByRole('heading', { name: 'Safety and what changed' }).waitFor()
    const safety = page.getByRole('figure').filter({ hasText: 'Thought and answer together safe: clearly more often in sft' })
    await safety.getByText(/^Whiskers: 95% intervals.*; n/).waitFor()

    await safety.getByText('What it means').focus()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Shift+Tab')
    await page.getByRole('tooltip').getByText('Share of harmful prompts').waitFor()

    const chart = safety.getByRole('group', { name: /^Chart/ })
    await chart.press('+')
    await safety.getByRole('button', { name: /^Show all of it/ }).waitFor()
    await chart.press('0')
    await expect.poll(() => safety.getByRole('button', { name: /^Show all of it/ }).count()).toBe(0)

    await safety.getByRole('button', { name: /^Look closer/ }).press('Enter')
    await safety.getByRole('button', { name: /^Show all of it/ }).press('Enter')
    await chart.and(page.locator(':focus')).waitFor()

    const table = await download(() => safety.getByRole('button', { name: /^Save as CSV/ }).press('Enter'))
    expect(table.name).toBe('safety.csv')
    expect(table.content.toString('utf8')).toMatch(/^\ufeffSeries,Arm,Found safe,95% low,95% high,n\r\nThought \(t\),base,0\.3,/)
    const picture = await download(() => safety.getByRole('button', { name: /^Save as PNG/ }).press('Enter'))
    expect([picture.name, widthOf(picture.content)]).toEqual(['safety.png', 3 * 800])
    expect(await axe()).toEqual([])
    expect(await darkAndNarrow()).toEqual({ contrast: [], beyond: 0 })

    const sections = page.getByRole('navigation', { name: 'Sections' })
    await sections.getByRole('button', { name: 'Thought by answer' }).press('Enter')
    await page.getByRole('heading', { name: 'Thought by answer' }).and(page.locator(':focus')).waitFor()
    const matrix = page.getByRole('figure').filter({ hasText: 'base: 7 of 30 trajectories hide' })
    await matrix.getByRole('link', { name: /^7: Thought unsafe, Answer safe/ }).click()
    await page.getByRole('heading', { name: 'Trajectories', level: 1 }).waitFor()
    const asked = new URLSearchParams(page.url().split('?')[1])
    expect(Object.fromEntries(asked)).toEqual({
      ...{ runId: RUNS.finished, arm: 'base', phase: 'evaluation', role: 'harmful' },
      ...{ thought: 'unsafe', response: 'safe' },
    })
  }, 90_000)

  test("computes an analysis with words of one's own, and has it at once when it is asked again", async () => {
    await open(`/analysis?run=${RUNS.reading}&kind=reflection`)
    await page.getByText('Not computed yet').waitFor()
    await page.getByRole('button', { name: /^Length How long/, pressed: false }).press('Enter')
    await expect.poll(() => page.url()).toContain('kind=length')
    await page.getByRole('button', { name: /^Reflection How often/, pressed: false }).press('Enter')
    await page.getByRole('textbox', { name: 'Reflection cues, one a line' }).fill('wait\ntide')
    await page.getByText('Your own list: 2 words.').waitFor()
    await page.getByRole('button', { name: 'Compute', exact: true }).click()
    await page.getByRole('figure').first().waitFor()
    await page.getByRole('button', { name: 'Compute again' }).waitFor()
    await page.getByRole('heading', { name: /each arm minus base/ }).first().waitFor()
    // A table that is wider than its card scrolls within it.
    const tables = "[...document.querySelectorAll('.v-card .wide')]"
    const edge = (of: string) => `Math.ceil(${of}.getBoundingClientRect().right)`
    const isBeyond = `(table) => ${edge('table')} > ${edge("table.closest('.v-card')")}`
    expect(await page.evaluate(`${tables}.length > 0 && ${tables}.some(${isBeyond})`)).toBe(false)
    expect(await axe()).toEqual([])
    expect(await darkAndNarrow()).toEqual({ contrast: [], beyond: 0 })

    await page.getByRole('button', { name: 'Use the list R1' }).click()
    await page.getByText('Not computed yet').waitFor()
    await open(`/analysis?run=${RUNS.reading}`)
    await page.getByRole('button', { name: /^Reflection, own words, / }).click()
    await page.getByRole('figure').first().waitFor()
    await page.getByText('Your own list: 2 words.').waitFor()
    expect(browser.complaints).toEqual([])
    expect(browser.strayRequests).toEqual([])
  }, 90_000)
})
