/**
 * `npm run bench -- window [--rows n] [--folder F]`: what a person at the window waits for, in Debian's Chromium.
 * Each figure is taken several times.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { nodeEngine } from '../src/host/engineChild.ts'
import { createServices } from '../src/host/services/services.ts'
import { builtWindow } from '../src/host/window/windowFiles.ts'
import { serveWindow } from '../src/server/server.ts'
import { StudyConfig } from '../src/shared/study.ts'
import { openStore, type Store } from '../src/store/openStore.ts'
import { openBrowser } from '../test/e2e/browserPage.ts'
import { browserPath } from '../test/requirements.ts'
import { EARLY_STEPS, EVENTS_PER_SECOND, STEPS } from './eventRate.ts'
import { workOf, type Work } from './mainThread.ts'
import { LONG_ROWS, LONG_TOKENS, openBenchStore } from './millionRows.ts'
import { benchRecording } from './recordingCost.ts'
import { spread, verdictOf } from './verdict.ts'

type Say = (line: string) => void

const USABLE_MS = 2000
const OPENED_MS = 300
const LONGEST_TASK_MS = 50
const TURNS = 5
const SCROLLED_MS = 10_000
const WATCHED_MS = 10_000

export async function benchWindow(rows: number, folder: string | null, say: Say): Promise<void> {
  if (browserPath() === undefined) throw new Error('no Chromium was found (Debian: apt-get install chromium)')
  await import('../scripts/buildWindow.ts')
  await benchStart(say)
  await benchMonitor(say)
  const made = openBenchStore(rows, folder, say)
  try {
    await benchReading(made.store, rows, say)
  } finally {
    made.close()
  }
  await benchRecording(3, say)
}

function sayTimes(name: string, times: readonly number[], limit: number, say: Say): void {
  const { best, median, worst } = spread(times.map(Math.round))
  const figures = `median ${median} ms, best ${best}, worst ${worst}`
  say(`${name.padEnd(40)} ${figures}   (under ${limit})   ${verdictOf(median, limit, worst)}`)
}

/**
 * From the start of the server's process, cold, until the home screen can be used; a browser is open already, its
 * cache empty.
 */
async function benchStart(say: Say): Promise<void> {
  const [servers, pages, wholes]: number[][] = [[], [], []]
  for (let turn = 0; turn < TURNS; turn++) {
    const folder = mkdtempSync(join(tmpdir(), 'reflectory-bench-'))
    const browser = await openBrowser()
    const start = performance.now()
    const program = fileURLToPath(new URL('../src/server/main.ts', import.meta.url))
    const server = spawn(process.execPath, [program, '--data', folder], { stdio: ['ignore', 'pipe', 'ignore'] })
    try {
      const address = await addressOf(server)
      const served = performance.now()
      await browser.page.goto(address)
      await browser.page.getByRole('heading', { name: 'No runs yet' }).waitFor()
      const usable = performance.now()
      servers.push(served - start)
      pages.push(usable - served)
      wholes.push(usable - start)
    } finally {
      await browser.close()
      const ended = new Promise((resolve) => server.once('exit', resolve))
      server.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    }
  }
  sayTimes('first window usable', wholes, USABLE_MS, say)
  const [server, page] = [servers, pages].map((times) => Math.round(spread(times).median))
  say(`  of it the server ${server} ms, the page ${page} ms (medians)`)
}

async function addressOf({ stdout }: ChildProcess): Promise<string> {
  for await (const chunk of stdout ?? []) {
    const address = /http:\/\/\S+/.exec(String(chunk))
    if (address) return address[0]
  }
  throw new Error('the server ended')
}

function sayTasks(name: string, works: readonly Work[], say: Say): void {
  const own = spread(works.map(({ longest }) => longest.processor))
  const clock = spread(works.map(({ longest }) => longest.clock))
  const figures = `${own.median.toFixed(1)} ms of the processor's time, worst ${own.worst.toFixed(1)}`
  const byClock = `by the clock ${Math.round(clock.median)} ms, best ${Math.round(clock.best)}`
  const verdict = verdictOf(own.median, LONGEST_TASK_MS, own.worst)
  say(`${name.padEnd(40)} ${figures}; ${byClock}   (under ${LONGEST_TASK_MS})   ${verdict}`)
}

/** Scrolls, and opens the long ones at the end, over a store that is large. */
async function benchReading(store: Store, rows: number, say: Say): Promise<void> {
  const desk = createServices({ store, face: 'browser' })
  const served = await serveWindow(desk, builtWindow)
  const browser = await openBrowser()
  const { page } = browser
  try {
    await page.goto(served.address)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.goto(new URL('/#/trajectories', served.address).href)
    await page.getByRole('option').first().waitFor()
    await wait(1000)
    const works: Work[] = []
    for (let turn = 0; turn < 3; turn++) {
      works.push(await workOf(page, () => page.evaluate(scroll)))
      await wait(500)
    }
    sayTasks(`scrolling ${rows.toLocaleString('en')} rows, longest task`, works, say)

    // Some of the long ones were judged unsafe.
    await page.getByRole('button', { name: /^Reveal harmful texts/ }).click()
    await page.getByRole('button', { name: 'Last' }).click()
    await page.getByText('long', { exact: true }).first().waitFor()
    await wait(1000)
    let times: number[] = []
    const before = process.cpuUsage()
    const { busy } = await workOf(page, async () => {
      times = z.array(z.number()).parse(await page.evaluate(openLongOnes))
    })
    const { user, system } = process.cpuUsage(before)
    say(`opening the first trajectory, with its tokenizer to load: ${Math.round(times[0])} ms`)
    sayTimes(`opening ${LONG_TOKENS.toLocaleString('en')} tokens with heat`, times.slice(1), OPENED_MS, say)
    const each = (ms: number) => Math.round(ms / LONG_ROWS)
    const [ofPage, ofServer] = [each(busy), each((user + system) / 1000)]
    say(`  of it ${ofPage} ms of the page's processor time, ${ofServer} of the server's; the rest is the tokenizer's`)
  } finally {
    await browser.close()
    await served.close()
    await desk.close()
  }
}

/** Four rows a frame, as fast as a wheel is turned. */
const scroll = `new Promise((resolve) => {
  const box = document.querySelector('[role=listbox]')
  const start = performance.now()
  const go = (now) => {
    box.scrollTop += 240
    if (now - start < ${SCROLLED_MS}) requestAnimationFrame(go)
    else resolve()
  }
  requestAnimationFrame(go)
})`

/** Clicks one long trajectory after the other; each time ends with the frame that shows its heat. */
const openLongOnes = `(async () => {
  const frame = () => new Promise(requestAnimationFrame)
  const times = []
  for (let i = 0; i < ${LONG_ROWS}; i++) {
    const before = document.querySelector('[data-position]')
    const options = [...document.querySelectorAll('[role=option]')].slice(-${LONG_ROWS})
    const start = performance.now()
    options[i].click()
    for (;;) {
      await frame()
      const token = document.querySelector('[data-position]')
      if (token && token !== before && !before?.isConnected) break
      if (performance.now() - start > 30000) throw new Error('no heat was drawn')
    }
    await frame()
    times.push(performance.now() - start)
    await new Promise((resolve) => setTimeout(resolve, 800))
  }
  return times
})()`

/** The screen of a run that has 10,000 steps and sends 100 events a second. */
async function benchMonitor(say: Say): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'reflectory-bench-'))
  const store = openStore(join(folder, 'reflectory.sqlite'))
  const launch = nodeEngine(fileURLToPath(new URL('eventEngine.ts', import.meta.url)))
  const desk = createServices({ store, face: 'browser', launch })
  const served = await serveWindow(desk, builtWindow)
  const browser = await openBrowser()
  const { page } = browser
  try {
    const arm = { name: 'rl', method: 'rl', steps: STEPS, promptsPerStep: { harmful: 1 }, samplesPerPrompt: 2 }
    desk.queue.add(StudyConfig.parse({ name: 'events', arms: [arm] }))
    await page.goto(served.address)
    const stepsRecorded = () => z.int().parse(store.db.prepare('SELECT count(*) FROM steps').pluck().get())
    while (stepsRecorded() < EARLY_STEPS) {
      const refused = desk.queue.entries().find(({ problem }) => problem !== null)
      if (refused) throw new Error(refused.problem?.problem)
      await wait(200)
    }
    await page.goto(new URL('/#/runs/events-1', served.address).href)
    await page.getByRole('img', { name: /^Reward\. rl/ }).waitFor()
    await wait(2000)
    const before = stepsRecorded()
    const works: Work[] = []
    for (let turn = 0; turn < 3; turn++) works.push(await workOf(page, () => wait(WATCHED_MS)))
    const rate = Math.round((3 * (stepsRecorded() - before)) / ((3 * WATCHED_MS) / 1000))
    const steps = EARLY_STEPS.toLocaleString('en')
    sayTasks(`run of ${steps} steps, longest task`, works, say)
    say(`  with ${rate} events a second, of ${EVENTS_PER_SECOND} that were to come`)
  } finally {
    await browser.close()
    await served.close()
    await desk.close()
    store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
