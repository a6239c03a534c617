/** Finds which of a trajectory's tokens are thought and which are response. */
import type { SplitState } from '../../shared/trajectory.ts'

/** Half-open ranges of token positions. The tags themselves belong to neither. */
export interface Segments {
  thought: { start: number; end: number }
  response: { start: number; end: number }
}

/**
 * `decode` gives the text of a prefix, tags included (special tokens not skipped). Works for tags of one token and of
 * several, and where a token holds the end of a tag and more: such a token counts as the tag.
 */
export function segmentTokens(
  tokens: Int32Array,
  state: SplitState,
  tags: { open: string; close: string },
  decode: (tokens: Int32Array) => string,
): Segments {
  const n = tokens.length
  if (state === 'no-thought') return { thought: { start: 0, end: 0 }, response: { start: 0, end: n } }
  const prefix = (end: number): string => decode(tokens.subarray(0, end))
  // The model repeats the opening tag, or its prompt ended with it.
  const opened = prefix(n).trimStart().startsWith(tags.open)
  const start = opened ? firstEnd(n, (end) => prefix(end).includes(tags.open)) : 0
  if (state === 'unfinished-thought') return { thought: { start, end: n }, response: { start: n, end: n } }
  const at = lastClosing(prefix(n), tags)
  const closed = firstEnd(n, (end) => prefix(end).length >= at + tags.close.length)
  let end = closed
  while (end > start && prefix(end).length > at) end--
  return { thought: { start, end }, response: { start: closed, end: n } }
}

/** Where the tag stands that ends the thought: behind it something else follows than another thought. */
function lastClosing(text: string, { open, close }: { open: string; close: string }): number {
  let at = text.indexOf(close)
  for (;;) {
    const behind = at + close.length
    const next = text.slice(behind).trimStart().startsWith(open) ? text.indexOf(close, behind) : -1
    if (next < 0) return at
    at = next
  }
}

/** The smallest end for which `holds`, which stays true once it is. */
function firstEnd(n: number, holds: (end: number) => boolean): number {
  let [low, high] = [0, n]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
