/** Ratios of sums by group: cues over tokens by step, entropy over tokens by arm. Samples of a prompt form one cluster. */
import { FEWEST_PROMPTS } from '../../shared/rateWords.ts'
import { RandomStream } from '../../shared/random.ts'
import { areAlike, bootstrapRatio, wilson } from './interval.ts'

/** A number with its 95% interval over `n` items; null where nothing, or too little for an interval, was there. */
export interface Estimate {
  value: number | null
  low: number | null
  high: number | null
  n: number
  /** There is no interval since all prompts gave the same, and not since they are few. */
  isAlike?: boolean
}

interface Cell {
  /** Numerator and denominator by prompt. */
  prompts: Map<string, [number, number]>
  items: number
}

/** 97.5% quantile of the standard normal distribution. */
const z95 = 1.959963984540054
/** Upper 97.5% bound of a Poisson mean of which nothing was seen: -ln 0.025. */
const MOST_UNSEEN = -Math.log(0.025)

export interface RatioOptions {
  /** Shares that all prompts agree on get Wilson's interval, as a bootstrap has no spread to show; other means then have none. */
  isShare: boolean
  /** What one event adds to a numerator, where events are counted; null otherwise. */
  eventSize: number | null
  /** Up to so many prompts a group the interval is a bootstrap; beyond, its limit for many prompts is taken. */
  bootstrapUpTo: number
}

export class GroupedRatio {
  private readonly options: RatioOptions
  private readonly cells = new Map<string, Map<number | string, Cell>>()

  constructor(options: RatioOptions) {
    this.options = options
  }

  /** `items` counts towards n: one for a response, or the tokens that are meant. */
  add(series: string, x: number | string, prompt: string, numerator: number, denominator: number, items = 1): void {
    const ofSeries = this.cells.get(series) ?? new Map<number | string, Cell>()
    this.cells.set(series, ofSeries)
    const cell = ofSeries.get(x) ?? { prompts: new Map(), items: 0 }
    ofSeries.set(x, cell)
    cell.items += items
    const sums = cell.prompts.get(prompt)
    if (sums === undefined) {
      cell.prompts.set(prompt, [numerator, denominator])
      return
    }
    sums[0] += numerator
    sums[1] += denominator
  }

  /** In the order in which they came. */
  get series(): string[] {
    return [...this.cells.keys()]
  }

  /** Of all series, numbers in order, names as they came. */
  get xs(): (number | string)[] {
    const all = [...new Set([...this.cells.values()].flatMap((ofSeries) => [...ofSeries.keys()]))]
    return all.every((x) => typeof x === 'number') ? all.sort((a, b) => a - b) : all
  }

  /** Groups put together: those for which `to` gives the same; null leaves one out. */
  joined(to: (x: number | string) => number | string | null): GroupedRatio {
    const result = new GroupedRatio(this.options)
    for (const [series, ofSeries] of this.cells) {
      for (const [x, { prompts, items }] of ofSeries) {
        const target = to(x)
        if (target === null) continue
        let rest = items
        for (const [prompt, [numerator, denominator]] of prompts) {
          result.add(series, target, prompt, numerator, denominator, rest)
          rest = 0
        }
      }
    }
    return result
  }

  estimate(series: string, x: number | string): Estimate {
    const cell = this.cells.get(series)?.get(x)
    if (cell === undefined) return { value: null, low: null, high: null, n: 0 }
    const ordered = [...cell.prompts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sums]) => sums)
    const numerators = Float64Array.from(ordered, ([numerator]) => numerator)
    const denominators = Float64Array.from(ordered, ([, denominator]) => denominator)
    return { ...ratioEstimate(numerators, denominators, this.options), n: cell.items }
  }

  /** Each prompt its own ratio, of equal weight: what a difference by prompt compares. `n` counts prompts. */
  promptMean(series: string, x: number | string): Estimate {
    const ordered = [...this.prompts(series, x)].filter(([, [, weight]]) => weight > 0).sort(([a], [b]) => (a < b ? -1 : 1))
    const ratios = Float64Array.from(ordered, ([, [numerator, weight]]) => numerator / weight)
    return { ...ratioEstimate(ratios, new Float64Array(ratios.length).fill(1), this.options), n: ratios.length }
  }

  /** Numerator and denominator of each prompt. */
  prompts(series: string, x: number | string): ReadonlyMap<string, readonly [number, number]> {
    return this.cells.get(series)?.get(x)?.prompts ?? new Map<string, [number, number]>()
  }
}

/**
 * Sum over sum with its interval, prompts being the clusters. For many prompts the percentile bootstrap comes down to the
 * linearised variance of a ratio (Cochran 1977, 6.3), which costs one pass.
 */
export function ratioEstimate(
  numerators: Float64Array,
  denominators: Float64Array,
  { isShare, eventSize, bootstrapUpTo }: RatioOptions,
): Omit<Estimate, 'n'> {
  const size = numerators.length
  const total = numerators.reduce((sum, value) => sum + value, 0)
  const weight = denominators.reduce((sum, value) => sum + value, 0)
  if (weight === 0) return { value: null, low: null, high: null }
  const value = total / weight
  // A handful of prompts, or prompts that are all alike, show too little of the spread that there is.
  const isAlike = areAlike({ numerators, denominators })
  const hasSpread = size >= FEWEST_PROMPTS && !isAlike
  if (isShare && !hasSpread) return { value, ...wilson(value * size, size) }
  // None seen is not none there: no resampling shows that.
  if (total === 0 && eventSize !== null) return { value, low: 0, high: (MOST_UNSEEN * eventSize) / weight }
  if (!hasSpread) return { value, low: null, high: null, ...(size < FEWEST_PROMPTS ? {} : { isAlike }) }
  if (size <= bootstrapUpTo) {
    return { value, ...bootstrapRatio({ numerators, denominators }, new RandomStream(0, ['interval'])) }
  }
  let squares = 0
  for (let i = 0; i < size; i++) squares += (numerators[i] - value * denominators[i]) ** 2
  const variance = (squares * size) / (size - 1) / weight ** 2
  // A share stays between 0 and 1: Wilson's interval, over as many independent items as would spread as much.
  const independent = variance > 0 ? (value * (1 - value)) / variance : size
  if (isShare) return { value, ...wilson(value * independent, independent) }
  const spread = z95 * Math.sqrt(variance)
  return { value, low: value - spread, high: value + spread }
}

/**
 * Whether `a` is more than `b`: the 95% interval of a - b, put together from both (Newcombe 1998, square and add), leaves 0 out.
 * `missing` where one of them has no interval. Prompts that are all alike are taken as they are: that ten of one side and ten of
 * the other differ by chance alone has a p of 2 in 184,756 at most.
 */
export function compareEstimates(a: Estimate, b: Estimate): 'more' | 'less' | 'unclear' | 'missing' {
  const [one, other] = [boundsOf(a), boundsOf(b)]
  if (one === null || other === null) return 'missing'
  const difference = one.value - other.value
  if (difference - Math.hypot(one.value - one.low, other.high - other.value) > 0) return 'more'
  if (difference + Math.hypot(one.high - one.value, other.value - other.low) < 0) return 'less'
  return 'unclear'
}

function boundsOf({ value, low, high, isAlike }: Estimate): { value: number; low: number; high: number } | null {
  if (value === null) return null
  if (isAlike) return { value, low: value, high: value }
  return low === null || high === null ? null : { value, low, high }
}
