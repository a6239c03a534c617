/** Bins, shares and what the title says of them; and the threshold of the top share without sorting. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Histogram } from '../../../../src/engine/study/analyze/histogram.ts'
import { TopShare } from '../../../../src/engine/study/analyze/topShare.ts'

const text = { id: 'h', what: 'Length', definition: 'd', x: { label: 'tokens', format: 'count' as const }, order: ['b', 'a'] }

test('each bin has its share of all, and what lies beyond counts for the last', () => {
  const histogram = new Histogram({ from: 0, width: 10, bins: 3 })
  for (const [i, value] of [1, 9, 10, 29, 500].entries()) histogram.add('a', `p${i}`, value)
  histogram.add('b', 'p', 5)
  const [{ series, binWidth, title }] = histogram.figure(text)
  expect(binWidth).toBe(10)
  expect(series.map(({ name }) => name)).toEqual(['b', 'a'])
  expect(series[1].points.map(({ x, y, n }) => [x, y, n])).toEqual([[0, 0.4, 5], [10, 0.2, 5], [20, 0.4, 5]])
  expect(title).toBe('Length: half lie below about 5 in b, and up to about 15 in a.')
})

test('the title tells the tail where that is asked for, and nothing is drawn of nothing', () => {
  const histogram = new Histogram({ from: 0, width: 1, bins: 4 })
  for (const value of [0, 1, 2, 3]) histogram.add('a', String(value), value)
  const [{ title }] = histogram.figure({ ...text, tail: { from: 3, words: 'Three or more' } })
  expect(title).toBe('Three or more: 25.0% in a.')
  expect(new Histogram({ from: 0, width: 1, bins: 2 }).figure(text)).toEqual([])
})

test('bins below a limit are told in a note instead of drawn', () => {
  const histogram = new Histogram({ from: 0, width: 1, bins: 4 })
  for (const value of [0, 0, 0, 2]) histogram.add('a', String(value), value)
  const [{ series, notes }] = histogram.figure({ ...text, x: { label: 'entropy', format: 'nats' }, drawFrom: 1 })
  expect(series[0].points.map(({ x, y }) => [x, y])).toEqual([[1, 0], [2, 0.25], [3, 0]])
  expect(notes).toEqual(['Not drawn, as they would dwarf the others: those below 1 nats, 75.0% (a).'])
})

test('the top fifth begins where sorting says, to a two-thousandth', () => {
  fc.assert(
    fc.property(fc.array(fc.float({ min: 0, max: 12, noNaN: true }), { minLength: 5, maxLength: 200 }), (values) => {
      const top = new TopShare()
      for (const value of values) top.add(value)
      const exact = values.toSorted((a, b) => b - a)[Math.ceil(0.2 * values.length) - 1]
      const threshold = top.threshold(0.2)
      expect(threshold).toBeLessThanOrEqual(exact)
      expect(threshold).toBeGreaterThanOrEqual(exact * (1 - 1 / 1000) - 1e-30)
    }),
  )
  expect(new TopShare().threshold(0.2)).toBe(Infinity)
})
