import { describe, expect, test } from 'vitest'
import { basisText, groupsOf, heightPx, isLying, shortLine, wrapped } from '../../../src/renderer/charts/figureLayout.ts'
import { figureRows, MOST_ROWS } from '../../../src/renderer/charts/figureRows.ts'
import type { Figure, FigurePoint } from '../../../src/shared/figure.ts'

const point = (x: FigurePoint['x'], n = 10): FigurePoint => ({ x, y: 0.5, low: 0.4, high: 0.6, n })

function figure(changes: Partial<Figure> = {}): Figure {
  return {
    id: 'f',
    title: 't',
    definition: 'd',
    kind: 'bars',
    x: { label: 'Arm', format: 'count' },
    y: { label: 'Safe', format: 'share' },
    binWidth: null,
    series: [{ name: 'a', points: [point('base'), point('rl', 30)] }],
    notes: [],
    ...changes,
  }
}

describe('a figure', () => {
  test('stands upright with few short names, and lies down for long ones, many, or little room', () => {
    expect(isLying(figure(), 800)).toBe(false)
    expect(isLying(figure(), 400)).toBe(true)
    const long = figure({ series: [{ name: 'a', points: ['one', 'two', 'three'].map((x) => point(`${x} of a very long name`)) }] })
    expect(isLying(long, 360)).toBe(true)
    const many = figure({ series: [{ name: 'a', points: Array.from({ length: 40 }, (_, i) => point(`c${i}`)) }] })
    expect(isLying(many, 800)).toBe(true)
    expect(heightPx(many, 800)).toBeGreaterThan(1000)
    expect(isLying(figure({ kind: 'lines' }), 300)).toBe(false)
  })

  test('has numbers in order and names as they come', () => {
    expect(groupsOf(figure({ series: [{ name: 'a', points: [point(3), point(1)] }, { name: 'b', points: [point(2)] }] }))).toEqual([1, 2, 3])
    expect(groupsOf(figure())).toEqual(['base', 'rl'])
  })

  test('says what its whiskers are and how many items they rest on', () => {
    expect(basisText(figure())).toBe('Whiskers: 95% intervals; n from 10 to 30')
    const bare = { ...point('x'), low: null, high: null }
    expect(basisText(figure({ series: [{ name: 'a', points: [bare] }] }))).toBe('n = 10; no intervals')
    expect(basisText(figure({ kind: 'lines', series: [{ name: 'a', points: [point(1), { ...bare, x: 2 }] }] }))).toBe(
      'Band: 95% intervals, where there are any; n = 10',
    )
    expect(basisText(figure({ series: [] }))).toBe('n = 0; no intervals')
    const outline = (name: string) => ({ name, points: [point(0), point(1)] })
    const histogram = (names: string[]) => figure({ kind: 'histogram', binWidth: 1, series: names.map(outline) })
    expect(basisText(histogram(['a', 'b']))).toBe('Band: 95% intervals; n = 10')
    expect(basisText(histogram(['a', 'b', 'c']))).toBe('95% intervals among the numbers; n = 10')
  })
})

describe('a name on an axis', () => {
  test('is broken where it may be, and cut where it is far too long', () => {
    expect(wrapped('rl-on-thought-and-answer')).toEqual(['rl-on-thought-', 'and-answer'])
    expect(wrapped('x'.repeat(40)).join('')).toBe('x'.repeat(40))
    expect(shortLine('y'.repeat(100_000))).toHaveLength(48)
  })
  test('shows what would turn the line by its code', () => {
    expect(shortLine('a\u202eb')).toBe('a[U+202E]b')
  })
})

describe('the table of a figure', () => {
  test('gives each number its interval and n, and a dash where a series has none', () => {
    const { columns, rows } = figureRows(figure({ series: [...figure().series, { name: 'b', points: [point('rl')] }] }))
    expect(columns).toEqual(['Arm', 'a', 'b'])
    expect(rows[0].cells.map((cell) => cell && `${cell.value} ${cell.basis}`)).toEqual(['50.0% [40.0, 60.0] n = 10', null])
  })
  test('shows p where there is one', () => {
    const tested = figure({ series: [{ name: 'a', points: [{ ...point('rl'), p: 0.0004 }] }] })
    expect(figureRows(tested).rows[0].cells[0]?.basis).toBe('[40.0, 60.0] p < 0.001 n = 10')
  })
  test('has a row for each point of a cloud, whatever their x, and tells how many it leaves to the file', () => {
    const cloud = figure({ kind: 'points', series: [{ name: 'a', points: Array.from({ length: MOST_ROWS + 5 }, () => point(1)) }] })
    expect(figureRows(cloud)).toMatchObject({ left: 5, rows: { length: MOST_ROWS } })
  })
  test('keeps the rows and columns of a matrix', () => {
    const matrix = figure({ kind: 'matrix', series: ['one', 'two'].map((name) => ({ name, points: [point('yes'), point('no')] })) })
    expect(figureRows(matrix).rows.map(({ head, cells }) => [head, cells.length])).toEqual([['one', 2], ['two', 2]])
    matrix.series[0].points = [{ ...point('yes'), y: 8 }, { ...point('no'), y: 2 }]
    expect(figureRows(matrix).rows[0].cells.map((cell) => cell?.heat)).toEqual([1, 0.25])
  })
})
