/** The piece of a text around the words that were searched for. */
import type { TrajectoryRow } from '../../shared/rpc/trajectories.ts'

/** Characters on each side of the first match. */
const AROUND = 80

type Snippet = NonNullable<TrajectoryRow['snippet']>

/** Null where none of the words stands there as it was typed (the index also ignores accents). */
export function snippetOf(text: string, search: string): Snippet | null {
  const words = search.split(/\s+/).filter((word) => word !== '')
  if (words.length === 0) return null
  const pattern = new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'giu')
  const first = text.search(pattern)
  if (first < 0) return null
  const start = Math.max(0, first - AROUND)
  const piece = text.slice(start, first + 2 * AROUND)
  const parts: Snippet = start > 0 ? [{ text: '…', isMatch: false }] : []
  let done = 0
  for (const { 0: match, index } of piece.matchAll(pattern)) {
    if (index > done) parts.push({ text: piece.slice(done, index), isMatch: false })
    parts.push({ text: match, isMatch: true })
    done = index + match.length
  }
  if (done < piece.length) parts.push({ text: piece.slice(done), isMatch: false })
  return parts
}
