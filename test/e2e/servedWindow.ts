/**
 * The built window in a real browser, served as `npm run serve` does, over an empty store of its own and an acting
 * engine.
 */
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeEngine } from '../../src/host/engineChild.ts'
import { createServices } from '../../src/host/services/services.ts'
import { builtWindow } from '../../src/host/window/windowFiles.ts'
import { serveWindow } from '../../src/server/server.ts'
import { openStore } from '../../src/store/openStore.ts'
import { openBrowser, type BrowserPage } from './browserPage.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

export { BROWSER_ARGUMENTS } from './browserPage.ts'

export type OpenWindow = Omit<BrowserPage, 'context'>

/** Needs `npm run build`; `requires('browser')` says whether there is one to drive. */
export function isWindowBuilt(): boolean {
  return existsSync(join(builtWindow, 'index.html'))
}

export async function openWindow(engine = 'actingEngine.ts'): Promise<OpenWindow> {
  const folder = temporaryFolder()
  const store = openStore(join(folder, 'store.sqlite'))
  const launch = nodeEngine(fileURLToPath(new URL(engine, import.meta.url)))
  const desk = createServices({ store, face: 'browser', launch })
  // A copy, which no build changes under the test.
  const files = join(folder, 'window')
  cpSync(builtWindow, files, { recursive: true })
  const served = await serveWindow(desk, files)
  const browser = await openBrowser()
  await browser.page.goto(served.address)
  return {
    ...browser,
    async close() {
      await browser.close()
      await served.close()
      await desk.close()
      store.close()
    },
  }
}
