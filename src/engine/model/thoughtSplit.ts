/** Splits what a model wrote into its thought t and its response y (MEASURES.md, "The split of a trajectory"). */
import type { ThoughtSplit } from '../../shared/trajectory.ts'

export interface ThoughtTags {
  open: string
  close: string
}

/** What reasoning models write unless their template says otherwise. */
export const THOUGHT_TAGS: ThoughtTags = { open: '<think>', close: '</think>' }

/**
 * Splits the text of a completion. `opensThought` says that the prompt ended inside a thought already.
 *
 * - `complete`: the thought was closed; what follows is the response, which is empty where the model stopped there.
 * - `unfinished-thought`: opened and never closed; the response is empty.
 * - `no-thought`: never opened, so that all of the text is the response.
 *
 * A thought opens only at the very beginning and closes at the first closing tag; tags further on belong to the response.
 */
export function splitThought(
  text: string,
  { opensThought, tags = THOUGHT_TAGS }: { opensThought: boolean; tags?: ThoughtTags },
): ThoughtSplit {
  const start = text.trimStart()
  const reopens = start.startsWith(tags.open)
  if (!opensThought && !reopens) return { state: 'no-thought', thought: '', response: text.trim() }
  // Some models repeat the tag that their prompt ended with.
  const inside = reopens ? start.slice(tags.open.length) : text
  const end = inside.indexOf(tags.close)
  if (end < 0) return { state: 'unfinished-thought', thought: inside.trim(), response: '' }
  return {
    state: 'complete',
    thought: inside.slice(0, end).trim(),
    response: inside.slice(end + tags.close.length).trim(),
  }
}
