/**
 * The engine is killed in the middle of training: the window says so, one press resumes, and the numbers are those
 * of a run in peace.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { openStore } from '../../src/store/openStore.ts'
import { findArmId, findRun, listSteps } from '../../src/store/runs.ts'
import { requires } from '../requirements.ts'
import { startStudy } from './journey.ts'
import { listsProcesses, openRealWindow, type RealWindow } from './realWindow.ts'
import { isWindowBuilt } from './servedWindow.ts'

const STEPS = 12
const KILLED_AFTER = 3

if (!isWindowBuilt()) console.warn("skipped, needs the built window: run 'npm run build'")
if (!listsProcesses) console.warn('skipped, needs /proc to find the engine')
const canRun = isWindowBuilt() && listsProcesses && requires('browser')

describe.skipIf(!canRun)('a run whose engine is killed', () => {
  let opened: RealWindow
  let page: Page
  beforeAll(async () => {
    opened = await openRealWindow()
    page = opened.page
  })
  afterAll(() => opened?.close())

  const stepsDone = async () => {
    const text = await page.getByText(new RegExp(`^\\d+ of ${STEPS}$`)).textContent()
    return Number.parseInt(text ?? '', 10)
  }

  test('is interrupted with its reason, and ends after one press', { timeout: 200_000 }, async () => {
    await startStudy(page, 'killed', STEPS)
    await expect.poll(stepsDone, { timeout: 60_000, interval: 50 }).toBeGreaterThanOrEqual(KILLED_AFTER)
    const engines = opened.enginePids()
    expect(engines).not.toEqual([])
    // Among them may be the one that answers the window's small questions; it comes back when it is asked.
    for (const pid of engines) process.kill(pid, 'SIGKILL')

    await page.getByText('interrupted', { exact: true }).first().waitFor()
    await page.getByText('the engine was ended by SIGKILL').first().waitFor()
    expect(await stepsDone()).toBeLessThan(STEPS)

    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByRole('heading', { name: 'Result' }).waitFor({ timeout: 90_000 })
  })

  test('comes to the numbers of a run that nobody disturbed', { timeout: 120_000 }, async () => {
    await page.getByRole('link', { name: 'Use as template' }).click()
    await page.getByRole('navigation', { name: 'Steps' }).getByRole('button', { name: 'Review' }).click()
    await page.getByRole('button', { name: 'Start the study' }).click()
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    await page.getByRole('heading', { name: 'Result' }).waitFor({ timeout: 90_000 })

    const store = openStore(opened.storeFile)
    const numbersOf = (runId: string) => ({
      arms: findRun(store, runId)?.result?.arms,
      steps: listSteps(store, findArmId(store, runId, 'rl', 1), { limit: STEPS + 1 }),
      written: store.db
        .prepare(
          `SELECT name, key, text, reward, advantage, tokens, log_probabilities FROM trajectories t
          JOIN arms ON arms.id = arm_id JOIN trajectory_tokens ON trajectory_id = t.id
          WHERE run_id = ? ORDER BY name, key`,
        )
        .all(runId),
    })
    try {
      const [killed, undisturbed] = [numbersOf('killed-1'), numbersOf('killed-2')]
      expect(killed.steps).toHaveLength(STEPS)
      expect(killed.arms).toHaveLength(2)
      expect(killed).toEqual(undisturbed)
    } finally {
      store.close()
    }
  })
})
