/** The axes of a drawn figure. */
import type { ScaleOptions } from 'chart.js'
import type { FigureAxis, FigureFormat } from '../../shared/figure.ts'
import { figureNumber } from '../../shared/figureText.ts'
import type { FigureColors } from './figureColors.ts'
import { wrapped } from './figureLayout.ts'

export function numberAxis(axis: FigureAxis, colors: FigureColors): ScaleOptions<'linear'> {
  const { format, label } = axis
  return {
    type: 'linear',
    title: { display: true, text: wrapped(label, 48), color: colors.ink },
    grid: { color: ({ tick }) => (tick?.value === 0 && format === 'points' ? colors.axis : colors.grid) },
    border: { color: colors.axis },
    ticks: {
      color: colors.ink,
      maxTicksLimit: 7,
      font: { size: 11 },
      ...(format === 'count' ? { precision: 0 } : {}),
      callback: (value) => tickText(Number(value), format),
    },
  }
}

function tickText(value: number, format: FigureFormat): string {
  // Ticks are round numbers: '20%' says as much as '20.0%'.
  return figureNumber(value, format).replace(/\.0(?=%|$)/, '')
}
