/** Makes a PDF of a report with a Chromium that is on the machine; nothing is fetched. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ReflectoryError } from '../../shared/errors.ts'

/** Prints a whole HTML page. */
export type PrintPdf = (html: string) => Promise<Uint8Array>

const LONGEST_MS = 120_000
const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'chrome.exe',
  'msedge.exe',
]
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]
const REMEDY =
  'Install Chromium or Chrome, or name one in REFLECTORY_BROWSER; or open the HTML file in a browser and print it ' +
  'there.'

/** A program of the Chromium family, or undefined. REFLECTORY_BROWSER names another. */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  return [environment.REFLECTORY_BROWSER ?? '', ...onPath, ...PLACES].find((file) => file !== '' && existsSync(file))
}

/** Throws 'bad-argument' where there is no browser to print with. */
export async function printWithChromium(html: string, browser = findChromium()): Promise<Uint8Array> {
  if (browser === undefined)
    throw new ReflectoryError('bad-argument', 'PDF', 'no Chromium was found to print it with', REMEDY)
  const folder = await mkdtemp(join(tmpdir(), 'reflectory-report-'))
  const [page, pdf] = [join(folder, 'report.html'), join(folder, 'report.pdf')]
  try {
    await writeFile(page, html)
    await run(browser, [
      '--headless',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--user-data-dir=${join(folder, 'profile')}`,
      // Its own sandbox refuses to work for the administrator; the page has no script.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--no-pdf-header-footer',
      // Sections as bookmarks.
      '--generate-pdf-document-outline',
      `--print-to-pdf=${pdf}`,
      pathToFileURL(page).href,
    ])
    return await readFile(pdf)
  } catch (error) {
    if (error instanceof ReflectoryError) throw error
    throw new ReflectoryError('bad-argument', 'PDF', `${browser} did not print it`, REMEDY, { cause: error })
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function run(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: 'ignore',
      windowsHide: true,
      timeout: LONGEST_MS,
      killSignal: 'SIGKILL',
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => (code === 0 ? resolve() : reject(new Error(`ended with ${signal ?? code}`))))
  })
}
