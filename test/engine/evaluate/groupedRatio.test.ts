/** Ratios of sums with intervals over prompts: by hand where it can be, and never more certain than the data. */
import { describe, expect, test } from 'vitest'
import { compareEstimates, GroupedRatio, ratioEstimate } from '../../../src/engine/evaluate/groupedRatio.ts'

const mean = { isShare: false, eventSize: null, bootstrapUpTo: 1000 }

describe('groups', () => {
  test('samples of one prompt are one cluster, and n counts items', () => {
    const sums = new GroupedRatio(mean)
    sums.add('a', 1, 'p', 2, 10)
    sums.add('a', 1, 'p', 4, 10)
    sums.add('a', 1, 'q', 0, 20, 5)
    const { value, n } = sums.estimate('a', 1)
    expect([value, n]).toEqual([6 / 40, 7])
    expect([...sums.prompts('a', 1)]).toEqual([['p', [6, 20]], ['q', [0, 20]]])
    expect(sums.estimate('b', 1)).toEqual({ value: null, low: null, high: null, n: 0 })
  })

  test('joined groups add up, n included, and numbers come in order', () => {
    const sums = new GroupedRatio(mean)
    for (const step of [10, 2, 1]) for (const prompt of ['p', 'q']) sums.add('a', step, prompt, step, 1)
    expect(sums.xs).toEqual([1, 2, 10])
    const joined = sums.joined((step) => (Number(step) < 5 ? 'early' : null))
    expect(joined.xs).toEqual(['early'])
    expect(joined.estimate('a', 'early')).toMatchObject({ value: 6 / 4, n: 4 })
  })
})

describe('intervals', () => {
  test('with fewer than ten prompts a mean has none, and a share has the wide one of its prompts', () => {
    const four = Float64Array.of(1, 0, 1, 0)
    const ones = new Float64Array(4).fill(1)
    expect(ratioEstimate(four, ones, mean)).toEqual({ value: 0.5, low: null, high: null })
    const share = ratioEstimate(four, ones, { ...mean, isShare: true })
    // Wilson for 2 of 4: (0.5 + 3.8415/8 -+ 1.96 sqrt(0.0625 + 3.8415/64)) / (1 + 3.8415/4)
    expect(share.low).toBeCloseTo(0.15004, 4)
    expect(share.high).toBeCloseTo(0.84996, 4)
  })

  test('prompts that are all alike show no spread: a mean has no interval, and a share that of its prompts', () => {
    const threes = new Float64Array(12).fill(3)
    const sixes = new Float64Array(12).fill(6)
    for (const bootstrapUpTo of [1000, 0]) {
      expect(ratioEstimate(threes, sixes, { ...mean, bootstrapUpTo })).toEqual({ value: 0.5, low: null, high: null, isAlike: true })
      const share = ratioEstimate(threes, sixes, { ...mean, isShare: true, bootstrapUpTo })
      // Wilson for 6 of 12
      expect([share.low, share.high]).toEqual([expect.closeTo(0.2538, 3), expect.closeTo(0.7462, 3)])
    }
  })

  test('where no event was seen the bound is that of a Poisson count, in the unit of the ratio', () => {
    const zeros = new Float64Array(10)
    const weights = new Float64Array(10).fill(100)
    const estimate = ratioEstimate(zeros, weights, { ...mean, eventSize: 1000 })
    expect(estimate.low).toBe(0)
    // 3.689 events at most among 1,000 tokens
    expect(estimate.high).toBeCloseTo(3.68888, 4)
  })

  test('for many prompts the linearised interval is what the bootstrap comes down to', () => {
    const size = 400
    const numerators = Float64Array.from({ length: size }, (_, i) => (i * 7919) % 13)
    const denominators = Float64Array.from({ length: size }, (_, i) => 5 + ((i * 104729) % 11))
    const [boot, fast] = [1000, 0].map((bootstrapUpTo) => ratioEstimate(numerators, denominators, { ...mean, bootstrapUpTo }))
    expect(fast.value).toBe(boot.value)
    expect(fast.low! / boot.low!).toBeCloseTo(1, 1)
    expect(fast.high! / boot.high!).toBeCloseTo(1, 1)
  })

  test('a share stays between 0 and 1, and its prompts count and not its items', () => {
    const options = { isShare: true, eventSize: null, bootstrapUpTo: 0 }
    // One prompt of fifty has all its ten tokens in the bin: 2%, of 50 independent draws.
    const numerators = Float64Array.from({ length: 50 }, (_, i) => (i === 0 ? 10 : 0))
    const { value, low, high } = ratioEstimate(numerators, new Float64Array(50).fill(10), options)
    expect(value).toBe(0.02)
    expect(low).toBeGreaterThan(0)
    // Wilson for 0.98 of 49 (50 prompts, less one for the mean)
    expect(high).toBeCloseTo(0.107, 2)
    expect(ratioEstimate(new Float64Array(3), new Float64Array(3), options)).toEqual({ value: null, low: null, high: null })
  })
})

test('a comparison is clear only where the interval of the difference leaves 0 out', () => {
  const estimate = (value: number, low: number, high: number) => ({ value, low, high, n: 9 })
  expect(compareEstimates(estimate(5, 4, 6), estimate(2, 1, 3))).toBe('more')
  expect(compareEstimates(estimate(2, 1, 3), estimate(5, 4, 6))).toBe('less')
  // 3.2 - sqrt(2.5^2 + 2^2) = -0.0016: they overlap in this sense, by a hair
  expect(compareEstimates(estimate(5.2, 2.7, 7), estimate(2, 1, 4))).toBe('unclear')
  expect(compareEstimates({ value: 1, low: null, high: null, n: 1 }, estimate(2, 1, 3))).toBe('missing')
})

test('two groups that are each all alike are told apart all the same, and one of few prompts is not', () => {
  const alike = (value: number) => ({ value, low: null, high: null, n: 12, isAlike: true })
  expect(compareEstimates(alike(2), alike(1))).toBe('more')
  expect(compareEstimates(alike(1), alike(1))).toBe('unclear')
  expect(compareEstimates(alike(1), { value: 2, low: 1.5, high: 2.5, n: 9 })).toBe('less')
  expect(compareEstimates(alike(1), { value: 2, low: null, high: null, n: 3 })).toBe('missing')
})
