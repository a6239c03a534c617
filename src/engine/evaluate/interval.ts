/** 95% intervals: Wilson for plain proportions, a bootstrap over prompts where a prompt has several samples. */
import { FEWEST_PROMPTS } from '../../shared/rateWords.ts'
import type { Rate } from '../../shared/result.ts'
import { RandomStream } from '../../shared/random.ts'
import { drawTable, MOST_DRAWS } from './draws.ts'

/** 97.5% quantile of the standard normal distribution. */
const z95 = 1.959963984540054

/** Of figures that cost much a resample, and the least that any figure gets. */
export const bootstrapResamples = 2000

/** Of a ratio over `size` clusters: 10,000, or as many as the table of draws holds, so that a result of many prompts does not wait. */
function ratioResamples(size: number): number {
  return Math.max(bootstrapResamples, Math.min(10_000, Math.floor(MOST_DRAWS / size)))
}

/**
 * Wilson's score interval of `successes` of `n` at 95% (Wilson 1927; Newcombe 1998, method 3). `n` need not be a whole
 * number, so that an effective sample size can be given.
 */
export function wilson(successes: number, n: number): { low: number; high: number } {
  const share = successes / n
  const centre = share + z95 ** 2 / (2 * n)
  const spread = z95 * Math.sqrt((share * (1 - share)) / n + z95 ** 2 / (4 * n ** 2))
  const scale = 1 + z95 ** 2 / n
  // At the ends the bounds are exactly 0 and 1; rounding would leave them a hair off.
  return {
    low: successes === 0 ? 0 : (centre - spread) / scale,
    high: successes === n ? 1 : (centre + spread) / scale,
  }
}

/** Quantile by linear interpolation between order statistics (Hyndman and Fan's type 7). `sorted` ascends. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const position = share * (sorted.length - 1)
  const below = Math.floor(position)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (position - below) * (sorted[above] - sorted[below])
}

/** Sums over the items of one prompt: numerators and denominators of a ratio. */
export interface Clusters {
  numerators: Float64Array
  denominators: Float64Array
}

/**
 * Percentile interval of sum(numerators) / sum(denominators) under resampling of whole clusters. Resamples whose
 * denominators sum to 0 are left out. The stream makes it the same on every call.
 */
export function bootstrapRatio(
  { numerators, denominators }: Clusters,
  random: RandomStream,
  resamples = ratioResamples(numerators.length),
): { low: number; high: number } {
  const size = numerators.length
  const draws = drawTable(random, size, resamples)
  const ratios = new Float64Array(resamples)
  let kept = 0
  let next = 0
  for (let resample = 0; resample < resamples; resample++) {
    let numerator = 0
    let denominator = 0
    for (let draw = 0; draw < size; draw++) {
      const cluster = draws === null ? random.integer(size) : draws[next++]
      numerator += numerators[cluster]
      denominator += denominators[cluster]
    }
    if (denominator > 0) ratios[kept++] = numerator / denominator
  }
  const sorted = ratios.subarray(0, kept).sort()
  return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) }
}

/** One item of a rate: `weight` is its share of the denominator, null `value` means that it could not be scored. */
export interface Observation {
  /** Items of one prompt form one cluster. */
  prompt: string
  /** 0 or 1 for a proportion, any number for a mean; for a ratio the numerator. */
  value: number | null
  /** Denominator that the item adds. Absent in plain proportions and means, where it is 1. */
  weight?: number
}

/**
 * Sum of values over sum of weights, with its interval. A proportion (0 and 1 without weights) of single samples gets
 * Wilson's interval; with several samples a prompt, and for everything else, it is the bootstrap over prompts. A bootstrap
 * of fewer than `FEWEST_PROMPTS` prompts, or of prompts that all have the same mean, shows less spread than there is. A
 * proportion then gets Wilson's interval with n = prompts, as if each prompt gave one answer: samples of a prompt add
 * nothing, which errs on the wide side. Other means then have no interval. `isShare` says that values between 0 and 1
 * are chances of something that holds or does not, as of pass@k.
 */
export function rate(observations: readonly Observation[], { isShare = false } = {}): Rate {
  const { clusters, scored, unscorable, binary } = byPrompt(observations)
  const size = clusters.numerators.length
  const total = sum(clusters.numerators)
  const weight = sum(clusters.denominators)
  if (scored === 0 || weight === 0) return { value: null, low: null, high: null, n: scored, unscorable }
  const value = total / weight
  const counted = { value, n: scored, unscorable, ...(size < scored ? { prompts: size } : {}) }
  if (binary && scored === size) return { ...counted, ...wilson(total, scored) }
  if (size < FEWEST_PROMPTS || areAlike(clusters)) {
    return binary || isShare ? { ...counted, ...wilson(value * size, size) } : { ...counted, low: null, high: null }
  }
  return { ...counted, ...bootstrapRatio(clusters, new RandomStream(0, ['interval'])) }
}

/** Whether no resampling could move the ratio. Sums of equal parts may differ in their last bits. */
export function areAlike({ numerators, denominators }: Clusters): boolean {
  const ratio = sum(numerators) / sum(denominators)
  return numerators.every((numerator, i) => Math.abs(numerator - ratio * denominators[i]) <= 1e-12 * Math.abs(numerator))
}

/** Sums of each prompt's scored items, in the order of the prompts' names: the items may come in any order. */
function byPrompt(observations: readonly Observation[]): {
  clusters: Clusters
  scored: number
  unscorable: number
  binary: boolean
} {
  const sums = new Map<string, { value: number; weight: number }>()
  let scored = 0
  let binary = true
  for (const { prompt, value, weight } of observations) {
    if (value === null) continue
    scored++
    binary &&= weight === undefined && (value === 0 || value === 1)
    const sum = sums.get(prompt) ?? { value: 0, weight: 0 }
    sums.set(prompt, { value: sum.value + value, weight: sum.weight + (weight ?? 1) })
  }
  const ordered = [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum)
  return {
    clusters: {
      numerators: Float64Array.from(ordered, ({ value }) => value),
      denominators: Float64Array.from(ordered, ({ weight }) => weight),
    },
    scored,
    unscorable: observations.length - scored,
    binary,
  }
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}
