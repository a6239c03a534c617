/** Numbers of figures as text: signs that are minus signs, once. */
import { expect, test } from 'vitest'
import { figureInterval, figureNumber, figureP, pCell, signedNumber } from '../../src/shared/figureText.ts'

test('a difference has one sign, a true minus, and none where it rounds to zero', () => {
  expect([0.015, -0.015, 0.0001].map((value) => signedNumber(value, 'points'))).toEqual(['+1.5', '−1.5', '0.0'])
  expect([3.28, -0.132, 0].map((value) => signedNumber(value, 'number'))).toEqual(['+3.28', '−0.132', '0'])
  expect(signedNumber(-1234.4, 'nats')).toBe('−1,234')
})

test('bounds and p are never written so that they fall on the other side of zero or of 0.05', () => {
  expect(figureInterval({ low: 0.0003, high: 0.011 }, 'points')).toBe('[+0.03, +1.1]')
  expect(figureInterval({ low: -0.01, high: -0.00004 }, 'points')).toBe('[−1.0, −0.004]')
  expect(figureInterval({ low: 1e-17, high: 0.011 }, 'points')).toBe('[0.0, +1.1]')
  expect([0.04998, 0.0502, 0.0004, 0.042].map((p) => figureP({ p }))).toEqual(['p = 0.0499', 'p = 0.050', 'p < 0.001', 'p = 0.042'])
  expect([0.04998, 0.0004].map(pCell)).toEqual(['0.0499', '< 0.001'])
})

test('a number below zero has a minus sign, no hyphen', () => {
  expect([figureNumber(-0.5, 'nats'), figureNumber(-2000, 'number'), figureNumber(0.5, 'number')]).toEqual(['−0.5', '−2,000', '0.5'])
})

test('what rounds to zero from below is zero without a sign', () => {
  expect([figureNumber(-0.0001, 'share'), figureNumber(-0.2, 'count'), figureNumber(-0, 'number')]).toEqual(['0.0%', '0', '0'])
  expect(figureNumber(-0.0001, 'points')).toBe('0.0')
})
