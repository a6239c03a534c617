/** A Chromium of Debian's for one test file, which writes down every request beyond this machine. */
import { chromium, type BrowserContext, type Page } from 'playwright-core'
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

export interface BrowserPage {
  context: BrowserContext
  page: Page
  /** Requests that left this machine, by any page of the browser; a test ends with none. */
  strayRequests: string[]
  /** Errors that a page wrote to its console. */
  complaints: string[]
  close(): Promise<void>
}

export async function openBrowser(viewport = { width: 1360, height: 900 }): Promise<BrowserPage> {
  const browser = await chromium.launch({ executablePath: browserPath() ?? '', args: BROWSER_ARGUMENTS })
  const context = await browser.newContext({ viewport })
  const strayRequests: string[] = []
  const complaints: string[] = []
  context.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url())
    if (hostname !== '127.0.0.1' && protocol !== 'data:') strayRequests.push(request.url())
  })
  context.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  context.on('weberror', (error) => complaints.push(error.error().message))
  return { context, page: await context.newPage(), strayRequests, complaints, close: () => browser.close() }
}
