/** The report of a run, saved from its screen: what comes is a page of its own, without harmful text unless it was asked for. */
import AxeBuilder from '@axe-core/playwright'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../../src/store/openStore.ts'
import { requires } from '../requirements.ts'
import { makeScreensFolder, RUNS } from './screensStore.ts'
import { isWindowBuilt, openWindow, type OpenWindow } from './servedWindow.ts'

describe.skipIf(!isWindowBuilt() || !requires('browser'))('a report from the window', () => {
  let opened: OpenWindow

  beforeAll(async () => {
    const store = openStore(join(makeScreensFolder().folder, 'reflectory.sqlite'))
    opened = await openWindow({ store, printPdf: () => Promise.resolve(Buffer.from('%PDF-1.7')) })
  }, 60_000)
  afterAll(() => opened?.close())

  test('is saved as a page and as a PDF by keyboard, with examples only where they are asked for', async () => {
    const { page, complaints } = opened
    await page.goto('about:blank')
    await opened.open(`/runs/${RUNS.finished}`)
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
