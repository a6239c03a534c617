/** The built window in a real browser, served as `npm run serve` does. */
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeEngine } from '../../src/host/engineChild.ts'
import { createServices, type ServiceOptions } from '../../src/host/services/services.ts'
import { builtWindow } from '../../src/host/window/windowFiles.ts'
import { serveWindow } from '../../src/server/server.ts'
import type { Pushed } from '../../src/shared/rpc/pushed.ts'
import { openStore, type Store } from '../../src/store/openStore.ts'
import { temporaryFolder } from '../temporaryFolder.ts'
import { openBrowser, type BrowserPage } from './browserPage.ts'

export interface OpenWindow extends BrowserPage {
  store: Store
  /** A screen by its address, such as /judges. */
  open(address: string): Promise<void>
  /** Tells the window what no service has said. */
  push(pushed: Pushed): void
}

interface WindowOptions extends Pick<ServiceOptions, 'launch' | 'printPdf'> {
  /** An empty one when absent; closed with the window. */
  store?: Store
  viewport?: { width: number; height: number }
}

/** Needs `npm run build`; `requires('browser')` says whether there is one to drive. */
export function isWindowBuilt(): boolean {
  return existsSync(join(builtWindow, 'index.html'))
}

/** An engine that a file beside this one plays. */
export const playedBy = (file: string) => nodeEngine(fileURLToPath(new URL(file, import.meta.url)))

export async function openWindow({ store: given, viewport, ...options }: WindowOptions = {}): Promise<OpenWindow> {
  const folder = temporaryFolder()
  const store = given ?? openStore(join(folder, 'store.sqlite'))
  const desk = createServices({ store, face: 'browser', ...options })
  const listeners = new Set<(pushed: Pushed) => void>()
  const listen = (listener: (pushed: Pushed) => void) => {
    listeners.add(listener)
    const end = desk.listen(listener)
    return () => void (listeners.delete(listener), end())
  }
  // A copy, which no build changes under the test.
  const files = join(folder, 'window')
  cpSync(builtWindow, files, { recursive: true })
  const served = await serveWindow({ ...desk, listen }, files)
  const browser = await openBrowser(viewport)
  const { page } = browser
  page.setDefaultTimeout(30_000)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.goto(served.address)
  await page.getByRole('heading', { level: 1 }).waitFor()
  return {
    ...browser,
    store,
    async open(address) {
      await page.goto(`${new URL(served.address).origin}/#${address}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
    },
    push: (pushed) => listeners.forEach((listener) => listener(pushed)),
    async close() {
      await browser.close()
      await served.close()
      await desk.close()
      store.close()
    },
  }
}
