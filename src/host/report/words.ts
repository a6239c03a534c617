/** What a report says in numbers. */
import type { FigureFormat, FigurePoint } from '../../shared/figure.ts'
import { figureInterval, figureNumber, figureP } from '../../shared/figureText.ts'
import type { Rate } from '../../shared/result.ts'

export const count = (value: number): string => figureNumber(value, 'count')

/** 'one prompt', '300 prompts'. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${value === 1 ? 'one' : count(value)} ${value === 1 ? one : many}`
}

/** A number and its bounds: as many digits as the width of the interval makes worth reading, the same in all three. */
function valueAndInterval(
  value: number,
  { low, high }: Pick<Rate, 'low' | 'high'>,
  format: FigureFormat,
): [value: string, interval: string] {
  if ((format !== 'number' && format !== 'nats') || low === null || high === null || high <= low) {
    return [figureNumber(value, format), figureInterval({ low, high }, format)]
  }
  const digits = Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(high - low))))
  const write = (bound: number) => {
    const text = Math.abs(bound).toLocaleString('en-US', {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    })
    return bound < 0 && /[1-9]/.test(text) ? `−${text}` : text
  }
  return [write(value), `[${write(low)}, ${write(high)}]`]
}

/**
 * '29.7%' and '[24.8, 35.1]'; the second is '' where there is no interval, the first says so where there is nothing.
 */
export function rateParts(
  rate: Pick<Rate, 'value' | 'low' | 'high'>,
  format: FigureFormat,
): [value: string, interval: string] {
  return rate.value === null ? ['not enough data', ''] : valueAndInterval(rate.value, rate, format)
}

/** '29.7% [24.8, 35.1]', or that there is too little. */
export function rateText(rate: Pick<Rate, 'value' | 'low' | 'high'>, format: FigureFormat): string {
  return rateParts(rate, format).join(' ').trimEnd()
}

/** The number of a figure's point with its interval, n and p. */
export function pointText(point: FigurePoint, format: FigureFormat): string {
  if (point.y === null) return point.n === 0 ? 'not enough data' : `not enough data, n ${count(point.n)}`
  const number = rateText({ value: point.y, low: point.low, high: point.high }, format)
  return [number, `n ${count(point.n)}`, figureP(point)].filter((part) => part !== '').join(', ')
}

/** '45 s', '12 min', '2 h 5 min'. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** '2026-11-21 17:49 UTC'. */
export function moment(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`
}

/**
 * Whole paths without their folders, which tell of a person's machine and not of the study; addresses of servers
 * stay.
 */
export function withoutFolders(text: string): string {
  return text.replace(/(?<![\w:/\\.])(?:[A-Za-z]:)?[\\/](?:[^\\/\s'"]+[\\/])+([^\\/\s'"]+)/g, '$1')
}
