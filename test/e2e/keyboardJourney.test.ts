/** The journey of an analyst without a mouse: every stop of it is reached by the tab key and pressed by Enter. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requires } from '../requirements.ts'
import { keyboard, type Hands } from './hands.ts'
import { findLabelAgain, labelIt, listHiddenRisk, readResult, revealFirst, startStudy, watchRun } from './journey.ts'
import { openRealWindow, type RealWindow } from './realWindow.ts'
import { isWindowBuilt } from './servedWindow.ts'

if (!isWindowBuilt()) console.warn("skipped, needs the built window: run 'npm run build'")

describe.skipIf(!isWindowBuilt() || !requires('browser'))('an analyst without a mouse', () => {
  let opened: RealWindow
  let hands: Hands
  beforeAll(async () => {
    opened = await openRealWindow()
    hands = keyboard(opened.page)
  })
  afterAll(() => opened?.close())

  test('sets up a study, watches it, and reads its result', { timeout: 120_000 }, async () => {
    const { page } = opened
    await page.evaluate('window.pointed = 0; addEventListener("pointerdown", () => window.pointed++, true)')
    await startStudy(page, 'By keys', 3, hands)
    await watchRun(page)
    await readResult(page)
  })

  test('finds, reveals and labels an unsafe thought behind a safe answer', { timeout: 120_000 }, async () => {
    const { page } = opened
    expect(await listHiddenRisk(page, hands)).toBeGreaterThan(0)
    const revealed = await revealFirst(page, hands)
    await labelIt(page, 'by keys', 'Written without a mouse.', hands)
    expect(await page.evaluate('window.pointed')).toBe(0)
    await findLabelAgain(page, 'by keys', 'Written without a mouse.', revealed)
  })
})
