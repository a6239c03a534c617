import fc from 'fast-check'
import { expect, it } from 'vitest'
import { passAtK } from '../../../src/engine/evaluate/passAtK.ts'

it('counts by hand: of 5 samples 2 right, two draws miss in 3 of 10 cases', () => {
  expect(passAtK(5, 2, 2)).toBeCloseTo(0.7, 12)
  expect(passAtK(4, 0, 3)).toBe(0)
  expect(passAtK(4, 2, 3)).toBe(1)
})

it('is the share of right samples at k = 1, and grows with k', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 60 }), fc.nat(), (n, any) => {
      const correct = any % (n + 1)
      expect(passAtK(n, correct, 1)).toBeCloseTo(correct / n, 12)
      for (let k = 2; k <= n; k++)
        expect(passAtK(n, correct, k)).toBeGreaterThanOrEqual(passAtK(n, correct, k - 1) - 1e-12)
    }),
  )
})

it('refuses a k above the number of samples', () => {
  expect(() => passAtK(3, 1, 4)).toThrow('pass@4 needs at least 4 samples, not 3')
})
