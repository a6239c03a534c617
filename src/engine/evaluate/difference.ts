/** Differences between two arms, paired by prompt: value, 95% interval and p. */
import { RandomStream } from '../../shared/random.ts'
import type { Difference } from '../../shared/result.ts'
import { bootstrapRatio, wilson, type Observation } from './interval.ts'

const permutations = 10_000

/** Up to this many pairs that differ, every flip of signs is tried, and p is exact. */
const exactPairs = 15

/**
 * Mean over prompts of (arm - base), where each prompt counts once and has at least one scored sample in both.
 * The interval is a percentile bootstrap over prompts; p is two-sided from the sign-flip permutation test, whose
 * hypothesis is that the difference of a prompt is as likely to have either sign. Where all prompts differ by the same
 * amount, say 0 because both arms are perfect, the bootstrap has no spread to show: of shares `scoreInterval` stands in,
 * and of anything else there is no interval. Nor is there one with fewer pairs than `fewest`.
 */
export function pairedDifference(
  arm: readonly Observation[],
  base: readonly Observation[],
  { isShare = true, fewest = 0 } = {},
): Difference {
  const pairs = promptPairs(arm, base)
  if (pairs.length === 0) return { pairs: 0, value: null, low: null, high: null, p: null }
  // In order of size, so that the order in which prompts came does not move the resampling.
  const numerators = Float64Array.from(pairs, (pair) => pair.arm - pair.base).sort()
  const value = numerators.reduce((total, difference) => total + difference, 0) / numerators.length
  const clusters = { numerators, denominators: new Float64Array(numerators.length).fill(1) }
  const isAlike = numerators[0] === numerators[numerators.length - 1]
  const interval =
    pairs.length < fewest || (isAlike && !isShare)
      ? { low: null, high: null }
      : isAlike
        ? scoreInterval(pairs)
        : bootstrapRatio(clusters, new RandomStream(0, ['difference']))
  return { pairs: pairs.length, value, ...interval, p: signFlipP(numerators, new RandomStream(0, ['sign flip'])) }
}

/** The same mean alone; null without pairs. */
export function pairedMean(arm: readonly Observation[], base: readonly Observation[]): number | null {
  const pairs = promptPairs(arm, base)
  return pairs.length === 0 ? null : pairs.reduce((sum, pair) => sum + pair.arm - pair.base, 0) / pairs.length
}

/** Means of the prompts that both have. */
function promptPairs(arm: readonly Observation[], base: readonly Observation[]): { arm: number; base: number }[] {
  const baseMeans = promptMeans(base)
  return [...promptMeans(arm)].flatMap(([prompt, mean]) => {
    const baseMean = baseMeans.get(prompt)
    return baseMean === undefined ? [] : [{ arm: mean, base: baseMean }]
  })
}

/** Newcombe's interval for unpaired proportions (1998, Statistics in Medicine 17:873, method 10), from prompt means. */
function scoreInterval(pairs: readonly { arm: number; base: number }[]): { low: number; high: number } {
  const n = pairs.length
  const arm = pairs.reduce((sum, pair) => sum + pair.arm, 0) / n
  const base = pairs.reduce((sum, pair) => sum + pair.base, 0) / n
  const armRange = wilson(arm * n, n)
  const baseRange = wilson(base * n, n)
  return {
    low: arm - base - Math.hypot(arm - armRange.low, baseRange.high - base),
    high: arm - base + Math.hypot(armRange.high - arm, base - baseRange.low),
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
      total += ((signs >>> (i % 32)) & 1) === 1 ? moved[i] : -moved[i]
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
