/** How series look: told apart by pattern, dash and shape as well as by colour, so that they can be printed in grey. */
import { html, type Html } from '../html.ts'
import { round } from './text.ts'

/** From dark to light; the hues are told apart by most colour-blind people (after Okabe and Ito). */
const COLOURS = ['#0a4a78', '#e69f00', '#8a3b72', '#56b4e9', '#00624a', '#f0c9a4', '#4d4d4d', '#9fd3b6']
/** The same hues, dark enough for thin lines on white: at least 3 to 1 (WCAG 2.2, 1.4.11). */
const LINE_COLOURS = ['#0a4a78', '#b06f00', '#8a3b72', '#2b83bd', '#00624a', '#b5562b', '#4d4d4d', '#3d8a62']
const DASHES = ['none', '7 3', '2 3', '9 3 2 3', '12 4', '4 2 1 2', '1 2', '14 3 3 3']

const colourOf = (series: number): string => COLOURS[series % COLOURS.length]
export const lineColourOf = (series: number): string => LINE_COLOURS[series % LINE_COLOURS.length]
export const dashOf = (series: number): string => DASHES[(series + Math.floor(series / DASHES.length)) % DASHES.length]

export interface Box {
  x: number
  y: number
  width: number
  height: number
}

/**
 * A filled box. Lines across it tell series apart without colour; the first has none. Patterns would become pictures
 * on paper.
 */
export function filled(series: number, { x, y, width, height }: Box): Html {
  const box = html`<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(0.5, width))}"
height="${round(height)}" fill="${colourOf(series)}" class="bar"/>`
  const path = hatch((series + Math.floor(series / HATCHES.length)) % HATCHES.length, { x, y, width, height })
  // Light colours carry dark lines, dark ones light lines.
  const line = series % 2 === 0 && series % 8 !== 6 ? '#ffffff' : '#3a3a3a'
  return path === '' ? box : html`${box}<path d="${path}" stroke="${line}" stroke-width="0.8" fill="none"/>`
}

const rising = (box: Box) => diagonals(box, 1)
const falling = (box: Box) => diagonals(box, -1)
const upright = ({ x, y, width, height }: Box) =>
  steps(width, 5)
    .map((at) => `M${round(x + at)} ${round(y)}v${round(height)}`)
    .join('')
const lying = ({ x, y, width, height }: Box) =>
  steps(height, 4)
    .map((at) => `M${round(x)} ${round(y + at)}h${round(width)}`)
    .join('')

const HATCHES: ((box: Box) => string)[] = [
  () => '',
  rising,
  lying,
  upright,
  falling,
  (box) => lying(box) + upright(box),
  (box) => rising(box) + falling(box),
  ({ x, y, width, height }) => `M${round(x)} ${round(y + height / 2)}h${round(width)}`,
]

function hatch(kind: number, box: Box): string {
  return box.width < 2 || box.height < 2 ? '' : HATCHES[kind](box)
}

/** Lines at 45 degrees, cut off at the edges of the box. */
function diagonals({ x, y, width, height }: Box, direction: 1 | -1): string {
  return steps(width + height, 6)
    .map((at) => {
      // Along the line, `from` and `to` count from the edge where it would begin.
      const [from, to] = [Math.max(0, at - height), Math.min(at, width)]
      const place = (along: number) => y + (direction === 1 ? at - along : height - at + along)
      return `M${round(x + from)} ${round(place(from))}L${round(x + to)} ${round(place(to))}`
    })
    .join('')
}

function steps(length: number, step: number): number[] {
  return Array.from({ length: Math.max(0, Math.ceil(length / step) - 1) }, (_, i) => (i + 1) * step)
}

/** The mark of a point, about 8 units wide: circle, square, triangle, diamond, and the same hollow. */
export function marker(series: number, x: number, y: number): Html {
  const [cx, cy] = [round(x), round(y)]
  const shapes = [
    `M${cx - 3.5} ${cy}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z`,
    `M${cx - 3.2} ${cy - 3.2}h6.4v6.4h-6.4z`,
    `M${cx} ${cy - 4.2}l4 7h-8z`,
    `M${cx} ${cy - 4.4}l4.4 4.4l-4.4 4.4l-4.4 -4.4z`,
  ]
  const colour = lineColourOf(series)
  const fill = Math.floor(series / shapes.length) % 2 === 0 ? colour : '#ffffff'
  return html`<path d="${shapes[series % shapes.length]}" fill="${fill}" stroke="${colour}"
stroke-width="1.2"/>`
}

/** A bar with ends, light around dark so that it is seen on any fill. */
export function whisker(from: { x: number; y: number }, to: { x: number; y: number }): Html {
  const isFlat = from.y === to.y
  const end = ({ x, y }: { x: number; y: number }) =>
    isFlat ? `M${round(x)} ${round(y - 3)}v6` : `M${round(x - 3)} ${round(y)}h6`
  const path = `M${round(from.x)} ${round(from.y)}L${round(to.x)} ${round(to.y)}${end(from)}${end(to)}`
  return html`<path d="${path}" class="halo"/><path d="${path}" class="whisker"/>`
}
