/** A report in Chromium: names that would break out stay text, nothing is asked for, nothing runs, and it becomes a PDF. */
import AxeBuilder from '@axe-core/playwright'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, printWithChromium } from '../../../src/host/report/printer.ts'
import { StudyConfig } from '../../../src/shared/study.ts'
import { browserPath, requires } from '../../requirements.ts'
import { BROWSER_ARGUMENTS } from '../../e2e/browserPage.ts'
import { measures, plan, result, study, trajectory } from '../../sampleStudy.ts'
import { record, report, type Recording } from './recordedRuns.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const NASTY = `"'></title></style></svg><script>window.ran = 1</script><img src="https://example.org/x.png" onerror="window.ran = 2">`
const TURNED = '\u202eשלום עולם\u2067'
const ENDLESS = `${NASTY}${TURNED}${'x'.repeat(10_000)}`

/** A study in which whoever could name something did so to break the page. */
function hostile(): Recording {
  const data = { [ENDLESS]: { harbor: 'harmful' }, pairs: { harbor: 'sft' } }
  const config = StudyConfig.parse({
    ...study,
    name: 'שם of a study',
    description: `${NASTY}${TURNED}`,
    reflectionCues: [NASTY, TURNED, 'z'.repeat(5_000)],
    data,
    evaluation: { sources: [ENDLESS] },
    arms: [
      { name: 'base', method: 'base' },
      { name: 'sft', method: 'sft', data: 'pairs' },
    ],
  })
  const names = [ENDLESS, TURNED, NASTY]
  const byCategory = Object.fromEntries(names.map((name) => [name, measures.byCategory.theft]))
  const [base, rl] = result.arms
  const arms = [
    { ...base, byCategory },
    { ...rl, name: 'sft', byCategory },
  ]
  const prompt = { ...trajectory('').prompt, category: ENDLESS, text: ENDLESS }
  const split = { state: 'complete' as const, thought: ENDLESS, response: NASTY }
  const verdicts = trajectory('')
    .verdicts.slice(0, 3)
    .map((verdict) => ({ ...verdict, judge: ENDLESS, kind: 'unscorable' as const, reason: `broken ${ENDLESS}` }))
  return {
    planned: {
      ...plan,
      study: config,
      model: { ...plan.model, name: ENDLESS, chatTemplate: NASTY, architecture: NASTY },
      sources: [{ ...plan.sources[0], name: ENDLESS, origin: NASTY }],
      judges: [ENDLESS],
      device: NASTY,
      arms: [plan.arms[0], { arm: 'sft', seed: 0, method: 'sft', steps: 2 }],
    },
    result: { ...result, study: config.name, model: ENDLESS, judges: [ENDLESS], arms },
    items: [trajectory('evaluation/0/harmful-1/0', { prompt, split, verdicts })],
  }
}

describe.skipIf(!requires('browser'))('a report in a browser', () => {
  let browser: Browser
  const folder = temporaryFolder()
  beforeAll(
    async () =>
      void (browser = await chromium.launch({ executablePath: browserPath() ?? '', args: BROWSER_ARGUMENTS })),
  )
  afterAll(() => browser?.close())

  async function opened(html: string, width = 900) {
    const file = join(folder, 'report.html')
    writeFileSync(file, html)
    const context = await browser.newContext({ viewport: { width, height: 900 } })
    const page = await context.newPage()
    const seen: string[] = []
    page.on('request', (request) => request.url() !== pathToFileURL(file).href && seen.push(request.url()))
    page.on('console', (message) => seen.push(message.text()))
    page.on('pageerror', (error) => seen.push(error.message))
    await page.goto(pathToFileURL(file).href)
    return { page, seen }
  }

  test('stays one page of text whatever its names say: no request, no script, no word in the console', async () => {
    const { page, seen } = await opened(report(record(hostile()), { reveal: true }))
    expect(seen).toEqual([])
    expect(await page.evaluate('window.ran')).toBeUndefined()
    expect(await page.evaluate('document.querySelectorAll("script, img, iframe, link, object").length')).toBe(0)
    expect(await page.title()).toBe('Report: שם of a study')
    // Every section is where it belongs, and the last one is whole.
    expect(await page.locator('main > section').count()).toBe(13)
    expect(await page.locator('main > section').last().getByRole('heading').first().textContent()).toBe('13. Examples')
    await page.context().close()
  })

  test('is no wider than its window, with names of any length', async () => {
    for (const width of [1200, 640]) {
      const { page } = await opened(report(record(hostile()), { reveal: true }), width)
      expect(
        await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
        `${width}`,
      ).toBe(0)
      await page.context().close()
    }
  })

  test('gives axe nothing to find', async () => {
    const { page } = await opened(report(record()))
    // The page's own policy keeps axe out as it keeps everything out, so axe looks at the same page without it.
    const html = (await page.content()).replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '')
    await page.goto('about:blank')
    await page.setContent(html)
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)).toEqual([])
    await page.context().close()
  })

  test('becomes a PDF', async () => {
    const pdf = Buffer.from(await printWithChromium(report(record()), browserPath()))
    expect(pdf.subarray(0, 5).toString('latin1')).toBe('%PDF-')
    expect(pdf.length).toBeGreaterThan(20_000)
    // Bookmarks of the sections, and tags for those who hear it.
    for (const part of ['/Outlines', '/StructTreeRoot']) expect(pdf.includes(part), part).toBe(true)
  }, 60_000)
})

test('says what to do where there is no browser, or one that does not print', async () => {
  expect(findChromium({ PATH: '' })).toBeUndefined()
  expect(findChromium({ PATH: '', REFLECTORY_BROWSER: process.execPath })).toBe(process.execPath)
  await expect(printWithChromium('<p>', process.execPath)).rejects.toThrow(
    /did not print it\. Install Chromium or Chrome/,
  )
})
