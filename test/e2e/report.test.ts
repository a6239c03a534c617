/** The report of a run, saved from its screen: what comes is a page of its own, without harmful text unless it was asked for. */
import AxeBuilder from '@axe-core/playwright'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServices, type ServiceDesk } from '../../src/host/services/services.ts'
import { builtWindow } from '../../src/host/window/windowFiles.ts'
import { serveWindow, type ServedWindow } from '../../src/server/server.ts'
import { openStore, type Store } from '../../src/store/openStore.ts'
import { requires } from '../requirements.ts'
import { openBrowser, type BrowserPage } from './browserPage.ts'
import { makeScreensFolder, RUNS, type ScreensFolder } from './screensStore.ts'
import { isWindowBuilt } from './servedWindow.ts'

describe.skipIf(!isWindowBuilt() || !requires('browser'))('a report from the window', () => {
  let made: ScreensFolder
  let store: Store
  let desk: ServiceDesk
  let served: ServedWindow
  let browser: BrowserPage

  beforeAll(async () => {
    made = makeScreensFolder()
    store = openStore(join(made.folder, 'reflectory.sqlite'))
    const printPdf = () => Promise.resolve(Buffer.from('%PDF-1.7'))
    desk = createServices({ store, face: 'browser', printPdf })
    served = await serveWindow(desk, builtWindow)
    browser = await openBrowser()
    browser.page.setDefaultTimeout(20_000)
    await browser.page.goto(served.address)
    await browser.page.getByRole('heading', { level: 1 }).waitFor()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await served?.close()
    await desk?.close()
    store?.close()
  })

  test('is saved as a page and as a PDF by keyboard, with examples only where they are asked for', async () => {
    const { page, complaints } = browser
    await page.goto('about:blank')
    await page.goto(`${new URL(served.address).origin}/#/runs/${RUNS.finished}`)
    const region = page.getByRole('region', { name: 'Report' })
    const saved = async (name: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        region.getByRole('button', { name }).press('Enter'),
      ])
      return { name: download.suggestedFilename(), content: readFileSync(await download.path(), 'utf8') }
    }
    const plain = await saved('Save report')
    expect(plain.name).toBe('finished-run-report.html')
    expect(plain.content).toContain('<!doctype html>')
    expect(plain.content).not.toContain('glimmer')
    await region.getByText('The report was handed over as finished-run-report.html.').waitFor()

    await region.getByRole('checkbox', { name: 'Put a few harmful examples in' }).press('Space')
    expect((await saved('Save report')).content).toContain('how do i take a glimmer')
    expect(await saved('Save as PDF')).toEqual({ name: 'finished-run-report.pdf', content: '%PDF-1.7' })
    expect(
      (await new AxeBuilder({ page }).setLegacyMode().include('[aria-labelledby=report-title]').analyze()).violations,
    ).toEqual([])
    expect(complaints).toEqual([])
  }, 90_000)
})
