/** The journey of an analyst in the real shell, with the real engine: wherever Electron's binary and a display are. */
import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findElectron } from '../../scripts/findElectron.ts'
import { findLabelAgain, labelIt, listHiddenRisk, readResult, revealFirst, startStudy, watchRun } from '../e2e/journey.ts'
import { requires } from '../requirements.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const isBuilt = existsSync(join(root, 'out/main/main.js')) && existsSync(join(root, 'out/renderer/index.html'))
if (!isBuilt) console.warn("skipped, needs the built window: run 'npm run build'")

describe.skipIf(!isBuilt || !requires('electron'))('in Electron', () => {
  const data = temporaryFolder()
  let shell: ElectronApplication
  let page: Page
  let elsewhere: Server
  let strays = 0

  beforeAll(async () => {
    const found = findElectron()
    // Chromium's sandbox cannot be had by root.
    const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    shell = await _electron.launch({
      executablePath: 'program' in found ? found.program : '',
      args: [...asRoot, root, '--data', data],
      env: { ...environment(), REFLECTORY_NODE: process.execPath },
    })
    page = await shell.firstWindow()
    page.setDefaultTimeout(30_000)
    elsewhere = createServer((_request, response) => {
      strays += 1
      response.end()
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
  })
  afterAll(async () => {
    await shell?.close()
    elsewhere?.close()
  })

  test('an analyst sets up a study, watches it, and reads its result', { timeout: 120_000 }, async () => {
    await startStudy(page, 'A first look', 4)
    await watchRun(page)
    await readResult(page)
  })

  test('finds an unsafe thought behind a safe answer, reveals it, and labels it for good', async () => {
    expect(await listHiddenRisk(page)).toBeGreaterThan(0)
    const revealed = await revealFirst(page)
    await labelIt(page, 'plans it', 'The answer refuses what the thought has planned.')
    await findLabelAgain(page, 'plans it', 'The answer refuses what the thought has planned.', revealed)
  })

  test('the page has the bridge and nothing else, and gets nowhere', async () => {
    expect(await page.evaluate('[typeof require, typeof process, Object.keys(window.reflectory).sort().join()]')).toEqual([
      'undefined',
      'undefined',
      'call,listen',
    ])
    const address = elsewhere.address()
    const away = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`
    expect(await page.evaluate(`fetch('${away}').then(() => 'answered', () => 'refused')`)).toBe('refused')
    expect(await page.evaluate(`window.open('${away}')`)).toBeNull()
    await page.evaluate(`void (location.href = '${away}')`)
    await page.waitForTimeout(500)
    expect(page.url()).toMatch(/^app:\/\/reflectory\//)
    expect(shell.windows()).toHaveLength(1)
    expect(strays).toBe(0)
  })
})

/** What stands in the environment, but for what would make a plain Node of Electron. */
function environment(): Record<string, string> {
  const { ELECTRON_RUN_AS_NODE: _, ...others } = process.env
  return Object.fromEntries(Object.entries(others).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
