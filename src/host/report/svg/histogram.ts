/** Histograms: a strip for each series over the same axis, since bars that lie over each other hide each other. */
import { html, type Html } from '../html.ts'
import { count } from '../words.ts'
import { axes, frame, WIDTH, type Panel } from './frame.ts'
import { filled, whisker } from './marks.ts'
import { extent, niceScale } from './scale.ts'
import { fit, textAt } from './text.ts'

const STRIP = 90
const LEFT = 58
/** So many are as high as a page. */
const MOST_STRIPS = 6
/** With more bins than this, their intervals would run into each other. */
const MOST_RANGES = 30

/** Several drawings where one would be higher than a page. */
export function drawHistogram(panel: Panel): Html[] {
  const { series } = panel.figure
  const parts = Array.from({ length: Math.ceil(series.length / MOST_STRIPS) }, (_, i) => i * MOST_STRIPS)
  return parts.map((first, part) => {
    const what = parts.length === 1 ? '' : `Part ${part + 1} of ${parts.length}`
    return drawPart(
      { ...panel, id: `${panel.id}-${part}` },
      { first, end: Math.min(first + MOST_STRIPS, series.length) },
      what,
    )
  })
}

/** The series from `first` to before `end`, over the axes of all. */
function drawPart(panel: Panel, { first, end }: { first: number; end: number }, what: string): Html {
  const { figure } = panel
  const all = figure.series.flatMap(({ points }) => points)
  const width = figure.binWidth ?? 1
  const [from, to] = [LEFT + 6, WIDTH - 20]
  const x = niceScale(
    all.flatMap((point) => [Number(point.x), Number(point.x) + width]),
    from,
    to,
    { wanted: 8, isWhole: figure.x.format === 'count' },
  )
  // A strip is low: shares fill it, where 100% would leave most of it empty.
  const hasRanges = figure.series.every(({ points }) => points.length <= MOST_RANGES)
  const heights = hasRanges ? extent(all) : all.flatMap(({ y }) => y ?? [])
  let top = 34
  const strips = figure.series.slice(first, end).map(({ name, points }, i) => {
    const series = first + i
    const bottom = top + STRIP
    const y = niceScale([0, ...heights], bottom, top, { wanted: 3, isWhole: figure.y.format === 'count' })
    const isLast = series === end - 1
    const known = points.filter((point) => point.y !== null)
    const total =
      figure.y.format === 'count'
        ? known.reduce((sum, point) => sum + (point.y ?? 0), 0)
        : largest(points.map(({ n }) => n))
    const label = known.length === 0 ? `${name}: not enough data` : `${name} (n ${count(total)})`
    const bars = known.map((point) => {
      const [left, right] = [x.at(Number(point.x)), x.at(Number(point.x) + width)]
      const height = y.at(0) - y.at(point.y ?? 0)
      const middle = (left + right) / 2
      const { low, high } = point
      const range =
        low === null || high === null || !hasRanges
          ? null
          : whisker({ x: middle, y: y.at(low) }, { x: middle, y: y.at(high) })
      return html`${filled(series, { x: left, y: y.at(0) - height, width: right - left - 0.6, height })}${range}`
    })
    const area = { left: LEFT, right: WIDTH - 14, top, bottom }
    const drawn = html`${strip(area, panel, isLast ? x : null, y, isLast)}${bars}${textAt(WIDTH - 18, top + 4, fit(label, WIDTH - 90, 11), 'end', 'over')}`
    top = bottom + 22
    return drawn
  })
  const label = textAt(0, 16, fit(`${figure.y.label}, a strip for each of the compared`, WIDTH, 11))
  return frame(panel, top + 28, html`${label}${strips}`, what)
}

/** The axes of one strip; only the last one names what lies along it. */
function strip(
  area: Parameters<typeof axes>[0],
  { figure }: Panel,
  x: Parameters<typeof axes>[2],
  y: Parameters<typeof axes>[3],
  isLast: boolean,
): Html {
  const bare = { ...figure, x: { ...figure.x, label: isLast ? figure.x.label : '' }, y: { ...figure.y, label: '' } }
  return axes(area, { figure: bare }, x, y)
}

const largest = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, value), 0)
