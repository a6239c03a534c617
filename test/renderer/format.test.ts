import { expect, test } from 'vitest'
import { formatBytes, formatDuration, formatNumber, formatShare } from '../../src/renderer/format.ts'

test('numbers keep three significant digits, and a missing one is a dash', () => {
  expect([0.12345, 12345.6, 1e-6, -0.5, 0, 42].map(formatNumber)).toEqual([
    '0.123',
    '12,346',
    '1.0e-6',
    '-0.5',
    '0',
    '42',
  ])
  expect(formatNumber(null)).toBe('–')
  expect(formatShare(0.2549)).toBe('25.5%')
})

test('sizes and times take the unit that a person would', () => {
  expect([0, 999, 1500, 83.4e9, 999.9e6].map(formatBytes)).toEqual(['0 B', '999 B', '1.5 kB', '83 GB', '1 GB'])
  expect([3.2, 89, 600, 7500].map(formatDuration)).toEqual(['4 s', '89 s', '10 min', '2 h 5 min'])
})
