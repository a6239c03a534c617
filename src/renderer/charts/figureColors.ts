/** Colours of a drawn figure in the light and in the dark theme. */
import type { Figure } from '../../shared/figure.ts'
import { lineStyle, PALETTE, type LineKind, type LineStyle } from './lineStyle.ts'

export interface FigureColors {
  isDark: boolean
  ink: string
  grid: string
  /** Of the zero line. */
  axis: string
  surface: string
}

/** What a drawing needs to know of colours: `kinds` has one for each series. */
export interface FigureLook {
  colors: FigureColors
  kinds: readonly LineKind[]
}

export function figureColors(isDark: boolean): FigureColors {
  return isDark
    ? { isDark, ink: '#c9d3dc', grid: '#2f3a44', axis: '#8b98a4', surface: '#1a2128' }
    : { isDark, ink: '#3a4650', grid: '#e2e7ec', axis: '#6b7883', surface: '#ffffff' }
}

export const seriesStyle = (kind: LineKind, { isDark }: FigureColors): LineStyle => lineStyle(kind, isDark)

/**
 * How each series looks. An arm of `arms` has its colour and sign wherever it is drawn, whoever stands beside it; its
 * parts ('rl: safe') and seeds ('rl (seed 1)') share them and differ by dashes. Series that are no arms begin at the
 * other end of the palette, so that a thought does not look like an arm.
 */
export function seriesKinds({ kind, series }: Pick<Figure, 'kind' | 'series'>, arms: readonly string[]): LineKind[] {
  const places = series.map(({ name }) => placeOf(name, arms, kind === 'bars'))
  if (places.includes(-1)) {
    const isAlone = arms.length === 0 || kind === 'matrix'
    return series.map((_, index) => ({ arm: isAlone ? index : PALETTE - 1 - (index % PALETTE), seed: index }))
  }
  const hasParts = new Set(places).size < places.length
  const part = (index: number) => places.slice(0, index).filter((place) => place === places[index]).length
  return places.map((arm, index) => ({ arm, seed: hasParts ? part(index) : arm }))
}

/** -1 where it is none. Bars have no dashes to tell the parts of an arm apart. */
function placeOf(name: string, arms: readonly string[], isWhole: boolean): number {
  const own = arms.indexOf(name)
  if (own >= 0 || isWhole) return own
  return arms.findIndex((arm) => name.startsWith(`${arm}: `) || name.startsWith(`${arm} (seed `))
}

/** The same colour, so much of it (0 to 1). */
export function faint(color: string, share: number): string {
  const byte = Math.round(255 * Math.min(1, Math.max(0, share)))
  return `${color}${byte.toString(16).padStart(2, '0')}`
}
