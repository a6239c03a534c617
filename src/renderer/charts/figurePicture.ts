/** A figure as a picture that stands alone: title, series, what it rests on, at three times the size, on white. */
import { Chart, Legend, SubTitle, Title, type LegendItem } from 'chart.js'
import type { Figure } from '../../shared/figure.ts'
import { visibleText } from '../modelText.ts'
import { figureColors, seriesKinds, seriesStyle, type FigureLook } from './figureColors.ts'
import { figureConfig } from './figureConfig.ts'
import { basisText, heightPx, shortLine, wrapped } from './figureLayout.ts'

const WIDTH_PX = 800
const TIMES = 3
/** Characters of a line of the title in the picture. */
const TITLE_LENGTH = 92
const LINE_PX = 20

export async function figurePicture(figure: Figure, arms: readonly string[]): Promise<Blob> {
  const colors = figureColors(false)
  const kinds = seriesKinds(figure, arms)
  const title = wrapped(visibleText(figure.title), TITLE_LENGTH)
  const canvas = document.createElement('canvas')
  canvas.width = WIDTH_PX
  canvas.height = heightPx(figure, WIDTH_PX) + LINE_PX * (title.length + 1 + Math.ceil(figure.series.length / 4)) + 60
  const config = figureConfig(figure, { colors, kinds, widthPx: WIDTH_PX })
  const look = { kinds, colors }
  const chart = new Chart(canvas, {
    ...config,
    plugins: [
      ...(config.plugins ?? []),
      Title,
      SubTitle,
      Legend,
      {
        id: 'paper',
        beforeDraw({ ctx, width, height }) {
          ctx.save()
          ctx.fillStyle = colors.surface
          ctx.fillRect(0, 0, width, height)
          ctx.restore()
        },
      },
    ],
    options: {
      ...config.options,
      responsive: false,
      devicePixelRatio: TIMES,
      layout: { padding: 14 },
      plugins: {
        ...config.options?.plugins,
        title: { display: true, text: title, align: 'start', color: colors.ink, font: { size: 14, weight: 600 } },
        subtitle: { display: true, text: basisText(figure), align: 'start', color: colors.ink, padding: { bottom: 8 } },
        legend: { display: figure.kind !== 'matrix', labels: { color: colors.ink, ...legendLabels(figure, look) } },
      },
    },
  })
  try {
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture is too large'))), 'image/png')
    })
  } finally {
    chart.destroy()
  }
}

/** Lines and outlines stand in the legend as they are drawn, since dashes alone tell the parts of an arm apart. */
function legendLabels({ kind, series }: Figure, { kinds, colors }: FigureLook) {
  if (kind === 'bars' || kind === 'matrix') return {}
  if (kind === 'points') return { usePointStyle: true }
  const generateLabels = (): LegendItem[] =>
    series.map(({ name }, index) => {
      const { color, dash } = seriesStyle(kinds[index], colors)
      return { text: shortLine(name), strokeStyle: color, fontColor: colors.ink, lineDash: dash, lineWidth: 2, pointStyle: 'line' }
    })
  return { usePointStyle: true, pointStyleWidth: 40, generateLabels }
}
