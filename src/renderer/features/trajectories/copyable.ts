/** A trajectory as JSON for the clipboard. */
import type { TrajectoryDetail } from '../../../shared/rpc/trajectories.ts'

/** What is hidden on the screen is not in the record that came to it, and so not in here either. */
export function copyableJson({ row, key, note, texts, tokens, ...rest }: TrajectoryDetail): string {
  const { texts: _beginnings, snippet: _snippet, hasNote: _hasNote, id: _id, verdicts: classes, ...origin } = row
  const { tokensMissing: _missing, verdicts, ...measured } = rest
  // The key names its prompt, which may quote it.
  const identity = texts === null ? {} : { key }
  const hidden = texts === null ? { texts: 'hidden' as const } : { texts }
  const record = { ...identity, ...origin, ...measured, classes, verdicts, note, ...hidden, tokens }
  return JSON.stringify(record, null, 2)
}
