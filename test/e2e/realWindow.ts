/**
 * The program as `npm run serve` starts it: a server process, the real engine, real SQLite and Harbor, and a
 * browser before it. Closing it fails the test where anything, page or process, asked for something beyond this
 * machine.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { openBrowser, type BrowserPage } from './browserPage.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

const program = fileURLToPath(new URL('../../src/server/main.ts', import.meta.url))
const guard = new URL('offlineProcess.ts', import.meta.url).href
const ENDS_WITHIN_MS = 20_000

export interface RealWindow extends BrowserPage {
  storeFile: string
  /** The window once more, in the same browser, after its page was closed. */
  reopen(): Promise<Page>
  /** The processes that train, sample and judge for this server. */
  enginePids(): number[]
}

export async function openRealWindow(): Promise<RealWindow> {
  const folder = temporaryFolder()
  const strayLog = join(folder, 'strays')
  const server = spawn(process.execPath, ['--import', guard, program, '--data', folder], {
    env: { ...process.env, STRAY_LOG: strayLog },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  const address = await addressFrom(server.stdout, server.stderr)
  const browser = await openBrowser()
  browser.page.setDefaultTimeout(30_000)
  await browser.page.goto(address)

  const strays = () => [
    ...browser.strayRequests,
    ...(existsSync(strayLog) ? readFileSync(strayLog, 'utf8').trim().split('\n') : []),
  ]
  return {
    ...browser,
    storeFile: join(folder, 'reflectory.sqlite'),
    enginePids: () => childrenOf(server.pid ?? -1).filter((pid) => commandOf(pid).includes('engine')),
    async reopen() {
      const page = await browser.context.newPage()
      page.setDefaultTimeout(30_000)
      await page.goto(new URL('/', address).href)
      return page
    },
    async close() {
      await browser.close()
      server.kill('SIGTERM')
      const late = setTimeout(() => server.kill('SIGKILL'), ENDS_WITHIN_MS)
      await ended
      clearTimeout(late)
      const [left, complaints] = [strays(), browser.complaints]
      if (left.length > 0) throw new Error(`something left this machine:\n${left.join('\n')}`)
      if (complaints.length > 0) throw new Error(`the page complained:\n${complaints.join('\n')}`)
    },
  }
}

async function addressFrom(output: NodeJS.ReadableStream, errors: NodeJS.ReadableStream): Promise<string> {
  let said = ''
  errors.setEncoding('utf8').on('data', (text: string) => (said += text))
  for await (const chunk of output.setEncoding('utf8')) {
    said += String(chunk)
    const address = /http:\/\/\S+/.exec(said)
    // Whoever waits for more would close the stream, and the server with it.
    if (address) return address[0]
  }
  throw new Error(`the server ended: ${said}`)
}

/** Linux's own list of processes; whoever needs it says so and is skipped elsewhere. */
export const listsProcesses = existsSync('/proc/self/stat')

function childrenOf(parent: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map(Number).filter((pid) => {
    // 'pid (name) state parent …'; a name may hold blanks and brackets.
    const [, ppid] = /\) \S (\d+)[^)]*$/.exec(read(`/proc/${pid}/stat`)) ?? []
    return Number(ppid) === parent
  })
}

const commandOf = (pid: number): string => read(`/proc/${pid}/cmdline`)

/** Empty where the process has ended meanwhile. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
