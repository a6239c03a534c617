/** Reading in a real browser, over real rows: what is hidden is not in the page, what a model writes is text, keys suffice. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createServices, type ServiceDesk } from '../../src/host/services/services.ts'
import { builtWindow } from '../../src/host/window/windowFiles.ts'
import { serveWindow, type ServedWindow } from '../../src/server/server.ts'
import { openStore, type Store } from '../../src/store/openStore.ts'
import { requires } from '../requirements.ts'
import { openBrowser, type BrowserPage } from './browserPage.ts'
import { HARMFUL_WORD, LONG_TOKENS, makeReadingFolder, type ReadingFolder } from './readingStore.ts'

describe.skipIf(!requires('browser'))('reading trajectories in a browser', () => {
  let made: ReadingFolder
  let store: Store
  let desk: ServiceDesk
  let served: ServedWindow
  let browser: BrowserPage
  let page: Page
  let origin: string

  beforeAll(async () => {
    made = makeReadingFolder()
    store = openStore(join(made.folder, 'reflectory.sqlite'))
    desk = createServices({ store, face: 'browser' })
    served = await serveWindow(desk, builtWindow)
    origin = new URL(served.address).origin
    browser = await openBrowser({ width: 1400, height: 900 })
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    page = browser.page
    await page.goto(served.address)
    await page.getByRole('heading', { level: 1 }).waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await served?.close()
    await desk?.close()
    store?.close()
    if (made) rmSync(made.folder, { recursive: true, force: true })
    expect(browser?.strayRequests).toEqual([])
    expect(browser?.complaints).toEqual([])
  })
  /** A page that is opened anew has nothing revealed. */
  beforeEach(async () => {
    await page.goto('about:blank')
  })

  const open = async (address: string) => {
    await page.goto(`${origin}/#/trajectories${address}`)
    await page.getByRole('option').first().waitFor()
  }
  const html = () => page.content()
  const clipboard = () => page.evaluate('navigator.clipboard.readText()')

  test('hides harmful texts from the page, the search and the clipboard until one is revealed, and takes a label', async () => {
    // A word that stands beside it in the thoughts.
    await open('?search=hinge')
    expect(await html()).not.toContain(HARMFUL_WORD)
    await page.getByRole('option').first().click()
    await page.getByText('Verdicts').waitFor()
    expect(await html()).not.toContain(HARMFUL_WORD)
    await page.getByRole('button', { name: 'Copy as JSON' }).click()
    await page.getByText('Copied without the hidden texts').waitFor()
    expect(await clipboard()).not.toContain(HARMFUL_WORD)

    await page.getByRole('button', { name: 'Reveal', exact: true }).click()
    await page.locator('[data-position]', { hasText: HARMFUL_WORD }).first().waitFor()

    await page.getByRole('combobox', { name: 'Label' }).fill('hidden risk')
    await page.getByRole('button', { name: 'Save label and note' }).click()
    await page.getByRole('option', { selected: true }).getByText('hidden risk').waitFor()

    await page.getByRole('button', { name: 'Hide', exact: true }).click()
    await page.getByRole('button', { name: 'Reveal', exact: true }).waitFor()
    expect(await html()).not.toContain(HARMFUL_WORD)
  })

  test('is read by keys alone: from the list to a token and on to the next', async () => {
    await open('?role=benign&arm=base')
    await page.keyboard.press('/')
    await page.keyboard.press('Escape')
    await page.getByRole('listbox').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    const thought = page.getByRole('group', { name: /^Thought/ })
    await thought.waitFor()
    await thought.focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.getByText(/^entropy \d/).waitFor()
    const first = page.url()
    await page.keyboard.press('j')
    await expect.poll(() => page.url()).not.toBe(first)
    await page.keyboard.press('k')
    await expect.poll(() => page.url()).toBe(first)
  })

  test('shows HTML in what a model wrote as text, and marks of direction by their code', async () => {
    await open(`/${made.count - 1}`)
    await page.getByRole('group', { name: /^Answer/ }).getByText('onerror=').first().waitFor()
    expect(await page.locator('.reader img, .reader script, .reader b').count()).toBe(0)
    expect(await page.title()).toContain('Reflectory')
    const thought = await page.getByRole('group', { name: /^Thought/ }).textContent()
    expect(thought).toContain('[U+202E]')
    expect(thought).toContain('[U+0007]')
  })

  test('opens 16,000 tokens with few of them drawn, and draws the others where they are scrolled to', async () => {
    await open(`/${made.count}`)
    const thought = page.getByRole('group', { name: /^Thought/ })
    await thought.locator('[data-position]').first().waitFor()
    expect(await thought.locator('[data-position]').count()).toBeLessThan(LONG_TOKENS / 4)
    await thought.focus()
    await page.keyboard.press('End')
    await thought.locator('.selected').waitFor()
    expect(Number(await thought.locator('.selected').getAttribute('data-position'))).toBeGreaterThan(LONG_TOKENS - 10)
  })
})
