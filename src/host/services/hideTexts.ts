/** Rows for the window: what belongs to harmful prompts loses its texts here, unless they were asked for. */
import type { TrajectoryRow } from '../../shared/rpc/trajectories.ts'
import type { PromptRole } from '../../shared/trajectory.ts'
import type { Store } from '../../store/openStore.ts'
import { readRows, writtenText } from '../../store/trajectoryPages.ts'
import { snippetOf } from './snippet.ts'

export interface Showing {
  reveal: boolean
  /** Words that were searched for; a piece of the text around them comes along. */
  search?: string | undefined
}

export function isHidden(role: PromptRole, { reveal }: Pick<Showing, 'reveal'>): boolean {
  return role === 'harmful' && !reveal
}

/** Rows of these ids in their order. */
export function rowsFor(store: Store, ids: readonly number[], showing: Showing): TrajectoryRow[] {
  return readRows(store, ids).map((row) => {
    if (isHidden(row.role, showing)) return { ...row, texts: null, snippet: null }
    const snippet = showing.search === undefined ? null : snippetOf(writtenText(store, row.id), showing.search)
    return { ...row, snippet }
  })
}
