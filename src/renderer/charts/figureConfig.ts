/** A figure as Chart.js draws it, in one place for the window and for pictures. */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  ScatterController,
  Tooltip,
  type ChartConfiguration,
  type ChartTypeRegistry,
  type TooltipItem,
} from 'chart.js'
import { MatrixController, MatrixElement } from 'chartjs-chart-matrix'
import Zoom from 'chartjs-plugin-zoom'
import type { Figure } from '../../shared/figure.ts'
import { figureInterval, figureNumber, figureP } from '../../shared/figureText.ts'
import { faint } from './figureColors.ts'
import { drawing, type Drawing, type DrawingPlace } from './figureDrawing.ts'
import { isLying, xText } from './figureLayout.ts'
import { intervalPlugin } from './intervalPlugin.ts'

Chart.register(BarController, BarElement, CategoryScale, LinearScale, LineController, LineElement)
Chart.register(MatrixController, MatrixElement, PointElement, ScatterController, Tooltip)

export interface FigureView extends DrawingPlace {
  /** Told whenever a person has zoomed or moved what is seen. */
  onView?: () => void
}

export function figureConfig(figure: Figure, view: FigureView): ChartConfiguration {
  const { config, points } = drawing(figure, view)
  const { colors, onView } = view
  const moved = onView ? () => onView() : () => undefined
  const mode = zoomMode(figure, view)
  return {
    ...config,
    plugins: [Zoom, intervalPlugin(figure, points, view), ...(config.plugins ?? [])],
    options: {
      ...config.options,
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      layout: { padding: { top: 6, right: 10 } },
      plugins: {
        tooltip: {
          callbacks: {
            title: (items) => titleOf(figure, items, points),
            label: (item) => labelOf(figure, item, points),
          },
        },
        zoom: {
          limits: { x: { min: 'original', max: 'original' }, y: { min: 'original', max: 'original' } },
          pan: { enabled: true, mode, modifierKey: 'shift', onPanComplete: moved },
          zoom: {
            mode,
            // Scrolling a page with charts in it must not change them.
            wheel: { enabled: true, modifierKey: 'ctrl' },
            pinch: { enabled: true },
            drag: { enabled: true, backgroundColor: faint(colors.axis, 0.25), threshold: 8 },
            onZoomComplete: moved,
          },
        },
      },
    },
  }
}

/** Bars are looked at more closely along their length, everything over numbers along x, clouds both ways. */
export function zoomMode(figure: Figure, { widthPx }: Pick<FigureView, 'widthPx'>): 'x' | 'y' | 'xy' {
  if (figure.kind === 'bars') return isLying(figure, widthPx) ? 'x' : 'y'
  return figure.kind === 'points' ? 'xy' : 'x'
}

type Item = TooltipItem<keyof ChartTypeRegistry>

function titleOf(figure: Figure, items: Item[], points: Drawing['points']): string {
  const point = items.length === 0 ? null : points[items[0].datasetIndex]?.[items[0].dataIndex]
  if (!point) return ''
  if (figure.kind === 'histogram') {
    const to = Number(point.x) + (figure.binWidth ?? 0)
    return `${figure.x.label}: ${xText(point.x, figure)} to ${xText(to, figure)}`
  }
  return typeof point.x === 'number' ? `${figure.x.label}: ${xText(point.x, figure)}` : xText(point.x, figure)
}

function labelOf(figure: Figure, { datasetIndex, dataIndex, dataset }: Item, points: Drawing['points']): string {
  const point = points[datasetIndex]?.[dataIndex]
  if (!point) return ''
  const { format } = figure.y
  const n = `n = ${figureNumber(point.n, 'count')}`
  const parts = [figureNumber(point.y, format), figureInterval(point, format), figureP(point), n]
  return `${dataset.label ?? ''}: ${parts.filter((part) => part !== '').join('  ')}`
}
