/** Differences between two arms, paired by prompt: value, 95% interval and p. */
import { RandomStream } from '../../shared/random.ts'
import type { Difference } from '../../shared/result.ts'
import { bootstrapRatio, type Observation } from './interval.ts'

export const permutations = 10_000

/** Up to this many pairs that differ, every flip of signs is tried, and p is exact. */
const exactPairs = 15

/**
 * Mean over prompts of (arm - base), where each prompt counts once and has at least one scored sample in both.
 * The interval is a percentile bootstrap over prompts; p is two-sided from the sign-flip permutation test, whose
 * hypothesis is that the difference of a prompt is as likely to have either sign.
 */
export function pairedDifference(arm: readonly Observation[], base: readonly Observation[]): Difference {
  const armMeans = promptMeans(arm)
  const baseMeans = promptMeans(base)
  const differences: number[] = []
  for (const [prompt, mean] of armMeans) {
    const baseMean = baseMeans.get(prompt)
    if (baseMean !== undefined) differences.push(mean - baseMean)
  }
  if (differences.length === 0) return { value: null, low: null, high: null, p: null }
  // The order in which prompts came must not move the resampling.
  const numerators = Float64Array.from(differences).sort()
  const value = numerators.reduce((total, difference) => total + difference, 0) / numerators.length
  if (numerators.length === 1) return { value, low: null, high: null, p: 1 }
  const clusters = { numerators, denominators: new Float64Array(numerators.length).fill(1) }
  return {
    value,
    ...bootstrapRatio(clusters, new RandomStream(0, ['difference'])),
    p: signFlipP(numerators, new RandomStream(0, ['sign flip'])),
  }
}

/**
 * Two-sided p of the sign-flip permutation test for the mean of `differences`. Exact for few pairs that differ, else
 * from random flips as (hits + 1) / (flips + 1) (Phipson and Smyth 2010), which is never 0.
 */
export function signFlipP(differences: ArrayLike<number>, random: RandomStream): number {
  const moved = Float64Array.from(differences).filter((difference) => difference !== 0)
  const size = moved.length
  const observed = Math.abs(moved.reduce((total, difference) => total + difference, 0))
  // Sums of the same numbers in another order may differ in the last bits; they count as equally extreme.
  const bar = observed - 1e-9 * moved.reduce((total, difference) => total + Math.abs(difference), 0)
  const flips = size <= exactPairs ? 2 ** size : permutations
  let hits = 0
  for (let flip = 0; flip < flips; flip++) {
    let total = 0
    let signs = flip
    for (let i = 0; i < size; i++) {
      if (size > exactPairs && i % 32 === 0) signs = random.uint32()
      total += ((signs >>> i % 32) & 1) === 1 ? moved[i] : -moved[i]
    }
    if (Math.abs(total) >= bar) hits++
  }
  return size <= exactPairs ? hits / flips : (hits + 1) / (flips + 1)
}

function promptMeans(observations: readonly Observation[]): Map<string, number> {
  const sums = new Map<string, { value: number; weight: number }>()
  for (const { prompt, value, weight = 1 } of observations) {
    if (value === null) continue
    const sum = sums.get(prompt) ?? { value: 0, weight: 0 }
    sums.set(prompt, { value: sum.value + value, weight: sum.weight + weight })
  }
  return new Map([...sums].map(([prompt, { value, weight }]) => [prompt, value / weight]))
}
