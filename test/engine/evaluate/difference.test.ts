import { describe, expect, it } from 'vitest'
import { pairedDifference, signFlipP } from '../../../src/engine/evaluate/difference.ts'
import type { Observation } from '../../../src/engine/evaluate/interval.ts'
import { RandomStream } from '../../../src/shared/random.ts'

const items = (values: (number | null)[], prefix = 'p'): Observation[] =>
  values.map((value, i) => ({ prompt: `${prefix}${i}`, value }))

describe('signFlipP', () => {
  it("gives Fisher's p of Darwin's maize", () => {
    // The Design of Experiments (1935), section 21: 1,726 of 32,768 sign patterns are at least as extreme.
    const maize = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    expect(signFlipP(maize, new RandomStream(0))).toBe(1726 / 32768)
  })

  it('agrees with the exact p when it draws flips', () => {
    const maize = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    // One tiny pair more makes sixteen, for which flips are drawn; it cannot move p by much.
    expect(Math.abs(signFlipP([...maize, 1e-6], new RandomStream(0)) - 1726 / 32768)).toBeLessThan(0.01)
  })

  it('counts by hand: three equal gains have p = 2/8, no change has p = 1', () => {
    expect(signFlipP([1, 1, 1], new RandomStream(0))).toBe(0.25)
    expect(signFlipP([1, 1, 1, 0, 0, 0], new RandomStream(0))).toBe(0.25)
    expect(signFlipP([0, 0], new RandomStream(0))).toBe(1)
  })

  it('is never 0, and says below 0.05 about 5 times in 100 where nothing differs', () => {
    expect(signFlipP(new Float64Array(100).fill(1), new RandomStream(0))).toBe(1 / 10001)
    const random = new RandomStream(5)
    let below = 0
    for (let study = 0; study < 300; study++) {
      const differences = Array.from({ length: 12 }, () => random.normal())
      if (signFlipP(differences, random) < 0.05) below++
    }
    expect(below / 300).toBeGreaterThan(0.015)
    expect(below / 300).toBeLessThan(0.095)
  })
})

describe('pairedDifference', () => {
  it('pairs by prompt, whatever the order, and leaves unpaired prompts out', () => {
    const arm = items([1, 1, 0, 1, null])
    const base = [...items([0, 1, 0, 0, 1]), { prompt: 'elsewhere', value: 1 }].reverse()
    // Pairs p0: +1, p1: 0, p2: 0, p3: +1; two that moved, so p = 2/4.
    expect(pairedDifference(arm, base)).toMatchObject({ pairs: 4, value: 0.5, p: 0.5 })
  })

  it('lets each prompt count once, however many samples it has', () => {
    const arm = [...items([1, 0]), ...items([1])]
    expect(pairedDifference(arm, items([0, 0])).value).toBe(0.5)
  })

  it('uses the pairing: the interval is narrower than that of two independent rates', () => {
    const base = items(Array.from({ length: 200 }, (_, i) => i % 2))
    const arm = base.map((item, i) => (i % 20 === 0 ? { ...item, value: 1 } : item))
    const { value, low, high } = pairedDifference(arm, base)
    expect(value).toBeCloseTo(0.05, 12)
    // Unpaired: 2 * 1.96 * sqrt(2 * 0.25 / 200) = 0.196; paired: 2 * 1.96 * sqrt(0.05 * 0.95 / 200) = 0.06.
    expect(high! - low!).toBeLessThan(0.08)
    expect(low!).toBeGreaterThan(0.01)
  })

  it('keeps a width where all prompts agree', () => {
    // Newcombe 1998 (Statistics in Medicine 17:873), table II, method 10: 10/10 - 0/10.
    const perfect = pairedDifference(items(new Array(10).fill(1)), items(new Array(10).fill(0)))
    expect(perfect.value).toBe(1)
    expect(perfect.low).toBeCloseTo(0.6075, 4)
    expect(perfect.high).toBe(1)
    const same = pairedDifference(items(new Array(10).fill(1)), items(new Array(10).fill(1)))
    // Wilson's lower bound of 10 in 10 is 1 / (1 + 1.96^2 / 10) = 0.7225.
    expect(same).toMatchObject({ value: 0, p: 1 })
    expect([same.low, same.high]).toEqual([expect.closeTo(-0.2775, 4), expect.closeTo(0.2775, 4)])
  })

  it('has no interval where all prompts agree on a number that is no share: how far it spreads is not to be seen', () => {
    const longer = pairedDifference(items(new Array(12).fill(9)), items(new Array(12).fill(7)), { isShare: false })
    expect(longer).toEqual({ pairs: 12, value: 2, low: null, high: null, p: 2 / 4096 })
    expect(pairedDifference(items([3, 4, 5]), items([1, 1, 1]), { fewest: 10 })).toMatchObject({ pairs: 3, value: 3, low: null, high: null, p: 0.25 })
  })

  it('has no number without pairs', () => {
    expect(pairedDifference(items([1]), items([1], 'q'))).toEqual({ pairs: 0, value: null, low: null, high: null, p: null })
    expect(pairedDifference(items([null]), items([1]))).toEqual({ pairs: 0, value: null, low: null, high: null, p: null })
  })
})
