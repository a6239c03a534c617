/** The rows of a filtered list around the place that is looked at: opening it anywhere, going on at either end. */
import { ref, shallowRef } from 'vue'
import type { RpcError } from '../../../shared/rpc/method.ts'
import type { PageAt, TrajectoryFilter, TrajectoryRow } from '../../../shared/rpc/trajectories.ts'
import { asRpcError, client } from '../../api/client.ts'
import type { Labelled } from './useAnnotation.ts'
import { addPage, emptyWindow, nextPage, PAGE_ROWS, type RowWindow } from './rowWindow.ts'

export type ListState = 'loading' | 'ready' | 'failed'

export function useTrajectoryList(showing: () => { filter: TrajectoryFilter; reveal: boolean }) {
  const window = shallowRef<RowWindow>(emptyWindow)
  const state = ref<ListState>('loading')
  const error = shallowRef<RpcError | null>(null)
  const count = shallowRef<{ count: number; capped: boolean } | null>(null)
  /** Each opening has a number: answers to an earlier one come too late. */
  let opening = 0
  let adding = false

  function fail(from: number, problem: unknown): void {
    if (from !== opening) return
    error.value = asRpcError(problem)
    state.value = 'failed'
  }

  /** Shows the page at this place. What was there stays on the screen until the answer is here. */
  async function open(page: PageAt): Promise<void> {
    const mine = ++opening
    adding = false
    state.value = 'loading'
    const asked = showing()
    try {
      const found = await client.listTrajectories({ ...asked, page, limit: PAGE_ROWS })
      if (mine !== opening) return
      window.value = found
      error.value = null
      state.value = 'ready'
    } catch (problem) {
      fail(mine, problem)
    }
  }

  async function tally(): Promise<void> {
    const { filter } = showing()
    count.value = null
    try {
      const found = await client.countTrajectories({ filter })
      if (JSON.stringify(filter) === JSON.stringify(showing().filter)) count.value = found
    } catch {
      // The list says what is wrong; a count more or less is no news.
    }
  }

  /** Gives the rows by which what is on the screen has moved down; 0 where the list ends there or is being added to. */
  async function more(end: 'before' | 'after'): Promise<number> {
    const page = nextPage(window.value, end)
    if (page === null || adding || state.value !== 'ready') return 0
    const mine = opening
    adding = true
    try {
      const found = await client.listTrajectories({ ...showing(), page, limit: PAGE_ROWS })
      if (mine !== opening) return 0
      const added = addPage(window.value, found, end)
      window.value = added.window
      return added.shift
    } catch (problem) {
      fail(mine, problem)
      return 0
    } finally {
      if (mine === opening) adding = false
    }
  }

  function relabel({ id, label, hasNote }: Labelled): void {
    const row = window.value.rows.find((each) => each.id === id)
    if (row) replaceRow({ ...row, label, hasNote })
  }
  /** A row as it is now: labelled, or with its texts. */
  function replaceRow(row: TrajectoryRow): void {
    const { rows } = window.value
    if (rows.some(({ id }) => id === row.id)) {
      window.value = { ...window.value, rows: rows.map((old) => (old.id === row.id ? row : old)) }
    }
  }

  return { window, state, error, count, open, tally, more, relabel, replaceRow }
}
