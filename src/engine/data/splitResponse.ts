/** Divides the text of a training response into thought and response by its tags. */
import { THOUGHT_TAGS, type ThoughtTags } from '../model/thoughtSplit.ts'
import { UnusableRow } from './unusableRow.ts'

/**
 * A response without tags is a response without thought. A thought that is not closed, stands behind other text or
 * leaves no response makes the row unusable: training on it would teach a broken form.
 */
export function splitResponse(text: string, tags: ThoughtTags = THOUGHT_TAGS): { thought: string; response: string } {
  const close = text.indexOf(tags.close)
  const open = text.indexOf(tags.open)
  if (close < 0 && open < 0) return { thought: '', response: text.trim() }
  if (close < 0) throw new UnusableRow(`the thought is opened by ${tags.open} and never closed`)
  // Some files leave the opening tag out, because the chat template writes it.
  if (open > close || (open > 0 && text.slice(0, open).trim() !== '')) {
    throw new UnusableRow(`${tags.open} does not stand at the head of the response`)
  }
  const thought = text.slice(open < 0 ? 0 : open + tags.open.length, close).trim()
  const response = text.slice(close + tags.close.length).trim()
  if (response.includes(tags.open) || response.includes(tags.close)) throw new UnusableRow('more than one thought')
  if (response === '') throw new UnusableRow('no response after the thought')
  return { thought, response }
}
