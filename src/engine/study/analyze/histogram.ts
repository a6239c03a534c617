/** Shares of items by size, with an interval for each bin: items of one prompt form a cluster. */
import type { Figure, FigureAxis } from '../../../shared/figure.ts'
import { ratioEstimate } from '../../evaluate/groupedRatio.ts'
import { figure, pointOf } from './measure.ts'
import { figureNumber } from '../../../shared/figureText.ts'
import { medianTitle, rangeTitle, shown } from './titles.ts'

export interface Bins {
  from: number
  width: number
  bins: number
}

export interface HistogramText {
  id: string
  what: string
  definition: string
  x: FigureAxis
  /** Series in this order. */
  order: readonly string[]
  /** The title tells the share from this bin on, in these words, instead of the median. */
  tail?: { from: number; words: string }
  /** The first bins hold so much that the others could not be seen: they are not drawn, and a note tells their share. */
  drawFrom?: number
}

export class Histogram {
  private readonly bins: Bins
  /** Counts by series and prompt. */
  private readonly counts = new Map<string, Map<string, Float64Array>>()

  constructor(bins: Bins) {
    this.bins = bins
  }

  /** What lies beyond the ends counts for the outermost bin. */
  add(series: string, prompt: string, value: number): void {
    const { from, width, bins } = this.bins
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((value - from) / width)))
    this.of(series, prompt)[bin]++
  }

  of(series: string, prompt: string): Float64Array {
    const ofSeries = this.counts.get(series) ?? new Map<string, Float64Array>()
    this.counts.set(series, ofSeries)
    const counts = ofSeries.get(prompt) ?? new Float64Array(this.bins.bins)
    ofSeries.set(prompt, counts)
    return counts
  }

  /** None where nothing was counted. */
  figure({ id, what, definition, x, order, tail, drawFrom = this.bins.from }: HistogramText): Figure[] {
    const names = [...this.counts.keys()].sort((a, b) => order.indexOf(a) - order.indexOf(b))
    if (names.length === 0) return []
    const medians = names.map((name) => ({ name, value: this.median(name) }))
    const tails = names.map((name) => ({ name, value: this.shareFrom(name, tail?.from ?? 0) }))
    return [
      figure({
        id,
        title: tail ? rangeTitle(tail.words, tails, 'share') : medianTitle(what, medians, x.format),
        definition,
        kind: 'histogram',
        x,
        y: { label: 'share', format: 'share' },
        binWidth: this.bins.width,
        series: names.map((name) => ({ name, points: this.points(name).filter((point) => Number(point.x) >= drawFrom) })),
        notes: drawFrom > this.bins.from ? [this.belowNote(names, drawFrom, x)] : [],
      }),
    ]
  }

  private belowNote(names: readonly string[], drawFrom: number, x: FigureAxis): string {
    const shares = names.map((name) => `${figureNumber(1 - this.shareFrom(name, drawFrom), 'share')} (${name})`)
    return `Not drawn, as they would dwarf the others: those below ${shown(drawFrom, x.format)}, ${shares.join(', ')}.`
  }

  private points(name: string) {
    const { from, width, bins } = this.bins
    const prompts = [...this.counts.get(name)!.values()]
    const totals = Float64Array.from(prompts, total)
    const n = total(totals)
    return Array.from({ length: bins }, (_, bin) => {
      const inBin = Float64Array.from(prompts, (counts) => counts[bin])
      return pointOf(from + bin * width, { ...ratioEstimate(inBin, totals, { isShare: true, eventSize: null, bootstrapUpTo: 0 }), n })
    })
  }

  /** The middle of the bin of the median. */
  private median(name: string): number {
    const { from, width } = this.bins
    const sums = this.sums(name)
    const half = total(sums) / 2
    let below = 0
    const bin = sums.findIndex((count) => (below += count) >= half)
    return from + (bin + 0.5) * width
  }

  private shareFrom(name: string, value: number): number {
    const { from, width } = this.bins
    const sums = this.sums(name)
    return total(sums.subarray(Math.round((value - from) / width))) / total(sums)
  }

  private sums(name: string): Float64Array {
    const sums = new Float64Array(this.bins.bins)
    for (const counts of this.counts.get(name)!.values()) counts.forEach((count, bin) => (sums[bin] += count))
    return sums
  }
}

const total = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count, 0)
