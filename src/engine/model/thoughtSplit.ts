/** Splits what a model wrote into its thought t and its response y (MEASURES.md, "The split of a trajectory"). */
import type { ThoughtSplit } from '../../shared/trajectory.ts'

export interface ThoughtTags {
  open: string
  close: string
  /** What some models are told to put around their answer; no part of it. */
  answer?: { open: string; close: string }
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
 * A thought opens only at the very beginning and closes at the first closing tag. Where nothing but white space stands
 * before another opening tag, the model is thinking on; tags further on belong to the response.
 */
export function splitThought(
  text: string,
  { opensThought, tags = THOUGHT_TAGS }: { opensThought: boolean; tags?: ThoughtTags },
): ThoughtSplit {
  const start = text.trimStart()
  const reopens = start.startsWith(tags.open)
  if (!opensThought && !reopens) return { state: 'no-thought', thought: '', response: unwrap(text, tags) }
  const thoughts: string[] = []
  const joined = () => thoughts.filter((thought) => thought !== '').join('\n\n')
  // Some models repeat the tag that their prompt ended with.
  let rest = reopens ? start.slice(tags.open.length) : text
  for (;;) {
    const end = rest.indexOf(tags.close)
    thoughts.push((end < 0 ? rest : rest.slice(0, end)).trim())
    if (end < 0) return { state: 'unfinished-thought', thought: joined(), response: '' }
    const after = rest.slice(end + tags.close.length)
    if (!after.trimStart().startsWith(tags.open)) {
      return { state: 'complete', thought: joined(), response: unwrap(after, tags) }
    }
    rest = after.trimStart().slice(tags.open.length)
  }
}

/** The answer without the tags around it; the closing one is missing where the model was cut off. */
function unwrap(text: string, { answer }: ThoughtTags): string {
  const whole = text.trim()
  if (!answer || !whole.startsWith(answer.open)) return whole
  const inside = whole.slice(answer.open.length)
  return (inside.endsWith(answer.close) ? inside.slice(0, -answer.close.length) : inside).trim()
}
