/** From numbers to places: round ticks, and how they are written. */
import type { FigureFormat, FigurePoint } from '../../../shared/figure.ts'
import { figureNumber } from '../../../shared/figureText.ts'

export interface Scale {
  low: number
  high: number
  ticks: number[]
  /** Place of a number within [from, to], which were given with the scale. */
  at(value: number): number
}

/**
 * Between `from` and `to` in drawing units; ticks at 1, 2, 2.5 or 5 times a power of ten, the ends among them; at whole
 * numbers only where nothing lies between, as between steps.
 */
export function niceScale(
  values: readonly number[],
  from: number,
  to: number,
  { wanted = 5, isWhole = false }: { wanted?: number; isWhole?: boolean } = {},
): Scale {
  const finite = values.filter(Number.isFinite)
  let low = finite.reduce((least, value) => Math.min(least, value), Infinity)
  let high = finite.reduce((most, value) => Math.max(most, value), -Infinity)
  if (finite.length === 0) [low, high] = [0, 1]
  if (low === high) [low, high] = low === 0 ? [0, 1] : [Math.min(0, low), Math.max(0, high)]
  const rough = niceStep((high - low) / wanted)
  const step = isWhole ? Math.max(1, Math.ceil(rough)) : rough
  const first = Math.floor(low / step + 1e-9)
  const last = Math.ceil(high / step - 1e-9)
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
  return scaleOver(ticks, from, to)
}

export function scaleOver(ticks: number[], from: number, to: number): Scale {
  const [low, high] = [ticks[0], ticks[ticks.length - 1]]
  return { low, high, ticks, at: (value) => from + ((value - low) / (high - low)) * (to - from) }
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= rough * 0.999) ?? 10) * power
}

/** Every number that a point draws, with its interval. */
export function extent(points: readonly FigurePoint[]): number[] {
  return points.flatMap(({ y, low, high }) => [y, low, high].filter((value) => value !== null))
}

/** Values of an axis: shares from 0 to 100%, everything else from 0 on if it is drawn as bars. */
export function valueScale(
  points: readonly FigurePoint[],
  format: FigureFormat,
  { from, to, withZero }: { from: number; to: number; withZero: boolean },
): Scale {
  const values = extent(points)
  if (format === 'share' && values.every((value) => value >= 0 && value <= 1)) {
    return scaleOver([0, 0.25, 0.5, 0.75, 1], from, to)
  }
  return niceScale(withZero ? [0, ...values] : values, from, to, { isWhole: format === 'count' })
}

/** Ticks need no more digits than tell them apart. */
export function tickText(value: number, { ticks }: Scale, format: FigureFormat): string {
  const scale = format === 'share' || format === 'points' ? 100 : 1
  const step = Math.abs((ticks[1] ?? 1) - ticks[0]) * scale
  const digits = Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9) + (isInteger(step) ? 0 : 1)))
  if (format === 'count' || format === 'number' || format === 'nats') {
    return Math.abs(value) >= 1000
      ? figureNumber(value, 'count')
      : value.toFixed(isInteger(step) ? 0 : digits).replace('-', '−')
  }
  const text = (value * scale).toFixed(isInteger(step) ? 0 : digits).replace('-', '−')
  return format === 'share' ? `${text}%` : value > 0 ? `+${text}` : text
}

const isInteger = (value: number) => Math.abs(value - Math.round(value)) < 1e-9 && value >= 1
