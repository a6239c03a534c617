/** The built window in a real browser, served as `npm run serve` does, over an empty store of its own. */
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { nodeEngine } from '../../src/host/engineChild.ts'
import { createServices } from '../../src/host/services/services.ts'
import { builtWindow } from '../../src/host/window/windowFiles.ts'
import { serveWindow } from '../../src/server/server.ts'
import { openStore } from '../../src/store/openStore.ts'
import { browserPath } from '../requirements.ts'

/** Nothing that a browser would do of its own accord. */
export const BROWSER_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface OpenWindow {
  page: Page
  /** Requests that left this machine; a test ends with none. */
  strayRequests: string[]
  /** Errors that the page wrote to its console. */
  complaints: string[]
  close(): Promise<void>
}

/** Needs `npm run build`; `requires('browser')` says whether there is one to drive. */
export function isWindowBuilt(): boolean {
  return existsSync(join(builtWindow, 'index.html'))
}

export async function openWindow(engine = 'actingEngine.ts'): Promise<OpenWindow> {
  const folder = mkdtempSync(join(tmpdir(), 'window-'))
  const store = openStore(join(folder, 'store.sqlite'))
  const launch = nodeEngine(fileURLToPath(new URL(engine, import.meta.url)))
  const desk = createServices({ store, face: 'browser', launch })
  // A copy, which no build changes under the test.
  const files = join(folder, 'window')
  cpSync(builtWindow, files, { recursive: true })
  const served = await serveWindow(desk, files)
  const browser: Browser = await chromium.launch({ executablePath: browserPath() ?? '', args: BROWSER_ARGUMENTS })
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 } })
  const page = await context.newPage()
  const strayRequests: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url())
    if (hostname !== '127.0.0.1' && protocol !== 'data:') strayRequests.push(request.url())
  })
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(served.address)
  return {
    page,
    strayRequests,
    complaints,
    async close() {
      await browser.close()
      await served.close()
      await desk.close()
      store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
