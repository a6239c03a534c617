import { describe, expect, test } from 'vitest'
import { bandRuns, histogramRange, lastFilled } from '../../../src/renderer/charts/figureRanges.ts'
import type { Figure } from '../../../src/shared/figure.ts'

/** Bins of width 1 from 0 on. */
function histogram(series: Record<string, number[]>): Figure {
  return {
    id: 'f',
    title: 't',
    definition: 'd',
    kind: 'histogram',
    x: { label: 'Tokens', format: 'count' },
    y: { label: 'Share', format: 'share' },
    binWidth: 1,
    series: Object.entries(series).map(([name, shares]) => ({
      name,
      points: shares.map((y, x) => ({ x, y, low: Math.max(0, y - 0.1), high: y + 0.2, n: 20 })),
    })),
    notes: [],
  }
}

describe('the axes of a histogram', () => {
  test('end with the last bin that holds anything in any series', () => {
    expect(lastFilled(histogram({ a: [0.5, 0.5, 0, 0, 0], b: [0.2, 0, 0.8, 0, 0] }))).toBe(2)
    expect(lastFilled(histogram({ a: [0, 0] }))).toBe(-Infinity)
  })

  test('have room for the whole of each interval that is drawn', () => {
    expect(histogramRange(histogram({ a: [0.5, 0.3], b: [0.2, 0.8] }))).toEqual({ beginAtZero: true, suggestedMax: 1 })
    expect(histogramRange(histogram({ a: [0.5], b: [0.2], c: [0.9] }))).toEqual({ beginAtZero: true })
  })
})

describe('a band of intervals', () => {
  test('breaks where there is no interval', () => {
    const point = (x: number, low: number | null) => ({ x, y: 1, low, high: low === null ? null : 2, n: 5 })
    const runs = bandRuns([point(1, 0), point(2, 0), point(3, null), point(4, 1), null], null)
    expect(runs.map((run) => run.map(({ x }) => x))).toEqual([[1, 2], [4]])
    expect(bandRuns([point(1, 0)], 0.5)).toEqual([
      [
        { x: 1, low: 0, high: 2 },
        { x: 1.5, low: 0, high: 2 },
      ],
    ])
  })
})
