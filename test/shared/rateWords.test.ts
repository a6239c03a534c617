import { describe, expect, it } from 'vitest'
import { countWords, isAtOdds, noIntervalWords } from '../../src/shared/rateWords.ts'

describe('countWords', () => {
  it('names the prompts where they are fewer than the samples', () => {
    expect(countWords({ n: 12, prompts: 3 })).toBe('n 12 of 3 prompts')
    expect(countWords({ n: 4, prompts: 1 })).toBe('n 4 of 1 prompt')
    expect(countWords({ n: 1200 })).toBe('n 1,200')
  })
})

describe('noIntervalWords', () => {
  const none = { value: 2, low: null, high: null, unscorable: 0 }
  it('says why there is none, and nothing where there is one or no value', () => {
    expect(noIntervalWords({ ...none, n: 4, prompts: 1 })).toBe('no interval: one prompt')
    expect(noIntervalWords({ ...none, n: 12, prompts: 3 })).toBe('no interval: too few prompts')
    expect(noIntervalWords({ ...none, n: 40 })).toBe('no interval: prompts too few or all alike')
    expect(noIntervalWords({ ...none, low: 1, high: 3, n: 4 })).toBe('')
    expect(noIntervalWords({ ...none, value: null, n: 0 })).toBe('')
  })
})

describe('isAtOdds', () => {
  const difference = (low: number | null, high: number | null, p: number | null) => ({ value: 0.1, low, high, p, pairs: 20 })
  it('tells where interval and p answer differently', () => {
    expect(isAtOdds(difference(0.01, 0.2, 0.06))).toBe(true)
    expect(isAtOdds(difference(-0.01, 0.2, 0.04))).toBe(true)
    expect(isAtOdds(difference(0.01, 0.2, 0.04))).toBe(false)
    expect(isAtOdds(difference(-0.01, 0.2, 0.06))).toBe(false)
    expect(isAtOdds(difference(null, null, 0.04))).toBe(false)
    expect(isAtOdds(difference(0.01, 0.2, null))).toBe(false)
    // A last bit of rounding leaves nothing out.
    expect(isAtOdds(difference(1e-17, 0.2, 0.06))).toBe(false)
  })
})
