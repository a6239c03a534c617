/** Counts of pairs as cells. */
import type { ChartConfiguration, ChartDataset, Plugin, Scale, ScaleOptions } from 'chart.js'
import type { Figure } from '../../shared/figure.ts'
import { figureNumber } from '../../shared/figureText.ts'
import { faint, seriesStyle, type FigureLook } from './figureColors.ts'
import { groupsOf, shortLine, wrapped, xText } from './figureLayout.ts'

/** Darker where there is more; the numbers stand in the cells while there is room for them. */
export function matrix(figure: Figure, { colors, kinds }: FigureLook) {
  const columns = groupsOf(figure)
  const rows = figure.series
  const cells = rows.flatMap(({ points }, row) =>
    points.map((point) => ({ row, column: columns.indexOf(point.x), point })),
  )
  const most = Math.max(0, ...cells.map(({ point }) => point.y ?? 0))
  const { color } = seriesStyle(kinds[0], colors)
  const share = (place: number) => (most === 0 ? 0 : (cells[place]?.point.y ?? 0) / most)
  const dataset: ChartDataset<'matrix'> = {
    label: figure.y.label,
    data: cells.map(({ row, column, point }) => ({ x: column, y: row, v: point.y ?? 0 })),
    backgroundColor: ({ dataIndex }) => faint(color, 0.06 + 0.6 * share(dataIndex)),
    borderColor: colors.grid,
    borderWidth: 1,
    width: ({ chart }) => cellPx(chart.scales.x),
    height: ({ chart }) => cellPx(chart.scales.y),
  }
  const axis = (names: readonly string[], title: string): ScaleOptions<'linear'> => ({
    type: 'linear',
    min: -0.5,
    max: names.length - 0.5,
    offset: false,
    grid: { display: false },
    title: { display: true, text: title, color: colors.ink },
    afterBuildTicks: (scale) => {
      scale.ticks = names.map((_, value) => ({ value }))
    },
    ticks: {
      color: colors.ink,
      maxRotation: 0,
      font: { size: 11 },
      callback: (value) => wrapped(names[Number(value)] ?? ''),
    },
  })
  const scales = {
    x: { ...axis(columns.map((x) => xText(x, figure)), figure.x.label), position: 'top' as const },
    y: { ...axis(rows.map(({ name }) => shortLine(name)), ''), reverse: true, title: { display: false } },
  }
  const texts: Plugin<'matrix'> = {
    id: 'cellTexts',
    afterDatasetsDraw(chart) {
      const { ctx, width } = chart
      if (width / columns.length < 44) return
      ctx.save()
      ctx.font = '600 13px system-ui, sans-serif'
      ctx.textAlign = 'center'
      ctx.textBaseline = 'middle'
      ctx.fillStyle = colors.isDark ? '#ffffff' : '#10202a'
      chart.getDatasetMeta(0).data.forEach((cell, place) => {
        const { x, y } = cell.tooltipPosition(true)
        if (x !== null && y !== null) ctx.fillText(figureNumber(cells[place].point.y, figure.y.format), x, y)
      })
      ctx.restore()
    },
  }
  const data = { datasets: [dataset] }
  const config: ChartConfiguration<'matrix'> = { type: 'matrix', data, options: { scales }, plugins: [texts] }
  return { points: [cells.map(({ point }) => point)], config }
}

/** Before the first layout an axis knows no places. */
function cellPx(scale: Scale | undefined): number {
  if (scale === undefined) return 1
  return Math.max(1, Math.abs(scale.getPixelForValue(1) - scale.getPixelForValue(0)) - 2)
}

