/** Numbers of a figure as text, the same in the window, in a report and in titles. */
import type { FigureFormat, FigurePoint } from './figure.ts'

/** Characters of a name within a sentence. */
const LONGEST_NAME = 60

const counts = new Intl.NumberFormat('en-US')

/** What rounds to zero has no sign: '-0.0' is '0.0'. */
export function withoutMinusZero(digits: string): string {
  return Number(digits) === 0 ? digits.replace('-', '') : digits
}

/** '25.0%', '+50.0' (points), '1,234', '3.14'; a dash where there is no number. */
export function figureNumber(value: number | null, format: FigureFormat): string {
  if (value === null) return '–'
  switch (format) {
    case 'share':
      return `${withoutMinusZero((100 * value).toFixed(1))}%`
    case 'points':
      return signed((100 * value).toFixed(1))
    case 'count':
      return counts.format(Math.round(value) + 0)
    case 'nats':
    case 'number':
      return significant(value).replace(/^-/, '−')
  }
}

/** A difference with its sign: '+0.5', '−3.28', '0'. Points have theirs anyway. */
export function signedNumber(value: number, format: FigureFormat): string {
  return format === 'points' ? figureNumber(value, format) : signed(figureNumber(value, format))
}

/** '[15.0, 35.0]' without units, or '' where there is no interval. */
export function figureInterval({ low, high }: Pick<FigurePoint, 'low' | 'high'>, format: FigureFormat): string {
  if (low === null || high === null) return ''
  const bound = (value: number) =>
    format === 'points' && isHidden(value)
      ? signed((100 * value).toPrecision(1))
      : figureNumber(value, format).replace('%', '')
  return `[${bound(low)}, ${bound(high)}]`
}

/** Points that are not 0 but would be written so: then no reader could tell whether an interval leaves 0 out. */
function isHidden(value: number): boolean {
  return Math.abs(value) >= 1e-6 && Number((100 * value).toFixed(1)) === 0
}

/** 'p < 0.001', 'p = 0.042', or '' where there is none; 'p = 0.0497', not 0.050, where it is below 0.05. */
export function figureP({ p }: Pick<FigurePoint, 'p'>): string {
  if (p === null || p === undefined) return ''
  return p < 0.001 ? 'p < 0.001' : `p = ${pDigits(p)}`
}

/** The same for a column of p: '< 0.001', '0.042'. */
export function pCell(p: number): string {
  return p < 0.001 ? '< 0.001' : pDigits(p)
}

function pDigits(p: number): string {
  const digits = p.toFixed(3)
  return p < 0.05 && digits === '0.050' ? (Math.floor(p * 1e4) / 1e4).toFixed(4) : digits
}

/** 'a', 'a and b', 'a, b and c'. */
export function listOf(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`
}

/** A name within a sentence: categories of a file may be as long as a text. */
export function shortName(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name
}

/** A minus sign instead of a hyphen, and nothing before what rounds to zero. */
function signed(digits: string): string {
  if (Number(digits) === 0) return withoutMinusZero(digits)
  return /^[-−]/.test(digits) ? `−${digits.slice(1)}` : `+${digits}`
}

/** Three significant digits, thousands apart. */
function significant(value: number): string {
  const size = Math.abs(value)
  if (size >= 1000) return counts.format(Math.round(value))
  return size !== 0 && size < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(3)))
}
