import { describe, expect, test } from 'vitest'
import type { TrajectoryRow } from '../../../src/shared/rpc/trajectories.ts'
import { addPage, MOST_ROWS, nextPage, PAGE_ROWS, visibleRange, type RowWindow } from '../../../src/renderer/features/trajectories/rowWindow.ts'

/** Only the ids matter here. */
const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({ id: from + i })) as TrajectoryRow[]
const window = (from: number, to: number, hasBefore = true, hasAfter = true): RowWindow => ({ rows: rows(from, to), hasBefore, hasAfter })
const ends = ({ rows }: RowWindow) => [rows[0].id, rows[rows.length - 1].id]

describe('a window on a long list', () => {
  test('asks for what follows its last row and what precedes its first', () => {
    expect(nextPage(window(100, 200), 'after')).toEqual({ at: 'after', id: 199 })
    expect(nextPage(window(100, 200), 'before')).toEqual({ at: 'before', id: 100 })
  })

  test('asks for nothing beyond the ends of the list', () => {
    expect(nextPage(window(0, 10, false, true), 'before')).toBeNull()
    expect(nextPage(window(0, 10, true, false), 'after')).toBeNull()
    expect(nextPage(window(0, 0), 'after')).toBeNull()
  })

  test('keeps no more rows than it may, and says by how much the others moved', () => {
    const full = window(0, MOST_ROWS, false)
    const { window: on, shift } = addPage(full, { rows: rows(MOST_ROWS, MOST_ROWS + PAGE_ROWS), hasBefore: true, hasAfter: true }, 'after')
    expect(on.rows.length).toBe(MOST_ROWS)
    expect(ends(on)).toEqual([PAGE_ROWS, MOST_ROWS + PAGE_ROWS - 1])
    expect(shift).toBe(-PAGE_ROWS)
    expect(on.hasBefore).toBe(true)
  })

  test('can be gone back in: what was dropped at its beginning is put there again', () => {
    const { window: back, shift } = addPage(window(100, 100 + MOST_ROWS), { rows: rows(0, 100), hasBefore: false, hasAfter: true }, 'before')
    expect(ends(back)).toEqual([0, MOST_ROWS - 1])
    expect(shift).toBe(100)
    expect(back).toMatchObject({ hasBefore: false, hasAfter: true })
  })
})

describe('the rows on the screen', () => {
  test('are those in view, with some to spare', () => {
    expect(visibleRange(6000, 600, 60, 600, 8)).toEqual({ start: 92, end: 118 })
  })
  test('never go beyond the rows that are there', () => {
    expect(visibleRange(9e9, 600, 60, 30)).toEqual({ start: 30, end: 30 })
    expect(visibleRange(0, 600, 60, 3)).toEqual({ start: 0, end: 3 })
  })
})
