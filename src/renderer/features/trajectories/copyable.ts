/** A trajectory as JSON for the clipboard. */
import type { TrajectoryDetail, TrajectoryTokens } from '../../../shared/rpc/trajectories.ts'

/** What is hidden on the screen is not in the record that came to it, and so not in here either. */
export function copyableJson(
  { row, key, note, texts, verdicts, ...measured }: TrajectoryDetail,
  { tokens }: Pick<TrajectoryTokens, 'tokens'>,
): string {
  const { texts: _beginnings, snippet: _snippet, hasNote: _hasNote, id: _id, verdicts: classes, ...origin } = row
  // The key names its prompt, which may quote it.
  const identity = texts === null ? {} : { key }
  const hidden = texts === null ? { texts: 'hidden' as const } : { texts }
  const record = { ...identity, ...origin, ...measured, classes, verdicts, note, ...hidden, tokens }
  return JSON.stringify(record, null, 2)
}
