import { expect, it } from 'vitest'
import { learningRate } from '../../../src/engine/train/learningRate.ts'

const schedule = { shape: 'cosine', peak: 1, floor: 0.1, warmupSteps: 4, totalSteps: 14 } as const

it('rises linearly and reaches the peak at the last warm-up step', () => {
  expect([0, 1, 2, 3, 4].map((step) => learningRate(step, schedule))).toEqual([0.25, 0.5, 0.75, 1, 1])
})

it('falls along a cosine to the floor and stays there', () => {
  expect(learningRate(9, schedule)).toBeCloseTo(0.55, 12)
  expect(learningRate(14, schedule)).toBeCloseTo(0.1, 12)
  expect(learningRate(99, schedule)).toBeCloseTo(0.1, 12)
})

it('stays at the peak when constant, without a warm-up from the first step on', () => {
  expect(learningRate(0, { ...schedule, shape: 'constant', warmupSteps: 0 })).toBe(1)
  expect(learningRate(99, { ...schedule, shape: 'constant' })).toBe(1)
})
