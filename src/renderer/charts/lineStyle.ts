/**
 * How lines are told apart: arms by colour (safe for colour-blind eyes) and by the sign on their lines, the seeds of an
 * arm by dashes.
 */

const LIGHT = ['#0b5c7a', '#b0480b', '#1d6b3a', '#7b3fa0', '#7a5b00', '#9c2750', '#3d4db3', '#4c5a64']
const DARK = ['#7cc7e8', '#ffab70', '#8fd6a5', '#d3a6f0', '#e6cf6b', '#ff9fbe', '#aab6ff', '#c3ced8']
/** As many arms have a colour of their own. */
export const PALETTE = LIGHT.length
const SIGNS = ['circle', 'rect', 'triangle', 'rectRot', 'crossRot', 'star', 'cross', 'rectRounded'] as const
const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3], [12, 3], [3, 5], [10, 2, 2, 2, 2, 2], [1, 4]]

/** Which arm and which of its seeds a line belongs to, as places in their lists. */
export interface LineKind {
  arm: number
  seed: number
}

export interface LineStyle {
  color: string
  /** As Chart.js names it. */
  sign: (typeof SIGNS)[number]
  dash: number[]
}

export function lineStyle({ arm, seed }: LineKind, isDark: boolean): LineStyle {
  const colors = isDark ? DARK : LIGHT
  return { color: colors[arm % colors.length], sign: SIGNS[arm % SIGNS.length], dash: DASHES[seed % DASHES.length] }
}

/** At which of so many points of a line its signs stand: a few, at other places for each arm. */
export function signPlaces(points: number, { arm }: LineKind): number[] {
  const count = Math.min(points, 5)
  const shift = (arm + 1) / (SIGNS.length + 1)
  return Array.from({ length: count }, (_, i) => Math.floor(((i + shift) * points) / count))
}
