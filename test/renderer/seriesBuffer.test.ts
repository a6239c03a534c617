import { expect, test } from 'vitest'
import { createSeriesBuffer } from '../../src/renderer/features/runMonitor/seriesBuffer.ts'

const nothing = { steps: [], series: {}, recorded: 0 }

test('keeps every step while there is room', () => {
  const buffer = createSeriesBuffer(nothing, 10)
  for (let step = 0; step < 10; step++) buffer.add(step, { reward: step })
  expect(buffer.series('reward')).toEqual({ x: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], y: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] })
})

test('stays within its capacity over 10,000 steps, with the newest step at the end and means over neighbours', () => {
  const buffer = createSeriesBuffer(nothing, 100)
  for (let step = 0; step < 10_000; step++) buffer.add(step, { reward: step })
  const { x, y } = buffer.series('reward')
  expect(x.length).toBeLessThanOrEqual(100)
  expect(x.length).toBeGreaterThan(40)
  expect(x.at(-1)).toBe(9999)
  // The mean of the steps that a point stands for lies between its neighbours.
  for (let i = 1; i < x.length; i++) {
    const mean = y[i] ?? NaN
    expect(mean).toBeGreaterThan(x[i - 1])
    expect(mean).toBeLessThanOrEqual(x[i])
  }
})

test('goes on after what the store had thinned out, and leaves out steps that it has', () => {
  const buffer = createSeriesBuffer({ steps: [1, 3], series: { loss: [2, 1] }, recorded: 4 }, 100)
  buffer.add(3, { loss: 99 })
  buffer.add(4, { loss: 4 })
  buffer.add(5, { loss: 6 })
  expect(buffer.series('loss')).toEqual({ x: [1, 3, 5], y: [2, 1, 5] })
  expect(buffer.lastStep()).toBe(5)
})

test('has null where a point has no such number, and knows metrics that came later', () => {
  const buffer = createSeriesBuffer(nothing, 10)
  buffer.add(0, { loss: 1, kl: null })
  buffer.add(1, { loss: 2, heldOutLoss: 3 })
  expect(buffer.series('heldOutLoss').y).toEqual([null, 3])
  expect(buffer.names().sort()).toEqual(['heldOutLoss', 'loss'])
})
