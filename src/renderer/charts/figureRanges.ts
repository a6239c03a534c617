/** How far the axes of a drawn figure reach. */
import type { Figure } from '../../shared/figure.ts'
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
