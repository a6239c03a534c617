/** A run that must be there. */
import { ReflectoryError } from '../../shared/errors.ts'
import type { Store } from '../../store/openStore.ts'
import { findRun } from '../../store/runs.ts'
import type { RunRow } from '../../store/runs.ts'

export function needRun(store: Store, id: string): RunRow {
  const run = findRun(store, id)
  if (run) return run
  throw new ReflectoryError('bad-argument', id, 'there is no such run', 'Load the page again; it may have been deleted.')
}
