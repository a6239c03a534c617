/**
 * Every screen in its states, in both themes: nothing for axe to find, no scrolling sideways at 200% zoom, nothing
 * harmful unasked. A picture of each is left in out/screens, to be looked at.
 */
import AxeBuilder from '@axe-core/playwright'
import { mkdirSync } from 'node:fs'
import { createServer, request as forward, type Server } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServices, type ServiceDesk } from '../../src/host/services/services.ts'
import { builtWindow } from '../../src/host/window/windowFiles.ts'
import { serveWindow, type ServedWindow } from '../../src/server/server.ts'
import type { Pushed } from '../../src/shared/rpc/pushed.ts'
import { createClient } from '../../src/shared/rpcClient.ts'
import { openStore, type Store } from '../../src/store/openStore.ts'
import { requires } from '../requirements.ts'
import { openBrowser, type BrowserPage } from './browserPage.ts'
import { HARMFUL_WORD } from './readingStore.ts'
import { makeScreensFolder, RUNS, type ScreensFolder } from './screensStore.ts'
import { isWindowBuilt } from './servedWindow.ts'

const PICTURES = fileURLToPath(new URL('../../out/screens/', import.meta.url))
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const DESK = { width: 1280, height: 800 }
/** What is left of it at 200%. */
const ZOOMED = { width: 640, height: 400 }

describe.skipIf(!isWindowBuilt() || !requires('browser'))('the screens', () => {
  let made: ScreensFolder
  let store: Store
  let desk: ServiceDesk
  let served: ServedWindow
  let proxy: Proxy
  let browser: BrowserPage
  let page: Page
  const faults: string[] = []
  const listeners = new Set<(pushed: Pushed) => void>()

  beforeAll(async () => {
    made = makeScreensFolder()
    mkdirSync(PICTURES, { recursive: true })
    store = openStore(join(made.folder, 'reflectory.sqlite'))
    desk = createServices({ store, face: 'browser' })
    const client = createClient({ call: desk.call, listen: desk.listen })
    await client.addDataset({ file: made.csv, name: 'Prompts of mine', role: 'harmful', columns: {}, skipBad: true })
    const listen = (listener: (pushed: Pushed) => void) => {
      listeners.add(listener)
      const end = desk.listen(listener)
      return () => void (listeners.delete(listener), end())
    }
    served = await serveWindow({ ...desk, listen }, builtWindow)
    proxy = createProxy(served.address)
    browser = await openBrowser(DESK)
    page = browser.page
    page.setDefaultTimeout(30_000)
    page.on('pageerror', (error) => faults.push(error.message))
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.goto(await proxy.start())
    await page.getByRole('heading', { level: 1 }).waitFor()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await proxy?.stop()
    await served?.close()
    await desk?.close()
    store?.close()
    expect(faults).toEqual([])
  })

  /** Nothing stays revealed: the page is loaded anew. */
  async function open(address: string): Promise<void> {
    await page.goto('about:blank')
    await page.goto(`${proxy.origin}/#${address}`)
    await page.getByRole('heading').first().waitFor()
  }
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true })
  const press = (name: string | RegExp) => button(name).first().click()
  const busy = () => page.locator('#main [aria-busy=true]')
  /** How far the page can be scrolled sideways, in pixels. */
  const sideways = () => page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')

  /** The window follows the system, a moment later. */
  async function inTheme(theme: 'light' | 'dark'): Promise<void> {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    await page.locator(`.v-application.v-theme--${theme}`).waitFor()
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
  }

  /** Without a second page for what frames have to say: there are none. */
  const inOnePage = () => new AxeBuilder({ page }).setLegacyMode()

  async function axe(): Promise<string[]> {
    const { violations } = await inOnePage().withTags(RULES).analyze()
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)
  }
  /** The markup is the same in both themes, so that only contrast is measured twice. */
  async function contrast(): Promise<string[]> {
    const { violations } = await inOnePage().withRules(['color-contrast']).analyze()
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)
  }

  /** Looks at what is on the screen in both themes and at both sizes, and gives what is wrong with it. */
  async function look(name: string): Promise<string[]> {
    await expect.poll(() => busy().count(), { timeout: 30_000 }).toBe(0)
    const found: string[] = []
    await inTheme('dark')
    found.push(...(await contrast()).map((each) => `dark, ${each}`))
    await page.screenshot({ path: join(PICTURES, `${name}-dark.png`) })
    await inTheme('light')
    found.push(...(await axe()))
    await page.screenshot({ path: join(PICTURES, `${name}-light.png`) })
    await page.setViewportSize(ZOOMED)
    const beyond = await sideways()
    if (beyond !== 0) found.push(`${String(beyond)} px lie beyond the edge at 200%`)
    await page.screenshot({ path: join(PICTURES, `${name}-zoomed.png`) })
    await page.setViewportSize(DESK)
    return found.map((each) => `${name}: ${each}`)
  }
  async function lookAt(views: Record<string, () => Promise<unknown>>): Promise<string[]> {
    const found: string[] = []
    for (const [name, show] of Object.entries(views)) {
      await show()
      found.push(...(await look(name)))
    }
    return found
  }

  test('pass in both themes and at 200%: home, runs, a result, a failure', async () => {
    const found = await lookAt({
      home: () => open('/'),
      runs: () => open('/runs'),
      'run-delete': () => press(`Delete ${RUNS.failed}`),
      result: () => open(`/runs/${RUNS.finished}`),
      'run-failed': () => open(`/runs/${RUNS.failed}`),
      'run-missing': () => open('/runs/nothing'),
      'starting-missing': () => open('/starting/nothing'),
      'not-found': () => open('/nowhere'),
    })
    expect(found).toEqual([])
  }, 120_000)

  test('pass: every step of a new study, a file to be chosen, and what is wrong', async () => {
    const step = (name: string) => page.getByRole('navigation', { name: 'Steps' }).getByRole('button', { name }).click()
    const found = await lookAt({
      'new-study': () => open('/new-study'),
      'study-model': () => press('Start from this: SFT versus RL'),
      'study-devices': async () => {
        await press('Try the devices')
        await button('Try them again').waitFor()
      },
      'study-data': () => step('Data'),
      'study-file': () => press('A file'),
      'study-picker': () => press(/^Browse: File/),
      'study-arms': async () => {
        await press('Cancel')
        await step('Arms')
      },
      'study-rewards': () => step('Rewards'),
      'study-judged': async () => {
        await page.getByText('Try it on this text').click()
        await page.getByRole('textbox', { name: 'Text to be judged' }).fill('Wait for the tide.')
        await press('Judge this text')
        await page.getByRole('heading', { name: 'Verdicts' }).waitFor()
      },
      'study-evaluation': () => step('Evaluation'),
      'study-refused': () => step('Review'),
      'study-review': async () => {
        await step('Data')
        await press('Remove the data source file')
        await step('Review')
        await page.getByText('Optimizer steps', { exact: true }).waitFor()
      },
    })
    expect(found).toEqual([])
  }, 120_000)

  test('pass: trajectories listed, filtered, read, side by side, long and strange', async () => {
    const thought = page.getByRole('group', { name: /^Thought/ })
    const found = await lookAt({
      list: () => open('/trajectories'),
      filters: () => press(/^Filters/),
      'list-empty': () => open('/trajectories?search=nosuchword'),
      'detail-hidden': () => open('/trajectories/1'),
      detail: async () => {
        await press('Reveal')
        await thought.focus()
        await page.keyboard.press('ArrowRight')
      },
      'side-by-side': async () => {
        await press(/^Show the same prompt/)
        await page.getByRole('list', { name: 'Trajectories of this prompt' }).scrollIntoViewIfNeeded()
      },
      'detail-strange': () => open(`/trajectories/${made.count - 1}`),
      'detail-long': () => open(`/trajectories/${made.count}`),
      shortcuts: () => page.keyboard.press('?'),
    })
    expect(found).toEqual([])
  }, 120_000)

  test('pass: models, data sets, diagnostics, settings, and a folder that is refused', async () => {
    const found = await lookAt({
      models: () => open('/models'),
      model: async () => {
        await page.getByRole('link', { name: 'Open: Harbor' }).click()
        await page.getByRole('heading', { name: 'Its chat template' }).waitFor()
      },
      'model-gone': async () => {
        await open('/models/open?model=/nowhere')
        await page.getByRole('alert').waitFor()
      },
      'model-unnamed': () => open('/models/open'),
      'model-refused': async () => {
        await open('/models')
        await page.getByRole('textbox', { name: 'Folder of the model' }).fill(made.model)
        await press('Look into it')
        await page.getByRole('alert').waitFor()
      },
      'data-sets': () => open('/data-sets'),
      'data-set-found': async () => {
        await page.getByRole('textbox', { name: 'File' }).fill(made.csv)
        await press('Look into it')
        await page.getByRole('combobox', { name: 'What it holds' }).press('ArrowDown')
        await page.getByRole('option', { name: 'requests to be refused' }).press('Enter')
        await page.getByText('Hidden: examples that may be harmful').waitFor()
        expect(await page.content()).not.toContain(HARMFUL_WORD)
      },
      'data-set-revealed': async () => {
        await press('Reveal')
        await page.getByText(HARMFUL_WORD).first().waitFor()
      },
      diagnostics: async () => {
        await open('/diagnostics')
        await page.getByRole('heading', { name: 'Devices' }).waitFor()
      },
      settings: () => open('/settings'),
    })
    expect(found).toEqual([])
  }, 120_000)

  test('pass: samples of the real model beside each other, hidden where the prompt counts as harmful', async () => {
    const found = await lookAt({
      'try-it': () => open('/try-it'),
      'try-hidden': async () => {
        await page.getByRole('textbox', { name: 'Prompt' }).fill('how do i polish a lantern ?')
        await press('Sample')
        await page.getByText('Hidden: answers to a prompt that counts as harmful').waitFor()
        expect(await page.getByRole('heading', { name: /^Sample/ }).count()).toBe(0)
      },
      'try-revealed': async () => {
        await press('Reveal')
        await page.getByRole('heading', { name: 'Sample 2' }).waitFor()
      },
    })
    expect(found).toEqual([])
  }, 120_000)

  test('keep harmful words out of the page until they are asked for, and take them out again', async () => {
    const list = '/trajectories'
    for (const address of [`/runs/${RUNS.reading}`, list, `${list}?search=${HARMFUL_WORD}`, `${list}/1`]) {
      await open(address)
      await page.getByText(/^Hidden: harmful or judged unsafe/).first().waitFor()
      expect(await page.content(), address).not.toContain(`${HARMFUL_WORD} off`)
    }
    await press(/^Show the same prompt/)
    await page.getByRole('list', { name: 'Trajectories of this prompt' }).waitFor()
    expect(await page.content()).not.toContain(HARMFUL_WORD)
    await open(`/runs/${RUNS.reading}`)
    await press('Reveal hidden texts')
    await page.getByText(HARMFUL_WORD).first().waitFor()
    await press('Hide texts')
    await expect.poll(() => page.content()).not.toContain(HARMFUL_WORD)
  }, 120_000)

  test('hold a line of a megabyte and marks of direction without breaking', async () => {
    for (const address of [`/trajectories?runId=${RUNS.finished}&role=benign`, `/runs/${RUNS.finished}`]) {
      await open(address)
      await page.getByText('[U+202E]').first().waitFor()
      expect(await sideways(), address).toBe(0)
    }
    await open(`/trajectories?runId=${RUNS.finished}&role=benign`)
    const row = page.getByRole('option')
    await row.first().waitFor()
    expect(await row.count()).toBe(1)
    expect((await row.boundingBox())?.height).toBeLessThan(100)
    await row.click()
    const reader = page.getByRole('region', { name: 'Trajectory', exact: true })
    // A line of a megabyte takes its time where other tests have the processor.
    await reader.getByText('turned').first().waitFor({ timeout: 90_000 })
    // What would turn the line around is shown by its code and is not in the page; the text is apart from the rest.
    expect(await page.evaluate('/[\\u202a-\\u202e\\u2066-\\u2069]/.test(document.body.textContent)')).toBe(false)
    const texts = `[...document.querySelectorAll('.reader .model-text')]`
    const styles = `${texts}.map((text) => getComputedStyle(text).unicodeBidi)`
    expect(new Set(await page.evaluate<string[]>(styles))).toEqual(new Set(['isolate']))
    const beyond = `(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('.reader'))`
    expect(await page.evaluate(beyond)).toBe(0)
    expect(await reader.locator('b').count()).toBe(0)
  }, 120_000)

  test('draw 10,000 steps that are pushed, and have the last of them in the table', async () => {
    await open(`/runs/${RUNS.finished}`)
    const chart = page.getByRole('figure').first()
    await chart.getByText('Table').click()
    await chart.getByRole('columnheader', { name: 'sft · seed 0' }).waitFor()
    for (let from = 300; from < 10_300; from += 500) {
      const steps = Array.from({ length: 500 }, (_, i) => ({ step: from + i, metrics: { reward: Math.sin(from + i) } }))
      const pushed: Pushed = { type: 'steps', runId: RUNS.finished, arm: 'sft', seed: 0, steps }
      listeners.forEach((listener) => listener(pushed))
    }
    await chart.getByRole('rowheader', { name: '10299' }).waitFor()
    expect(await chart.getByRole('row').count()).toBeLessThan(70)
  }, 60_000)

  test('move little where less motion is asked for', async () => {
    await open('/settings')
    const durations = `Math.max(...[...document.querySelectorAll('*')].map((each) => {
      const { transitionDuration, animationDuration } = getComputedStyle(each)
      return Math.max(parseFloat(transitionDuration), parseFloat(animationDuration) || 0)
    }))`
    expect(await page.evaluate(durations)).toBeLessThan(0.001)
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    await page.reload()
    await page.getByRole('switch', { name: 'Less motion' }).or(page.getByLabel('Less motion')).first().waitFor()
    expect(await page.evaluate(durations)).toBeGreaterThan(0.01)
    await page.emulateMedia({ reducedMotion: 'reduce' })
  })

  test('say that the connection is lost and what to do, and go on by themselves when it is back', async () => {
    await open('/runs')
    await page.getByRole('link', { name: 'Out of memory' }).waitFor()
    await proxy.stop()
    await page.getByText('Reflectory does not answer.').first().waitFor()
    expect(await axe()).toEqual([])
    await page.screenshot({ path: join(PICTURES, 'lost-light.png') })
    await proxy.start()
    await page.getByText('Reflectory answers again.').waitFor()
    expect(await page.getByText('Reflectory does not answer.').count()).toBe(0)
    await page.getByRole('link', { name: 'Out of memory' }).click()
    await page.getByRole('heading', { name: 'Out of memory', level: 1 }).waitFor()
  })
})

interface Proxy {
  /** Listens again at the same port; gives the address to open. */
  start(): Promise<string>
  /** Cuts every connection. */
  stop(): Promise<void>
  readonly origin: string
}

/** Stands before the server, so that the way to it can be cut and mended while the server goes on. */
function createProxy(address: string): Proxy {
  const target = new URL(address)
  let port = 0
  let server: Server | undefined
  const origin = () => `http://127.0.0.1:${port}`

  function listening(): Promise<void> {
    server = createServer((incoming, outgoing) => {
      const { method, url, headers } = incoming
      const from = headers.origin === undefined ? {} : { origin: target.origin }
      const to = { host: target.hostname, port: target.port, method, path: url }
      const onward = forward({ ...to, headers: { ...headers, host: target.host, ...from } }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers).flushHeaders()
        answer.pipe(outgoing)
      })
      onward.on('error', () => outgoing.destroy())
      outgoing.on('close', () => onward.destroy())
      incoming.pipe(onward)
    })
    return new Promise((resolve) => server?.listen(port, '127.0.0.1', resolve))
  }
  return {
    get origin() {
      return origin()
    },
    async start() {
      await listening()
      const found = server?.address()
      if (typeof found === 'object' && found !== null) port = found.port
      return `${origin()}/${target.search}`
    },
    async stop() {
      const closing = server
      server = undefined
      if (!closing) return
      const closed = new Promise<void>((resolve) => closing.close(() => resolve()))
      closing.closeAllConnections()
      await closed
    },
  }
}
