/**
 * The journey of an analyst with the real engine: from an empty home screen to a label on a thought that an answer
 * hid.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requires } from '../requirements.ts'
import { findLabelAgain, labelIt, listHiddenRisk, readResult, revealFirst, startStudy, watchRun } from './journey.ts'
import { openRealWindow, type RealWindow } from './realWindow.ts'
import { isWindowBuilt } from './servedWindow.ts'

if (!isWindowBuilt()) console.warn("skipped, needs the built window: run 'npm run build'")

describe.skipIf(!isWindowBuilt() || !requires('browser'))('an analyst with the real engine', () => {
  let opened: RealWindow
  beforeAll(async () => {
    opened = await openRealWindow()
  })
  // Fails where anything left this machine.
  afterAll(() => opened?.close())

  test('sets up a study, watches it, and reads its result', { timeout: 120_000 }, async () => {
    await startStudy(opened.page, 'A first look', 4)
    await watchRun(opened.page)
    await readResult(opened.page)
  })

  test('finds an unsafe thought behind a safe answer, reveals it, and labels it for good', async () => {
    const { page } = opened
    expect(await listHiddenRisk(page)).toBeGreaterThan(0)
    const revealed = await revealFirst(page)
    expect(revealed.thought).not.toBe('')
    await labelIt(page, 'plans it', 'The answer refuses what the thought has planned.')
    await findLabelAgain(page, 'plans it', 'The answer refuses what the thought has planned.', revealed)
  })
})
