/** Lines with their intervals as bands, and clouds of points with theirs as bars. */
import type { FigurePoint } from '../../../shared/figure.ts'
import { html, type Html } from '../html.ts'
import { axes, frame, keyOf, WIDTH, type Panel } from './frame.ts'
import { dashOf, lineColourOf, marker, whisker } from './marks.ts'
import { niceScale, valueScale, type Scale } from './scale.ts'
import { fit, round, textAt } from './text.ts'

const HEIGHT = 250
const LEFT = 58
/** With more points than this their marks would run into each other. */
const MOST_MARKS = 30

/** Places of x: numbers by their size, names in their order. */
function placesOf(
  { figure }: Panel,
  from: number,
  to: number,
): { scale: Scale | null; at(x: number | string): number; names: string[] } {
  const all = figure.series.flatMap(({ points }) => points.map(({ x }) => x))
  const numbers = all.filter((x) => typeof x === 'number')
  if (numbers.length === all.length) {
    const scale = niceScale(numbers, from, to, { wanted: 7, isWhole: figure.x.format === 'count' })
    return { scale, at: (x) => scale.at(Number(x)), names: [] }
  }
  const names = [...new Set(all.map(String))]
  return { scale: null, at: (x) => from + ((names.indexOf(String(x)) + 0.5) / names.length) * (to - from), names }
}

function drawPlot(panel: Panel, drawSeries: (place: Placing) => Html, hasLines: boolean): Html {
  const { figure } = panel
  const key = keyOf(
    figure.series.map((series) => `${series.name} (${countText(series.points)})`),
    {
      hasLines,
      hasMarks: !hasLines || figure.series.some(isMarked),
    },
  )
  const area = { left: LEFT, right: WIDTH - 14, top: key.height + 24, bottom: key.height + 24 + HEIGHT }
  const x = placesOf(panel, area.left + 6, area.right - 6)
  const points = figure.series.flatMap((series) => series.points)
  const y = valueScale(points, figure.y.format, { from: area.bottom, to: area.top, withZero: false })
  const room = (area.right - area.left) / Math.max(1, x.names.length)
  const names = x.names.map((name) => textAt(x.at(name), area.bottom + 16, fit(name, room - 4, 11), 'middle', 'tick'))
  const content = html`${key.content}${axes(area, panel, x.scale, y)}${names}${drawSeries({ panel, atX: x.at, y })}`
  return frame(panel, area.bottom + 42, content)
}

interface Placing {
  panel: Panel
  atX(x: number | string): number
  y: Scale
}

/** 'n 300', 'n 280 to 300 a point', or that there is nothing. */
function countText(points: readonly FigurePoint[]): string {
  const sizes = points.filter(({ y }) => y !== null).map(({ n }) => n)
  if (sizes.length === 0) return 'not enough data'
  const [least, most] = sizes.reduce(([low, high], n) => [Math.min(low, n), Math.max(high, n)], [Infinity, 0])
  return least === most ? `n ${least}` : `n ${least} to ${most} a point`
}

export function drawLines(panel: Panel): Html {
  return drawPlot(panel, (place) => html`${panel.figure.series.map((_, series) => drawLine(series, place))}`, true)
}

const isMarked = ({ points }: Pick<Panel['figure']['series'][number], 'points'>) => points.length <= MOST_MARKS

/** What lies between points that are out. */
function runsOf(points: readonly FigurePoint[], isIn: (point: FigurePoint) => boolean): FigurePoint[][] {
  const runs: FigurePoint[][] = [[]]
  for (const point of points) {
    if (isIn(point)) runs[runs.length - 1].push(point)
    else if (runs[runs.length - 1].length > 0) runs.push([])
  }
  return runs.filter(({ length }) => length > 0)
}

/** Where nothing was measured the line is broken, and its band where there is no interval. */
function drawLine(series: number, { panel, atX, y }: Placing): Html {
  const { points } = panel.figure.series[series]
  const path = (values: [FigurePoint, number][]) =>
    values.map(([{ x }, value], i) => `${i === 0 ? 'M' : 'L'}${round(atX(x))} ${round(y.at(value))}`).join('')
  const colour = lineColourOf(series)
  const bands = runsOf(points, ({ y: value, low, high }) => value !== null && low !== null && high !== null).map((known) => {
    const upper = known.map((point): [FigurePoint, number] => [point, point.high ?? 0])
    const lower = known.map((point): [FigurePoint, number] => [point, point.low ?? 0]).reverse()
    return known.length < 2
      ? known.map(({ x, low, high }) => whisker({ x: atX(x), y: y.at(low ?? 0) }, { x: atX(x), y: y.at(high ?? 0) }))
      : html`<path d="${path([...upper, ...lower])}Z" fill="${colour}" fill-opacity="0.13" stroke="none"/>`
  })
  const lines = runsOf(points, ({ y: value }) => value !== null).map((piece) => {
    const line = path(piece.map((point) => [point, point.y ?? 0]))
    const marks =
      isMarked({ points }) || piece.length === 1
        ? piece.map((point) => marker(series, atX(point.x), y.at(point.y ?? 0)))
        : null
    return html`<path d="${line}" fill="none" stroke="${colour}" stroke-width="1.8"
stroke-dasharray="${dashOf(series)}"/>${marks}`
  })
  return html`${bands}${lines}`
}

export function drawPoints(panel: Panel): Html {
  const draw = ({ atX, y }: Placing) =>
    html`${panel.figure.series.map(({ points }, series) =>
      points.map((point) => {
        if (point.y === null) return null
        const x = atX(point.x)
        const { low, high } = point
        const range = low === null || high === null ? null : whisker({ x, y: y.at(low) }, { x, y: y.at(high) })
        return html`${range}${marker(series, x, y.at(point.y))}`
      }),
    )}`
  return drawPlot(panel, draw, false)
}
