/**
 * A person takes a run home from its screen and imports it on another machine's Runs screen. In both themes nothing for axe
 * to find, no scrolling sideways at 200% zoom. Pictures are left in out/screens.
 */
import AxeBuilder from '@axe-core/playwright'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServices } from '../../src/host/services/services.ts'
import { builtWindow } from '../../src/host/window/windowFiles.ts'
import { serveWindow } from '../../src/server/server.ts'
import type { BundleState } from '../../src/shared/rpc/bundles.ts'
import type { Pushed } from '../../src/shared/rpc/pushed.ts'
import { openStore } from '../../src/store/openStore.ts'
import { requires } from '../requirements.ts'
import { openBrowser, type BrowserPage } from './browserPage.ts'
import { keyboard } from './hands.ts'
import { makeScreensFolder, RUNS } from './screensStore.ts'
import { isWindowBuilt } from './servedWindow.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

const PICTURES = fileURLToPath(new URL('../../out/screens/', import.meta.url))
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const DESK = { width: 1280, height: 800 }
const ZOOMED = { width: 640, height: 400 }

/** The services and the window of one machine. */
async function machine(folder: string) {
  const store = openStore(join(folder, 'reflectory.sqlite'))
  const desk = createServices({ store, face: 'browser' })
  const listeners = new Set<(pushed: Pushed) => void>()
  const listen = (listener: (pushed: Pushed) => void) => {
    listeners.add(listener)
    return desk.listen(listener)
  }
  const served = await serveWindow({ ...desk, listen }, builtWindow)
  return {
    address: served.address,
    show: (bundle: BundleState) => listeners.forEach((listener) => listener({ type: 'bundle', bundle })),
    async close() {
      await served.close()
      await desk.close()
      store.close()
    },
  }
}
type Machine = Awaited<ReturnType<typeof machine>>

describe.skipIf(!isWindowBuilt() || !requires('browser'))('taking a run home and importing it in the window', () => {
  const home = temporaryFolder()
  const file = join(home, `${RUNS.finished}.zip`)
  let there: Machine
  let here: Machine
  let browser: BrowserPage
  let page: Page

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true })
    there = await machine(makeScreensFolder().folder)
    here = await machine(temporaryFolder())
    browser = await openBrowser(DESK)
    page = browser.page
    page.setDefaultTimeout(30_000)
    await page.emulateMedia({ reducedMotion: 'reduce' })
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await there?.close()
    await here?.close()
    expect(browser?.complaints).toEqual([])
    expect(browser?.strayRequests).toEqual([])
  })

  test('a run is written by keyboard, and a file that is there already is left alone', async () => {
    await page.goto(there.address)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.goto(`${new URL(there.address).origin}/#/runs/${RUNS.finished}`)
    const region = page.getByRole('region', { name: 'Take home' })
    const { press, write } = keyboard(page)
    await region.getByText('Say where to put it.').waitFor()
    await write(region.getByLabel('Where to put it', { exact: true }), home)
    await page.keyboard.press('Tab')
    await region.getByRole('checkbox', { name: 'Leave harmful texts out' }).press('Space')
    await press(region.getByRole('button', { name: 'Take home' }))
    await region.getByText(`Written: ${file}`).waitFor()
    expect(await region.getByRole('status').innerText()).toContain('without harmful texts')
    expect(existsSync(file)).toBe(true)
    expect(await look('take-home-done')).toEqual([])

    await region.getByRole('button', { name: 'Take home' }).click()
    await region.getByRole('alert').getByText('is there already').waitFor()
    const work = { kind: 'takeHome', runId: RUNS.finished } as const
    there.show({ state: 'running', work, done: 123e6, total: null, isStopping: false })
    await region.getByText('123 MB put in so far.').waitFor()
    expect(await look('take-home-running')).toEqual([])
    there.show({ state: 'running', work: { ...work, runId: RUNS.failed }, done: 1, total: null, isStopping: false })
    await region.getByText('Another run is being written or taken in.').waitFor()
    expect(await region.getByRole('button', { name: 'Take home' }).getAttribute('aria-disabled')).toBe('true')
  }, 120_000)

  test('another machine takes it in, says what of it is there, and leads to the run', async () => {
    await page.goto(here.address)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.goto(`${new URL(here.address).origin}/#/runs`)
    await page.getByText('No runs yet').waitFor()
    await page.getByRole('button', { name: 'Import a run' }).press('Enter')
    const region = page.getByRole('region', { name: 'Import a run' })
    const { press, write } = keyboard(page)
    await write(region.getByLabel('File of the run', { exact: true }), join(home, 'another.zip'))
    await press(region.getByRole('button', { name: 'Import', exact: true }))
    await region.getByRole('alert').getByText('Nothing was taken in.').waitFor()

    await write(region.getByLabel('File of the run', { exact: true }), file)
    await press(region.getByRole('button', { name: 'Import', exact: true }))
    await region.getByText(`The run is here as ${RUNS.finished}`).waitFor()
    await region.getByText('Its harmful texts were left out where it comes from.').waitFor()
    await region.getByText(/Model/).waitFor()
    // The list knows it at once.
    await page.getByRole('table').getByText('Thought or answer').first().waitFor()
    expect(await look('import-done')).toEqual([])

    const work = { kind: 'import', file } as const
    here.show({ state: 'running', work, done: 45, total: 100, isStopping: false })
    await region.getByText('Checking it and taking it in: 45%.').waitFor()
    expect(await look('import-running')).toEqual([])
    here.show({ state: 'running', work, done: 45, total: 100, isStopping: true })
    await region.getByText('Stopping.').waitFor()

    await region.getByRole('button', { name: 'Import', exact: true }).waitFor()
    await page.goto('about:blank')
    await page.goto(`${new URL(here.address).origin}/#/runs/${RUNS.finished}`)
    await page.getByRole('heading', { level: 1, name: /Thought or answer/ }).waitFor()
    await page.getByRole('region', { name: 'Take home' }).waitFor()
  }, 120_000)

  test('a trajectory whose text stayed away says so instead of standing empty', async () => {
    await page.goto(`${new URL(here.address).origin}/#/trajectories/1`)
    await page.getByRole('button', { name: 'Reveal', exact: true }).first().press('Enter')
    await page.getByText('No text is recorded here').waitFor()
    expect(await page.getByRole('heading', { name: 'Prompt', exact: true }).count()).toBe(0)
  }, 60_000)

  test('a run that is taken in twice is told apart in the list, and by name before it is deleted', async () => {
    await page.goto(`${new URL(here.address).origin}/#/runs`)
    await page.getByRole('button', { name: 'Import a run' }).click()
    const region = page.getByRole('region', { name: 'Import a run' })
    await region.getByLabel('File of the run', { exact: true }).fill(file)
    await region.getByRole('button', { name: 'Import', exact: true }).click()
    const second = `${RUNS.finished}-imported`
    await region.getByText(`The run is here as ${second}`).waitFor()
    await page.getByRole('table').getByText(second, { exact: true }).waitFor()
    await page.getByRole('button', { name: `Delete ${second}`, exact: true }).click()
    await page.getByRole('dialog').getByText(`Delete ${second}, a run of`).waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByRole('table').getByText(second, { exact: true }).waitFor({ state: 'detached' })
    await page.getByRole('table').getByText(RUNS.finished, { exact: true }).waitFor()
  }, 60_000)

  async function look(name: string): Promise<string[]> {
    const found: string[] = []
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.locator(`.v-application.v-theme--${colorScheme}`).waitFor()
      const region = page.locator('[aria-labelledby=take-home-title], [aria-labelledby=import-title]')
      const { violations } = await new AxeBuilder({ page })
        .setLegacyMode()
        .withTags(RULES)
        .include('[role=region]')
        .analyze()
      found.push(...violations.map(({ id, nodes }) => `${name}, ${colorScheme}: ${id}: ${nodes[0].html}`))
      await region.screenshot({ path: join(PICTURES, `${name}-${colorScheme}.png`) })
    }
    await page.setViewportSize(ZOOMED)
    const beyond = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    if (beyond !== 0) found.push(`${name}: ${String(beyond)} px lie beyond the edge at 200%`)
    await page.setViewportSize(DESK)
    return found
  }
})
