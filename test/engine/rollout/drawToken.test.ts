import { describe, expect, it } from 'vitest'
import { drawToken, mostProbable, type Truncation } from '../../../src/engine/rollout/drawToken.ts'
import { RandomStream } from '../../../src/shared/random.ts'

const all: Truncation = { topP: 1, topK: 0, minP: 0 }
const row = Float32Array.of(0.05, 0.4, 0.1, 0.25, 0.2)

/** Upper 0.001 quantiles of chi-square by degrees of freedom. */
const chiSquareLimit = [0, 10.83, 13.82, 16.27, 18.47]

function expectDistribution(truncation: Truncation, expected: readonly number[]): void {
  const random = new RandomStream(3, [JSON.stringify(truncation)])
  const draws = 20_000
  const counts = expected.map(() => 0)
  for (let i = 0; i < draws; i++) counts[drawToken(row, truncation, random)]++
  let chiSquare = 0
  expected.forEach((p, token) => {
    if (p === 0) expect(counts[token]).toBe(0)
    else chiSquare += (counts[token] - p * draws) ** 2 / (p * draws)
  })
  expect(chiSquare).toBeLessThan(chiSquareLimit[expected.filter((p) => p > 0).length - 1] + 1e-9)
}

describe('drawToken', () => {
  it('draws from the whole distribution when nothing is truncated', () => expectDistribution(all, [...row]))
  it('keeps the k likeliest', () => expectDistribution({ ...all, topK: 2 }, [0, 0.4 / 0.65, 0, 0.25 / 0.65, 0]))
  it('keeps the smallest set that reaches topP', () =>
    expectDistribution({ ...all, topP: 0.8 }, [0, 0.4 / 0.85, 0, 0.25 / 0.85, 0.2 / 0.85]))
  it('keeps tokens at least minP times as likely as the likeliest', () =>
    expectDistribution({ ...all, minP: 0.5 }, [0, 0.4 / 0.85, 0, 0.25 / 0.85, 0.2 / 0.85]))
  it('combines them by all holding', () => expectDistribution({ topP: 0.8, topK: 4, minP: 0.6 }, [0, 0.4 / 0.65, 0, 0.25 / 0.65, 0]))
  it('keeps ties together', () => {
    const random = new RandomStream(4)
    const tied = Float32Array.of(0.25, 0.25, 0.25, 0.25)
    const seen = new Set(Array.from({ length: 200 }, () => drawToken(tied, { ...all, topK: 1 }, random)))
    expect(seen.size).toBe(4)
  })
  it('always keeps the likeliest token', () => {
    const random = new RandomStream(5)
    for (let i = 0; i < 200; i++) expect(drawToken(row, { topP: 1e-6, topK: 1, minP: 0.99 }, random)).toBe(1)
  })
})

describe('mostProbable', () => {
  it('takes the first of several', () => expect(mostProbable(Float32Array.of(0.1, 0.4, 0.4, 0.1))).toBe(1))
})
