import { expect, test } from 'vitest'
import { lastOf, tableRows } from '../../src/renderer/charts/line.ts'

const line = (name: string, x: number[], y: (number | null)[]) => ({ name, kind: { arm: 0, seed: 0 }, x, y })

test('puts lines with different steps into one table', () => {
  const rows = tableRows([line('a', [0, 1], [5, 6]), line('b', [1, 2], [null, 7])], 10)
  expect(rows).toEqual([
    { x: 0, cells: [5, null] },
    { x: 1, cells: [6, null] },
    { x: 2, cells: [null, 7] },
  ])
})

test('spreads the rows of a long line and keeps the last', () => {
  const x = Array.from({ length: 1000 }, (_, i) => i)
  const rows = tableRows([line('a', x, x)], 60)
  expect(rows.length).toBeLessThanOrEqual(60)
  expect(rows.at(-1)?.x).toBe(999)
})

test('finds the last number of a line that ends without one', () => {
  expect(lastOf(line('a', [0, 1, 2], [3, 4, null]))).toEqual({ x: 1, y: 4 })
  expect(lastOf(line('a', [0], [null]))).toBeNull()
})
