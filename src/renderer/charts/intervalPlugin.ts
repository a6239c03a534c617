/** Draws the 95% intervals of a figure: whiskers on bars and points, a band around a line or an outline. */
import type { Chart, Plugin } from 'chart.js'
import type { Figure, FigurePoint } from '../../shared/figure.ts'
import { faint, seriesStyle, type FigureLook } from './figureColors.ts'
import { hasBands } from './figureLayout.ts'
import { bandRuns } from './figureRanges.ts'

const CAP_PX = 4
/** Whiskers on more points than these only hide each other. */
const MOST_WHISKERS = 200

/** `points[i]` is what is drawn at place i of a dataset; null where nothing is. */
export function intervalPlugin(
  figure: Figure,
  points: readonly (readonly (FigurePoint | null)[])[],
  { colors, kinds }: FigureLook,
): Plugin {
  const { kind, binWidth } = figure
  return {
    id: 'intervals',
    beforeDatasetsDraw(chart) {
      if (!hasBands(figure)) return
      inside(chart, () => points.forEach((series, index) => drawBand(chart, series, { index, color: seriesStyle(kinds[index], colors).color, binWidth })))
    },
    afterDatasetsDraw(chart) {
      if (kind !== 'bars' && kind !== 'points') return
      inside(chart, () => points.forEach((series, index) => drawWhiskers(chart, series, index, colors.ink)))
    },
  }
}

/** Nothing is drawn beyond the axes of a chart that is zoomed in. */
function inside({ ctx, chartArea: { left, top, width, height } }: Chart, draw: () => void): void {
  ctx.save()
  ctx.beginPath()
  ctx.rect(left - 1, top - 1, width + 2, height + 2)
  ctx.clip()
  draw()
  ctx.restore()
}

type Series = readonly (FigurePoint | null)[]

function drawWhiskers(chart: Chart, series: Series, index: number, color: string): void {
  const { ctx } = chart
  const lies = chart.options.indexAxis === 'y'
  const value = chart.scales[lies ? 'x' : 'y']
  const bounded = series.filter((point) => point?.low != null).length
  if (bounded > MOST_WHISKERS || !chart.isDatasetVisible(index)) return
  ctx.strokeStyle = color
  ctx.lineWidth = 1.25
  series.forEach((point, place) => {
    const element = chart.getDatasetMeta(index).data[place]
    if (point === null || point.low === null || point.high === null || element === undefined) return
    const [from, to] = [value.getPixelForValue(point.low), value.getPixelForValue(point.high)]
    ctx.beginPath()
    for (const [ax, ay, bx, by] of [
      [from, 0, to, 0],
      [from, -CAP_PX, from, CAP_PX],
      [to, -CAP_PX, to, CAP_PX],
    ]) {
      ctx.moveTo(lies ? ax : element.x + ay, lies ? element.y + ay : ax)
      ctx.lineTo(lies ? bx : element.x + by, lies ? element.y + by : bx)
    }
    ctx.stroke()
  })
}

interface Band {
  index: number
  color: string
  /** Of a histogram, where an interval holds for a whole bin. */
  binWidth: number | null
}

function drawBand(chart: Chart, series: Series, { index, color, binWidth }: Band): void {
  const { ctx, scales } = chart
  if (!chart.isDatasetVisible(index)) return
  ctx.fillStyle = faint(color, 0.16)
  for (const run of bandRuns(series, binWidth)) {
    const edge = run.map(({ x, low, high }) => ({
      x: scales.x.getPixelForValue(x),
      low: scales.y.getPixelForValue(low),
      high: scales.y.getPixelForValue(high),
    }))
    // A single place is as wide as can be seen.
    const places = edge.length === 1 ? [{ ...edge[0], x: edge[0].x - 2 }, { ...edge[0], x: edge[0].x + 2 }] : edge
    ctx.beginPath()
    places.forEach(({ x, high }, i) => (i === 0 ? ctx.moveTo(x, high) : ctx.lineTo(x, high)))
    for (const { x, low } of places.toReversed()) ctx.lineTo(x, low)
    ctx.closePath()
    ctx.fill()
  }
}
