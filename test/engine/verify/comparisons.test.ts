import { describe, expect, it } from 'vitest'
import { compareAbsolute, compareEqual, compareRelative } from '../../../src/engine/verify/comparisons.ts'

describe('compareAbsolute', () => {
  it('gives the largest difference and passes up to the tolerance', () => {
    expect(compareAbsolute('x', [1, 2, 3], [1, 2.5, 2.75], 0.5)).toEqual({
      quantity: 'x',
      count: 3,
      largestDifference: 0.5,
      tolerance: 0.5,
      measure: 'absolute',
      passed: true,
    })
    expect(compareAbsolute('x', [1, 2, 3], [1, 2.5, 2.75], 0.49).passed).toBe(false)
  })

  it('lets neither NaN nor a missing number pass', () => {
    expect(compareAbsolute('x', [NaN, 1], [1, 1], 1e9)).toMatchObject({ largestDifference: Infinity, passed: false })
    expect(compareAbsolute('x', [1], [1, 1], 1e9)).toMatchObject({ largestDifference: Infinity, passed: false })
    expect(compareAbsolute('x', [Infinity], [Infinity], 1e9).passed).toBe(false)
  })
})

describe('compareRelative', () => {
  it('divides by the expected value, except by zero', () => {
    expect(compareRelative('x', [101, 0.5], [100, 0], 1).largestDifference).toBe(0.5)
    expect(compareRelative('x', [-99], [-100], 0.01)).toMatchObject({ largestDifference: 0.01, passed: true })
  })
})

describe('compareEqual', () => {
  it('counts what differs, is missing or is too much', () => {
    expect(compareEqual('x', [1, 2, 3], [1, 2, 3])).toMatchObject({
      largestDifference: 0,
      passed: true,
      measure: 'mismatches',
    })
    expect(compareEqual('x', ['a', 'c'], ['a', 'b', 'c'])).toMatchObject({
      count: 3,
      largestDifference: 2,
      passed: false,
    })
    expect(compareEqual('x', [1, 2], [1])).toMatchObject({ largestDifference: 1, passed: false })
  })
})
