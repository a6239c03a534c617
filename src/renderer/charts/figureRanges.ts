/** How far the axes of a drawn figure reach, and where its bands do. */
import type { Figure, FigurePoint } from '../../shared/figure.ts'
import { hasBands } from './figureLayout.ts'

type Range = Partial<Record<'min' | 'max' | 'suggestedMin' | 'suggestedMax', number>>

/** A bar begins at zero. A share goes to 100%, so that two charts can be compared by eye. */
export function barRange({ y, series }: Figure): Range & { beginAtZero: true } {
  const all = series.flatMap(({ points }) => points.flatMap(({ y, low, high }) => [y ?? 0, low ?? 0, high ?? 0]))
  const [least, most] = [all.reduce((a, b) => Math.min(a, b), 0), all.reduce((a, b) => Math.max(a, b), 0)]
  if (y.format === 'share' && least >= 0 && most <= 1) return { beginAtZero: true, min: 0, max: 1 }
  return { beginAtZero: true, suggestedMin: least, suggestedMax: most }
}

/** An axis that holds whole intervals, not only what they are around. */
export function aroundIntervals({ series }: Figure): { suggestedMin?: number; suggestedMax?: number } {
  const bounds = series
    .flatMap(({ points }) => points.flatMap(({ low, high }) => [low, high]))
    .filter((each) => each !== null)
  if (bounds.length === 0) return {}
  return {
    suggestedMin: bounds.reduce((a, b) => Math.min(a, b)),
    suggestedMax: bounds.reduce((a, b) => Math.max(a, b)),
  }
}

/** Outlines stand on zero; bands of their intervals have room where they are drawn. */
export function histogramRange(figure: Figure): Range & { beginAtZero: true } {
  const { suggestedMax } = hasBands(figure) ? aroundIntervals(figure) : {}
  return { beginAtZero: true, ...(suggestedMax === undefined ? {} : { suggestedMax }) }
}

/** Where the last bin begins that holds anything: behind it are no outlines. */
export function lastFilled({ series }: Figure): number {
  return series
    .flatMap(({ points }) => points)
    .reduce((last, { x, y }) => ((y ?? 0) > 0 ? Math.max(last, Number(x)) : last), -Infinity)
}

/**
 * The places of a band of intervals, in pieces: none is drawn across a place that has no interval. In a histogram
 * (`binWidth` is not null) an interval holds for a whole bin.
 */
export function bandRuns(
  series: readonly (FigurePoint | null)[],
  binWidth: number | null,
): { x: number; low: number; high: number }[][] {
  const runs: { x: number; low: number; high: number }[][] = [[]]
  for (const point of series) {
    if (point === null || typeof point.x !== 'number' || point.low === null || point.high === null) {
      runs.push([])
      continue
    }
    const { x, low, high } = point
    const ends = binWidth === null ? [x] : [x, x + binWidth]
    runs[runs.length - 1].push(...ends.map((end) => ({ x: end, low, high })))
  }
  return runs.filter((run) => run.length > 0)
}
