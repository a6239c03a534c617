/** Many drawings, frame by frame, with frames and time that the test gives. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { drawSoon, forgetDrawing } from '../../src/renderer/charts/frameQueue.ts'

let frames: (() => void)[] = []
let now = 0

beforeEach(() => {
  frames = []
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => frames.push(run))
  vi.spyOn(performance, 'now').mockImplementation(() => now)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/** Runs frames until none is asked for; gives how many there were. */
function runFrames(): number {
  let count = 0
  for (let run = frames.shift(); run; run = frames.shift(), count++) run()
  return count
}

test('spreads drawings that take long over several frames, each drawn once', () => {
  const drawn: number[] = []
  for (let i = 0; i < 6; i++) {
    const draw = () => {
      drawn.push(i)
      now += 5
    }
    drawSoon(draw)
    drawSoon(draw)
  }
  expect(runFrames()).toBe(3)
  expect(drawn).toEqual([0, 1, 2, 3, 4, 5])
})

test('leaves out what is gone before its turn', () => {
  const draw = vi.fn()
  drawSoon(draw)
  forgetDrawing(draw)
  runFrames()
  expect(draw).not.toHaveBeenCalled()
})
