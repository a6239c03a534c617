/** A figure in the text: its number, its sentence, the drawing, what it means, and its numbers as a table. */
import { CLEAR } from '../../shared/compare/armBars.ts'
import type { Figure, FigurePoint } from '../../shared/figure.ts'
import { figureNumber, pCell } from '../../shared/figureText.ts'
import { clip, html, named, type Html } from './html.ts'
import { figureSvg } from './svg/figureSvg.ts'
import { table } from './table.ts'
import { count, rateParts } from './words.ts'

/** A figure may have more points than a person reads in a table. */
const MOST_ROWS = 600

/** Numbers figures in the order in which they are placed. */
export function figureCounter(): (figure: Figure) => Html {
  let placed = 0
  return (figure) => placeFigure(figure, ++placed)
}

function placeFigure(figure: Figure, index: number): Html {
  const drawings = figureSvg(figure, `figure-${index}`)
  // What `clear` means stands once among the definitions.
  const definition = figure.definition.replace(CLEAR, '').trim()
  const sentence = /[.!?]$/.test(figure.title) ? figure.title : `${figure.title}.`
  return html`<figure id="figure-${index}">
${drawings.length === 0 ? html`<p class="empty">Not enough data to draw.</p>` : drawings}
<figcaption><strong>Figure ${index}.</strong> ${clip(sentence, 1200)} <span
class="definition">${definition} ${figure.notes.map((note) => `${clip(note, 600)} `)}</span></figcaption>
${numbers(figure)}${numbersOnPaper(figure)}
</figure>`
}

/**
 * Closed on a screen until it is opened. On paper bars and cells say their numbers themselves, and curves have a short
 * table instead.
 */
function numbers({ series, x, y }: Figure): Html | null {
  const points = series.flatMap(({ name, points }) => points.map((point) => ({ name, ...point })))
  if (points.length === 0) return null
  const hasP = points.some(({ p }) => p !== undefined && p !== null)
  const rows = points
    .slice(0, MOST_ROWS)
    .map((point) => [
      typeof point.x === 'number' ? figureNumber(point.x, x.format) : named(point.x),
      named(point.name),
      ...rateParts({ value: point.y, low: point.low, high: point.high }, y.format),
      count(point.n),
      ...(hasP ? [point.p == null ? '' : pCell(point.p)] : []),
    ])
  const head = [x.label, 'Of', y.label, '95% interval', 'n', ...(hasP ? ['p'] : [])]
  const left = points.length - rows.length
  return html`<details><summary>The numbers</summary>${table({
    caption: 'Numbers of this figure',
    head,
    rows,
    isNumeric: true,
  })}${
    left === 0
      ? null
      : html`<p class="note">${count(left)} further rows are left out here; the window saves all of them as CSV.</p>`
  }</details>`
}

/** Where each series begins and ends, and how low and how high it goes: nobody opens anything on paper. */
function numbersOnPaper({ kind, series, x, y }: Figure): Html | null {
  if (kind === 'bars' || kind === 'matrix') return null
  const all = series.flatMap(({ points }) => points.filter((point) => point.y !== null))
  if (all.length === 0) return null
  // What is the same everywhere stands in the caption.
  const isPlain = all.every(({ n, low }) => n === all[0].n && low === null)
  const at = (point: FigurePoint) => {
    const [value, interval] = rateParts({ value: point.y, low: point.low, high: point.high }, y.format)
    const place = typeof point.x === 'number' ? figureNumber(point.x, x.format) : clip(point.x, 40)
    if (isPlain) return html`${value} <small>at ${place}</small>`
    const under = `${interval === '' ? '' : `${interval}, `}n ${count(point.n)}, at ${place}`
    return html`${value}<br><small>${under}</small>`
  }
  const rows = series.flatMap(({ name, points }) => {
    const known = points.filter((point) => point.y !== null)
    if (known.length === 0) return []
    const sorted = known.toSorted((a, b) => (a.y ?? 0) - (b.y ?? 0))
    const [first, last, least, most] = [known[0], known[known.length - 1], sorted[0], sorted[sorted.length - 1]]
    return [[named(name), count(known.length), at(first), at(last), at(least), at(most)]]
  })
  const caption = isPlain
    ? `${y.label}, n ${count(all[0].n)} each; after “at”, ${x.label}`
    : `${y.label}, with n and, after “at”, ${x.label}`
  const head = ['', 'Points', 'First', 'Last', 'Lowest', 'Highest']
  return html`<div class="paper">${table({ caption, head, rows, isNumeric: true })}</div>`
}
