/** Every kind of figure as SVG: what is drawn, where, and what is said where there is nothing. */
import { expect, test } from 'vitest'
import { figureSvg } from '../../../src/host/report/svg/figureSvg.ts'
import { niceScale } from '../../../src/host/report/svg/scale.ts'
import { textWidth, wrap } from '../../../src/host/report/svg/text.ts'
import type { Figure, FigurePoint } from '../../../src/shared/figure.ts'

const point = (x: number | string, y: number | null, changes: Partial<FigurePoint> = {}): FigurePoint => ({
  x,
  y,
  low: y === null ? null : y - 0.1,
  high: y === null ? null : y + 0.1,
  n: 30,
  ...changes,
})

function figure(changes: Partial<Figure>): Figure {
  return {
    id: 'a-figure',
    title: 'Something is seen',
    definition: 'What it means.',
    kind: 'bars',
    x: { label: 'Arm', format: 'count' },
    y: { label: 'Found safe', format: 'share' },
    binWidth: null,
    series: [
      { name: 'base', points: [point('t', 0.25), point('y', 0.5)] },
      { name: 'rl', points: [point('t', 0.75), point('y', null, { n: 0 })] },
    ],
    notes: [],
    ...changes,
  }
}

const draw = (changes: Partial<Figure> = {}) =>
  figureSvg(figure(changes), 'f').map(({ markup }) => markup.replace(/\s+/g, ' '))
const rects = (markup: string) =>
  [...markup.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)].map((found) =>
    found.slice(1).map(Number),
  )
const texts = (markup: string) =>
  [...markup.matchAll(/<text x="([-\d.]+)" y="([-\d.]+)" text-anchor="(\w+)"[^>]*>([^<]*)</g)].map(
    ([, x, y, anchor, text]) => ({
      x: Number(x),
      y: Number(y),
      anchor,
      text,
    }),
  )

/** Left and right end of a text by the estimate that the drawing is made with. */
function span({ x, anchor, text }: ReturnType<typeof texts>[number]): [number, number] {
  const width = textWidth(text, 11)
  return anchor === 'end' ? [x - width, x] : anchor === 'middle' ? [x - width / 2, x + width / 2] : [x, x + width]
}

test('draws a bar for every number and says its value, interval and n; what has no number is said', () => {
  const [markup] = draw()
  expect(rects(markup)).toHaveLength(3)
  const [[x, , width], , [, , third]] = rects(markup)
  // Groups follow x: t of base and of rl, then y of base; from zero to 25%, 75% and 50% of the same scale.
  expect(third / width).toBeCloseTo(2, 1)
  expect(x).toBeGreaterThan(0)
  expect(markup).toContain('25.0% [15.0, 35.0], n 30')
  expect(markup).toContain('not enough data')
})

test('says what it shows to those who do not see it', () => {
  const [markup] = draw()
  expect(markup).toMatch(/role="img" aria-labelledby="f-0-title f-0-text"/)
  expect(markup).toContain('<title id="f-0-title">Something is seen</title>')
  expect(markup).toContain('Found safe by Arm, for base, rl.')
})

test('lets no two texts of a line meet, with names and numbers as long as they come', () => {
  const long = 'a category with a name that nobody would have thought of_before it_was_there'
  const series = ['rl-on-thought-and-answer-as-long-as-it-gets', 'b'].map((name) => ({
    name,
    points: [point(long, 1, { low: 0.9, high: 1, n: 123456, p: 0.0001 }), point('WWWWWWWWWWWWWWWWWWWWWWWWWWWWWW', 0.5)],
  }))
  const [markup] = draw({ series })
  for (const y of new Set(texts(markup).map((text) => text.y))) {
    const line = texts(markup).filter((text) => text.y === y)
    const spans = line.map(span).sort(([a], [b]) => a - b)
    spans.slice(1).forEach(([from], i) => expect(from).toBeGreaterThanOrEqual(spans[i][1] - 1))
  }
  for (const text of texts(markup)) {
    const [from, to] = span(text)
    expect(from).toBeGreaterThanOrEqual(-1)
    expect(to).toBeLessThanOrEqual(721)
  }
})

test('draws differences to both sides of zero', () => {
  const series = [{ name: 'rl', points: [point('t', 0.5), point('y', -0.25)] }]
  const [markup] = draw({ y: { label: 'Difference', format: 'points' }, series })
  const [[right, , long], [left, , short]] = rects(markup)
  expect(left + short).toBeCloseTo(right, 0)
  expect(long / short).toBeCloseTo(2, 1)
  expect(markup).toContain('+50.0 [+40.0, +60.0], n 30')
  expect(markup).toContain('−25.0')
})

test('divides what is higher than a page, and leaves nothing out', () => {
  const points = Array.from({ length: 100 }, (_, i) => point(`category ${i}`, 0.5))
  const parts = draw({ series: [{ name: 'base', points }] })
  expect(parts.length).toBeGreaterThan(2)
  expect(parts.flatMap(rects)).toHaveLength(100)
  expect(parts[1]).toContain('Part 2 of')
})

test('breaks a line where nothing was measured, and shades the interval', () => {
  const points = [point(0, 0.1), point(1, 0.2), point(2, null), point(3, 0.4), point(4, 0.5)]
  const [markup] = draw({ kind: 'lines', x: { label: 'Step', format: 'count' }, series: [{ name: 'rl', points }] })
  const lines = [...markup.matchAll(/<path d="(M[^"]*)" fill="none" stroke="#0a4a78" stroke-width="1.8"/g)]
  expect(lines.map(([, path]) => path.split('L').length)).toEqual([2, 2])
  expect(markup.match(/fill-opacity/g)).toHaveLength(2)
  expect(markup).toContain('rl (n 30)')
})

test('breaks the band of a line where a point has no interval, and not the line', () => {
  const points = [point(0, 0.1), point(1, 0.2), point(2, 0.3, { low: null, high: null }), point(3, 0.4), point(4, 0.5)]
  const [markup] = draw({ kind: 'lines', x: { label: 'Step', format: 'count' }, series: [{ name: 'rl', points }] })
  expect([...markup.matchAll(/<path d="(M[^"]*)" fill="none" stroke="#0a4a78" stroke-width="1.8"/g)]).toHaveLength(1)
  expect(markup.match(/fill-opacity/g)).toHaveLength(2)
})

test('gives each series of a histogram a strip of its own over the same axis', () => {
  const series = ['seen', 'unseen'].map((name, i) => ({
    name,
    points: [0, 1, 2].map((x) => point(x, 4 + i, { low: null, high: null, n: 12 })),
  }))
  const [markup] = draw({ kind: 'histogram', binWidth: 1, y: { label: 'Texts', format: 'count' }, series })
  const boxes = rects(markup)
  expect(boxes).toHaveLength(6)
  expect(boxes[0][0]).toBe(boxes[3][0])
  expect(boxes[3][1]).toBeGreaterThan(boxes[0][1] + boxes[0][3])
  expect(boxes[3][3] / boxes[0][3]).toBeCloseTo(5 / 4, 1)
  expect(markup).toContain('seen (n 12)')
})

test('fills the strips of a histogram, however small the shares are', () => {
  const points = [0.004, 0.02].map((y, x) => point(x, y, { low: null, high: null }))
  const [markup] = draw({ kind: 'histogram', binWidth: 1, series: [{ name: 'seen', points }] })
  expect(rects(markup)[1][3]).toBeGreaterThan(60)
  expect(markup).toContain('>2%<')
  expect(markup).not.toContain('100%')
})

test('draws thin lines dark enough to be seen on white', () => {
  const series = Array.from({ length: 8 }, (_, i) => ({ name: `s${i}`, points: [point(0, 0.1), point(1, 0.2)] }))
  const [markup] = draw({ kind: 'lines', series })
  const channel = (value: number) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
  const colours = [...new Set([...markup.matchAll(/fill="none" stroke="#(\w{6})"/g)].map(([, hex]) => hex))]
  expect(colours).toHaveLength(8)
  for (const hex of colours) {
    const [red, green, blue] = [0, 2, 4].map((at) => channel(parseInt(hex.slice(at, at + 2), 16) / 255))
    expect(1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05), hex).toBeGreaterThan(3)
  }
})

test('divides a histogram of many series, over the same axes and with the looks that they have together', () => {
  const series = Array.from({ length: 8 }, (_, i) => ({ name: `s${i}`, points: [point(0, 4, { n: 4 })] }))
  const parts = draw({ kind: 'histogram', binWidth: 1, y: { label: 'Texts', format: 'count' }, series })
  expect(parts.map((part) => rects(part).length)).toEqual([6, 2])
  expect(rects(parts[1])[0]).toEqual(rects(parts[0])[0])
  expect(parts[1]).toContain('#4d4d4d')
})

test('puts counts into the cells of a matrix, and says where there is none', () => {
  const series = [
    { name: 'Thought safe', points: [point('Answer safe', 8, { n: 30 }), point('Answer unsafe', 1, { n: 30 })] },
    { name: 'Thought unsafe', points: [point('Answer safe', null, { n: 0 })] },
  ]
  const [markup] = draw({ kind: 'matrix', y: { label: 'Trajectories', format: 'count' }, series })
  expect(rects(markup)).toHaveLength(4)
  for (const text of ['>8<', '>of 30<', '>no data<', '>–<']) expect(markup).toContain(text)
})

test('draws points with their intervals, by number and by name', () => {
  for (const at of [
    [1, 2],
    ['base', 'rl'],
  ]) {
    const [markup] = draw({ kind: 'points', series: [{ name: 'sft', points: at.map((x, i) => point(x, i / 4)) }] })
    expect(markup.match(/class="whisker"/g)).toHaveLength(2)
  }
})

test('draws nothing where there are no points, and stays finite where all are alike or missing', () => {
  expect(draw({ series: [] })).toEqual([])
  expect(draw({ series: [{ name: 'base', points: [] }] })).toEqual([])
  for (const kind of ['bars', 'lines', 'points', 'histogram', 'matrix'] as const) {
    for (const y of [null, 0, 1]) {
      const series = [{ name: 'base', points: [point(kind === 'matrix' || kind === 'bars' ? 'a' : 0, y)] }]
      for (const markup of draw({ kind, series, binWidth: 1, y: { label: 'Value', format: 'number' } })) {
        expect(markup).not.toMatch(/NaN|Infinity|undefined/)
      }
    }
  }
})

test('is text where names are markup', () => {
  const nasty = '</svg><script>x()</script>'
  for (const kind of ['bars', 'lines', 'points', 'histogram', 'matrix'] as const) {
    const series = [{ name: nasty, points: [point(kind === 'bars' || kind === 'matrix' ? nasty : 1, 0.5)] }]
    for (const markup of draw({
      kind,
      title: nasty,
      series,
      x: { label: nasty, format: 'count' },
      y: { label: nasty, format: 'share' },
      binWidth: 1,
    })) {
      expect(markup.match(/<\/svg>/g)).toHaveLength(1)
      expect(markup).not.toContain('<script')
    }
  }
})

test('scales have round ticks that hold every number', () => {
  expect(niceScale([0, 83], 0, 100).ticks).toEqual([0, 20, 40, 60, 80, 100])
  expect(niceScale([-0.03, 0.11], 0, 100).ticks).toEqual([-0.05, 0, 0.05, 0.1, 0.15])
  expect(niceScale([], 0, 100).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
  expect(niceScale([1, 3], 0, 100, { wanted: 7, isWhole: true }).ticks).toEqual([1, 2, 3])
  expect(niceScale([1], 0, 100, { wanted: 7, isWhole: true }).ticks).toEqual([0, 1])
})

test('wraps names at spaces and dashes, and marks what it cuts', () => {
  expect(wrap('harmful information', 70, 11, 2)).toEqual(['harmful', 'information'])
  const [first, second] = wrap('one two three four five six seven eight nine ten', 70, 11, 2)
  expect(first).toBe('one two')
  expect(second).toMatch(/^three.*…$/)
})
