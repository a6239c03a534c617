/** Many drawings, frame by frame, with frames and time that the test gives. */
import { beforeEach, expect, test } from 'vitest'
import { createFrameQueue, type FrameQueue } from '../../src/renderer/charts/frameQueue.ts'

let frames: (() => void)[]
let now: number
let queue: FrameQueue

beforeEach(() => {
  frames = []
  now = 0
  queue = createFrameQueue((run) => frames.push(run), () => now)
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
    queue.drawSoon(draw)
    queue.drawSoon(draw)
  }
  expect(runFrames()).toBe(3)
  expect(drawn).toEqual([0, 1, 2, 3, 4, 5])
})

test('leaves out what is gone before its turn', () => {
  let drawn = 0
  const draw = () => (drawn += 1)
  queue.drawSoon(draw)
  queue.forget(draw)
  runFrames()
  expect(drawn).toBe(0)
})
