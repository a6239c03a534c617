/** How a figure is laid out before it is drawn: which way bars lie, how high it is, how its words are broken. */
import type { Figure, FigurePoint } from '../../shared/figure.ts'
import { figureNumber } from '../../shared/figureText.ts'
import { visibleLine } from '../modelText.ts'

/** A word or name on an axis is not longer than this. */
const LONGEST_LABEL = 48
const LINE_LENGTH = 16
/** More groups or longer names than these are read better from top to bottom. */
const MOST_UPRIGHT_BARS = 28
const NARROW_PX = 440

/** The different x of all series: numbers in order, names as they come. */
export function groupsOf({ series }: Pick<Figure, 'series'>): FigurePoint['x'][] {
  const all = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))]
  return all.every((x) => typeof x === 'number') ? all.sort((a, b) => a - b) : all
}

/** What stands at a place of the x axis, on one line that is not too long. */
export function xText(x: FigurePoint['x'], { x: axis }: Pick<Figure, 'x'>): string {
  return typeof x === 'number' ? figureNumber(x, axis.format) : shortLine(x)
}

export function shortLine(text: string, longest = LONGEST_LABEL): string {
  // A text may be very long; only its beginning is looked at.
  const line = visibleLine(text.slice(0, 4 * longest))
  return line.length > longest || text.length > 4 * longest ? `${line.slice(0, longest - 1)}…` : line
}

/** Lines of about so many characters, broken at spaces, dashes and colons where there are any. */
export function wrapped(text: string, length = LINE_LENGTH): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/(?<=[\s\-_:/])/)) {
    if (line !== '' && line.length + word.trimEnd().length > length) {
      lines.push(line.trimEnd())
      line = ''
    }
    line += word
    while (line.length > 2 * length) {
      lines.push(line.slice(0, length))
      line = line.slice(length)
    }
  }
  return [...lines, line.trimEnd()].filter((part) => part !== '')
}

/** Whether bars lie: where there are many, where their names are long, and where there is little room. */
export function isLying(figure: Figure, widthPx: number): boolean {
  if (figure.kind !== 'bars') return false
  const groups = groupsOf(figure).map((x) => xText(x, figure))
  const words = Math.max(0, ...groups.map((text) => text.length))
  const room = (widthPx - 60) / Math.max(1, groups.length)
  const isCrowded = groups.length * figure.series.length > MOST_UPRIGHT_BARS
  return isCrowded || widthPx < NARROW_PX || 7 * Math.min(words, LINE_LENGTH) > room
}

export function heightPx(figure: Figure, widthPx: number): number {
  if (figure.kind === 'matrix') return 90 + 44 * Math.min(figure.series.length, 24)
  if (!isLying(figure, widthPx)) return 260
  const groups = groupsOf(figure).length
  return Math.min(1600, 70 + groups * Math.max(34, 10 + 15 * figure.series.length))
}

/** More outlines than these would hide each other behind the bands of their intervals. */
const MOST_BANDS = 2

/** Whether intervals are drawn as bands: along lines, and along the outlines of histograms where these are few. */
export function hasBands({ kind, series }: Pick<Figure, 'kind' | 'series'>): boolean {
  return kind === 'lines' || (kind === 'histogram' && series.length <= MOST_BANDS)
}

/** What the marks and their whiskers are, and how many items they rest on. */
export function basisText(figure: Pick<Figure, 'kind' | 'series'>): string {
  const { kind, series } = figure
  const points = series.flatMap((each) => each.points)
  const counts = points.map(({ n }) => n)
  const [least, most] = counts.reduce(([low, high], n) => [Math.min(low, n), Math.max(high, n)], [Infinity, 0])
  const isSame = counts.length === 0 || least === most
  const n = isSame ? `n = ${number(most)}` : `n from ${number(least)} to ${number(most)}`
  const bounded = points.filter(({ low, high }) => low !== null && high !== null).length
  if (bounded === 0) return kind === 'matrix' || kind === 'histogram' ? `Counted over ${n}` : `${n}; no intervals`
  const some = bounded < points.length ? ', where there are any' : ''
  if (kind === 'histogram' && !hasBands(figure)) return `95% intervals${some} among the numbers; ${n}`
  return `${hasBands(figure) ? 'Band' : 'Whiskers'}: 95% intervals${some}; ${n}`
}

const number = (value: number) => figureNumber(value, 'count')
