/** What a line chart shows. */
import type { LineKind } from './lineStyle.ts'

export interface ChartLine {
  name: string
  /** Fixes colour, sign and dashes, so that an arm looks the same in every chart. */
  kind: LineKind
  x: readonly number[]
  /** As long as `x`; null where there is no number. */
  y: readonly (number | null)[]
}

/** The same as rows of a table: one for each x that any line has, at most `limit`, spread evenly, last one kept. */
export function tableRows(lines: readonly ChartLine[], limit: number): { x: number; cells: (number | null)[] }[] {
  const all = [...new Set(lines.flatMap(({ x }) => x))].sort((a, b) => a - b)
  const stride = Math.max(1, Math.ceil(all.length / limit))
  const shown = all.filter((_, index) => (all.length - 1 - index) % stride === 0)
  const found = lines.map(({ x, y }) => new Map(x.map((value, index) => [value, y[index]])))
  return shown.map((x) => ({ x, cells: found.map((line) => line.get(x) ?? null) }))
}

/** The last number of a line, or null. */
export function lastOf(line: ChartLine): { x: number; y: number } | null {
  for (let index = line.x.length - 1; index >= 0; index--) {
    const y = line.y[index]
    if (y !== null) return { x: line.x[index], y }
  }
  return null
}
