/** What every drawing has: its size, what it says to those who do not see it, a key, and a grid. */
import type { Figure } from '../../../shared/figure.ts'
import { html, type Html } from '../html.ts'
import { dashOf, lineColourOf, marker } from './marks.ts'
import { tickText, type Scale } from './scale.ts'
import { fit, round, textAt, textWidth } from './text.ts'

/** Drawing units; a page shows about as many points. */
export const WIDTH = 720

export interface Panel {
  figure: Figure
  /** Sets the ids of this drawing apart. */
  id: string
}

/** `what` says which part of the figure this drawing shows, where it shows a part. */
export function frame({ figure, id }: Panel, height: number, content: Html, what = '', width = WIDTH): Html {
  const names = figure.series.map(({ name }) => name)
  const shown = names.length > 12 ? `${names.slice(0, 12).join(', ')} and ${names.length - 12} more` : names.join(', ')
  const text =
    `${what}${what === '' ? '' : '. '}${figure.y.label} by ${figure.x.label}, for ${shown}. The numbers ` +
    `stand in a table of this report.`
  return html`<svg viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" role="img"
aria-labelledby="${id}-title ${id}-text">
<title id="${id}-title">${figure.title}</title><desc id="${id}-text">${text}</desc>
${content}</svg>`
}

export interface Key {
  content: Html
  height: number
}

/** Names of the series with the look of their lines and marks, broken into rows. */
export function keyOf(names: readonly string[], { hasLines, hasMarks }: { hasLines: boolean; hasMarks: boolean }): Key {
  const size = 11
  let [x, y] = [0, 14]
  const entries = names.map((name, series) => {
    const text = fit(name, WIDTH - 50, size)
    const width = 34 + textWidth(text, size) + 14
    if (x > 0 && x + width > WIDTH) [x, y] = [0, y + 17]
    const [left, line] = [x, y]
    x += width
    const sample = hasLines
      ? html`<path d="M${left} ${line - 4}h26" fill="none" stroke="${lineColourOf(series)}" stroke-width="2"
stroke-dasharray="${dashOf(series)}"/>`
      : null
    return html`${sample}${hasMarks ? marker(series, left + 13, line - 4) : null}${textAt(left + 32, line, text)}`
  })
  return { content: html`${entries}`, height: y + 8 }
}

export interface PlotArea {
  left: number
  right: number
  top: number
  bottom: number
}

/** Lines and numbers of a plot with numbers on both axes, and what the axes are. */
export function axes(area: PlotArea, { figure }: Pick<Panel, 'figure'>, x: Scale | null, y: Scale): Html {
  const { left, right, top, bottom } = area
  const rows = y.ticks.map((tick) => {
    const at = round(y.at(tick))
    const kind = tick === 0 ? 'zero' : 'grid'
    return html`<path d="M${left} ${at}H${right}"
class="${kind}"/>${textAt(left - 6, at + 4, tickText(tick, y, figure.y.format), 'end', 'tick')}`
  })
  const columns =
    x === null
      ? []
      : x.ticks.map((tick) => {
          const at = round(x.at(tick))
          return html`<path d="M${at} ${bottom}v4"
class="axis"/>${textAt(at, bottom + 16, tickText(tick, x, figure.x.format), 'middle', 'tick')}`
        })
  return html`${rows}<path d="M${left} ${bottom}H${right}" class="axis"/>${columns}
${textAt((left + right) / 2, bottom + 34, fit(figure.x.label, right - left, 11), 'middle')}
${textAt(0, top - 8, fit(figure.y.label, WIDTH, 11))}`
}
