/** The numbers of a figure as rows of a table. */
import type { Figure, FigurePoint } from '../../shared/figure.ts'
import { figureInterval, figureNumber, figureP } from '../../shared/figureText.ts'
import { visibleLine } from '../modelText.ts'
import { groupsOf, shortLine, xText } from './figureLayout.ts'

/** A table is for reading; the file has every row. */
export const MOST_ROWS = 200

export interface FigureCell {
  value: string
  /** Interval, p and n. */
  basis: string
  /** How much of the largest cell of a matrix, 0 to 1; 0 elsewhere. */
  heat: number
  /** What it is of, for a link. */
  series: number
  x: FigurePoint['x']
}

export interface FigureRows {
  columns: string[]
  rows: { head: string; cells: (FigureCell | null)[] }[]
  /** Rows that are left to the file. */
  left: number
}

/**
 * A row for each x with a column for each series; a matrix as it is drawn. A cloud of points, where an x may stand more
 * than once, gets a row for each point.
 */
export function figureRows(figure: Figure): FigureRows {
  const { series, kind, x, y } = figure
  const names = series.map(({ name }) => shortLine(name))
  const most = kind === 'matrix' ? Math.max(0, ...series.flatMap(({ points }) => points.map(({ y }) => y ?? 0))) : 0
  const cell = (index: number, point: FigurePoint): FigureCell => ({
    value: figureNumber(point.y, y.format),
    basis: basisOf(figure, point),
    heat: most === 0 ? 0 : (point.y ?? 0) / most,
    series: index,
    x: point.x,
  })
  if (kind === 'points') {
    const all = series.flatMap(({ points }, index) => points.map((point) => ({ index, point })))
    const rows = all.slice(0, MOST_ROWS).map(({ index, point }) => ({
      head: series.length > 1 ? `${names[index]}, ${xText(point.x, figure)}` : xText(point.x, figure),
      cells: [cell(index, point)],
    }))
    return { columns: [x.label, y.label], rows, left: all.length - rows.length }
  }
  const groups = groupsOf(figure)
  const found = series.map(({ points }) => new Map(points.map((point) => [point.x, point])))
  const at = (index: number, group: FigurePoint['x']) => {
    const point = found[index].get(group)
    return point === undefined ? null : cell(index, point)
  }
  if (kind === 'matrix') {
    const rows = series.map((_, index) => ({ head: names[index], cells: groups.map((group) => at(index, group)) }))
    return { columns: [y.label, ...groups.map((group) => xText(group, figure))], rows, left: 0 }
  }
  const shown = groups.slice(0, MOST_ROWS)
  const rows = shown.map((group) => ({
    head: headOf(figure, group),
    cells: series.map((_, index) => at(index, group)),
  }))
  return { columns: [x.label, ...names], rows, left: groups.length - shown.length }
}

function headOf(figure: Figure, x: FigurePoint['x']): string {
  if (typeof x === 'string') return visibleLine(x.slice(0, 200))
  if (figure.kind !== 'histogram' || figure.binWidth === null) return xText(x, figure)
  return `${xText(x, figure)} to ${xText(x + figure.binWidth, figure)}`
}

function basisOf({ y, kind }: Figure, point: FigurePoint): string {
  const n = `n = ${figureNumber(point.n, 'count')}`
  // What was counted rests on all, which is said once.
  if (kind === 'matrix') return ''
  return [figureInterval(point, y.format), figureP(point), n].filter((part) => part !== '').join(' ')
}
