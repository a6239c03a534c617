/** How lines are told apart: by colour (safe for colour-blind eyes) and, for those who see none, by dashes. */

const LIGHT = ['#0b5c7a', '#b0480b', '#1d6b3a', '#7b3fa0', '#7a5b00', '#9c2750', '#3d4db3', '#4c5a64']
const DARK = ['#7cc7e8', '#ffab70', '#8fd6a5', '#d3a6f0', '#e6cf6b', '#ff9fbe', '#aab6ff', '#c3ced8']
const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3], [12, 3], [3, 5], [10, 2, 2, 2, 2, 2], [1, 4]]

export interface LineStyle {
  color: string
  dash: number[]
}

/** The style of the line number `index`. */
export function lineStyle(index: number, isDark: boolean): LineStyle {
  const colors = isDark ? DARK : LIGHT
  return { color: colors[index % colors.length], dash: DASHES[index % DASHES.length] }
}
