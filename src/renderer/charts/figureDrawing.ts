/** The marks of each kind of figure as Chart.js takes them. */
import type { ChartConfiguration, ChartDataset, ScaleOptions } from 'chart.js'
import type { Figure, FigurePoint } from '../../shared/figure.ts'
import { numberAxis } from './figureAxes.ts'
import { faint, seriesStyle, type FigureLook } from './figureColors.ts'
import { groupsOf, isLying, shortLine, wrapped, xText } from './figureLayout.ts'
import { matrix } from './figureMatrix.ts'
import { aroundIntervals, barRange, histogramRange, lastFilled } from './figureRanges.ts'
import { signPlaces } from './lineStyle.ts'

type LineSet = ChartDataset<'line', { x: number; y: number }[]>

/** `points[series][place]` is what stands behind each mark. */
export interface Drawing {
  config: ChartConfiguration
  points: (FigurePoint | null)[][]
}

export interface DrawingPlace extends FigureLook {
  widthPx: number
}

export function drawing(figure: Figure, view: DrawingPlace): Drawing {
  switch (figure.kind) {
    case 'bars':
      return bars(figure, view)
    case 'lines':
      return lines(figure, view)
    case 'histogram':
      return histogram(figure, view)
    case 'points':
      return cloud(figure, view)
    case 'matrix':
      return matrix(figure, view)
  }
}

function bars(figure: Figure, { colors, kinds, widthPx }: DrawingPlace): Drawing {
  const groups = groupsOf(figure)
  const lies = isLying(figure, widthPx)
  const points = figure.series.map((series) => {
    const found = new Map(series.points.map((point) => [point.x, point]))
    return groups.map((x) => found.get(x) ?? null)
  })
  const datasets = figure.series.map(({ name }, index): ChartDataset<'bar', (number | null)[]> => {
    const { color } = seriesStyle(kinds[index], colors)
    return {
      label: shortLine(name),
      data: points[index].map((point) => point?.y ?? null),
      backgroundColor: faint(color, 0.72),
      borderColor: color,
      borderWidth: 1,
      // A bar of length 0 can still be seen and pointed at.
      minBarLength: 2,
      maxBarThickness: 44,
    }
  })
  const value = { ...numberAxis(figure.y, colors), ...barRange(figure) }
  const names: ScaleOptions<'category'> = {
    type: 'category',
    grid: { display: false },
    border: { color: colors.axis },
    ticks: { color: colors.ink, autoSkip: false, maxRotation: 0, font: { size: 11 } },
  }
  const labels = groups.map((x) => wrapped(xText(x, figure), lies ? 22 : undefined))
  const scales = lies ? { x: value, y: names } : { x: names, y: value }
  const options = { indexAxis: lies ? 'y' : 'x', scales } as const
  return { points, config: { type: 'bar', data: { labels, datasets }, options } }
}

function lines(figure: Figure, { colors, kinds }: DrawingPlace): Drawing {
  const points = figure.series.map((series) =>
    series.points.filter(({ x }) => typeof x === 'number').sort((a, b) => Number(a.x) - Number(b.x)),
  )
  const datasets = figure.series.map(({ name }, index): LineSet => {
    const { color, sign, dash } = seriesStyle(kinds[index], colors)
    const signs = points[index].length <= 40 ? null : new Set(signPlaces(points[index].length, { arm: index, seed: 0 }))
    return {
      label: shortLine(name),
      // What was not measured leaves a gap.
      data: points[index].map(({ x, y }) => ({ x: Number(x), y: y ?? NaN })),
      borderColor: color,
      backgroundColor: color,
      borderDash: dash,
      borderWidth: 1.75,
      pointStyle: sign,
      pointRadius: points[index].map((_, place) => (signs === null || signs.has(place) ? 3.5 : 0)),
      pointHitRadius: 6,
    }
  })
  const scales = { x: numberAxis(figure.x, colors), y: { ...numberAxis(figure.y, colors), ...aroundIntervals(figure) } }
  const options = { parsing: false, interaction: { mode: 'nearest', intersect: false }, scales } as const
  return { points, config: { type: 'line', data: { datasets }, options } }
}

/** A corner of a histogram's outline, and the bin that begins there. */
interface Corner {
  at: { x: number; y: number }
  bin: FigurePoint | null
}

/** Outlines on top of each other, since bars of several series would hide each other. */
function histogram(figure: Figure, { colors, kinds }: DrawingPlace): Drawing {
  const width = figure.binWidth ?? 1
  const last = lastFilled(figure)
  const points: (FigurePoint | null)[][] = []
  const datasets = figure.series.map(({ name, points: bins }, index): LineSet => {
    const { color, dash } = seriesStyle(kinds[index], colors)
    const sorted = bins
      .filter(({ x }) => typeof x === 'number' && x <= last)
      .sort((a, b) => Number(a.x) - Number(b.x))
    const outline = sorted.flatMap((bin, place) => {
      const [from, to] = [Number(bin.x), Number(bin.x) + width]
      const isLast = sorted[place + 1] === undefined || Number(sorted[place + 1].x) > to + width / 1000
      const drawn: Corner[] = [{ at: { x: from, y: bin.y ?? 0 }, bin }]
      if (place === 0) drawn.unshift({ at: { x: from, y: 0 }, bin: null })
      if (isLast) drawn.push({ at: { x: to, y: 0 }, bin: null })
      return drawn
    })
    points.push(outline.map(({ bin }) => bin))
    return {
      label: shortLine(name),
      data: outline.map(({ at }) => at),
      // From the left edge of a bin to the next one the line keeps its height.
      stepped: 'before' as const,
      borderColor: color,
      borderDash: dash,
      borderWidth: 1.5,
      pointRadius: 0,
      pointHitRadius: 8,
    }
  })
  const scales = { x: numberAxis(figure.x, colors), y: { ...numberAxis(figure.y, colors), ...histogramRange(figure) } }
  const options = { parsing: false, interaction: { mode: 'nearest', axis: 'x', intersect: false }, scales } as const
  return { points, config: { type: 'line', data: { datasets }, options } }
}

function cloud(figure: Figure, { colors, kinds }: DrawingPlace): Drawing {
  const points = figure.series.map((series) => series.points.filter(({ x, y }) => typeof x === 'number' && y !== null))
  const datasets = figure.series.map(({ name }, index): ChartDataset<'scatter', { x: number; y: number }[]> => {
    const { color, sign } = seriesStyle(kinds[index], colors)
    const isCrowded = points[index].length > 200
    return {
      label: shortLine(name),
      data: points[index].map(({ x, y }) => ({ x: Number(x), y: y ?? NaN })),
      borderColor: color,
      backgroundColor: faint(color, isCrowded ? 0.4 : 0.85),
      pointStyle: sign,
      pointRadius: isCrowded ? 2.5 : 5,
    }
  })
  // No mark stands on an axis.
  const x = { ...numberAxis(figure.x, colors), grace: '8%' }
  const scales = { x, y: { ...numberAxis(figure.y, colors), ...aroundIntervals(figure) } }
  return { points, config: { type: 'scatter', data: { datasets }, options: { parsing: false, scales } } }
}

