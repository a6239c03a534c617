/** The top share of many numbers. */
import { expect, test } from 'vitest'
import { TopShare } from '../../../../src/engine/study/analyze/topShare.ts'

function thresholdOf(values: readonly number[], share: number): number {
  const top = new TopShare()
  for (const value of values) top.add(value)
  return top.threshold(share)
}

test('lies at the value from which on the share begins', () => {
  const values = Float32Array.from({ length: 1000 }, (_, i) => (i + 1) / 1000)
  const threshold = thresholdOf([...values], 0.2)
  expect(values.filter((value) => value >= threshold).length).toBeCloseTo(200, -0.5)
  expect(thresholdOf([], 0.2)).toBe(Infinity)
})

test('holds no zero, however many tokens left no choice', () => {
  const values = [...Array(95).fill(0), ...Array(5).fill(0.5)]
  const threshold = thresholdOf(values, 0.2)
  expect(values.filter((value) => value >= threshold)).toHaveLength(5)
  expect([0, 0].filter((value) => value >= thresholdOf([0, 0], 0.2))).toEqual([])
})
