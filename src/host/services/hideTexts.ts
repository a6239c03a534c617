/** Rows for the window: harmful ones lose their texts here, unless they were asked for. */
import { isHarmful } from '../../shared/harmfulText.ts'
import type { TrajectoryRow } from '../../shared/rpc/trajectories.ts'
import type { Store } from '../../store/openStore.ts'
import { readRows, writtenText } from '../../store/trajectoryPages.ts'
import { snippetOf } from './snippet.ts'

export interface Showing {
  reveal: boolean
  /** Words that were searched for; a piece of the text around them comes along. */
  search?: string | undefined
}

export function isHidden(row: Parameters<typeof isHarmful>[0], { reveal }: Pick<Showing, 'reveal'>): boolean {
  return isHarmful(row) && !reveal
}

/** Rows of these ids in their order. */
export function rowsFor(store: Store, ids: readonly number[], showing: Showing): TrajectoryRow[] {
  return readRows(store, ids).map((row) => {
    if (isHidden(row, showing)) return { ...row, texts: null, snippet: null }
    const snippet = showing.search === undefined ? null : snippetOf(writtenText(store, row.id), showing.search)
    return { ...row, snippet }
  })
}
