/**
 * A list of any length, of which a few hundred rows are in memory: pages by key, added at one end and dropped at the other.
 * An element of a browser cannot be high enough for a million rows, so there is no place for each of them.
 */
import type { PageAt, TrajectoryRow } from '../../../shared/rpc/trajectories.ts'

export const PAGE_ROWS = 100
export const MOST_ROWS = 600

export interface RowWindow {
  rows: readonly TrajectoryRow[]
  hasBefore: boolean
  hasAfter: boolean
}

export interface Page {
  rows: TrajectoryRow[]
  hasBefore: boolean
  hasAfter: boolean
}

export const emptyWindow: RowWindow = { rows: [], hasBefore: false, hasAfter: false }

/** What to ask for to go on at this end; null where the list ends there. */
export function nextPage(window: RowWindow, end: 'before' | 'after'): PageAt | null {
  const { rows, hasBefore, hasAfter } = window
  if (rows.length === 0) return null
  if (end === 'before') return hasBefore ? { at: 'before', id: rows[0].id } : null
  return hasAfter ? { at: 'after', id: rows[rows.length - 1].id } : null
}

/**
 * The window with a page added at this end. `shift` is the number of rows by which what was on the screen has moved down
 * (negative: up), so that the place of scrolling can follow.
 */
export function addPage(window: RowWindow, page: Page, end: 'before' | 'after'): { window: RowWindow; shift: number } {
  if (end === 'after') {
    const all = [...window.rows, ...page.rows]
    const dropped = Math.max(0, all.length - MOST_ROWS)
    const hasBefore = window.hasBefore || dropped > 0
    return { window: { rows: all.slice(dropped), hasBefore, hasAfter: page.hasAfter }, shift: -dropped }
  }
  const all = [...page.rows, ...window.rows]
  const hasAfter = window.hasAfter || all.length > MOST_ROWS
  return { window: { rows: all.slice(0, MOST_ROWS), hasBefore: page.hasBefore, hasAfter }, shift: page.rows.length }
}

/** Which rows stand on the screen, with some to spare on both sides. */
export function visibleRange(scrollTop: number, height: number, rowHeight: number, count: number, spare = 8) {
  const start = Math.max(0, Math.floor(scrollTop / rowHeight) - spare)
  const end = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + spare)
  return { start: Math.min(start, end), end }
}
