/** The tokens of a completion as texts, with its parts and its reflection cues, for people to read. */
import type { ReflectionCues } from '../../shared/study.ts'
import type { TokenTexts } from '../../shared/tokens.ts'
import type { ThoughtSplit } from '../../shared/trajectory.ts'
import { cueFinder } from '../analysis/reflection.ts'
import { segmentTokens } from '../analysis/segments.ts'
import type { ThoughtTags } from '../model/thoughtSplit.ts'
import type { Tokenizer } from '../model/tokenizer.ts'

/** What decoding leaves where a character is not complete. */
const INCOMPLETE = '�'

export function tokenTexts(
  tokens: Int32Array,
  split: Pick<ThoughtSplit, 'state'>,
  tags: ThoughtTags,
  tokenizer: Pick<Tokenizer, 'decode'>,
  cues: ReflectionCues,
): TokenTexts {
  const decode = (ids: ArrayLike<number>) => tokenizer.decode(ids, { skipSpecialTokens: false })
  const texts = piecewise(tokens, decode)
  const { thought, response } = segmentTokens(tokens, split.state, tags, decode)
  const begins = [0]
  for (const text of texts.slice(thought.start, thought.end)) begins.push(begins[begins.length - 1] + text.length)
  const thoughtText = texts.slice(thought.start, thought.end).join('')
  return { texts, thought, response, cues: cueFinder(cues)(thoughtText).map(tokensOf) }

  /** The tokens that hold a range of the thought's characters. */
  function tokensOf({ start, end }: { start: number; end: number }) {
    const first = begins.findLastIndex((begin) => begin <= start)
    const last = begins.findIndex((begin) => begin >= end)
    return { start: thought.start + first, end: thought.start + last }
  }
}

/**
 * One text a token. Whether a token brings a space with it depends on what stands before it, so each is decoded behind its
 * predecessor. A character whose bytes are spread over several tokens stands with the last of them.
 */
function piecewise(tokens: Int32Array, decode: (ids: ArrayLike<number>) => string): string[] {
  const texts: string[] = []
  let from = 0
  let before = ''
  for (let i = 0; i < tokens.length; i++) {
    const after = decode(tokens.subarray(from, i + 1))
    const isComplete = !after.endsWith(INCOMPLETE) || i === tokens.length - 1 || i - from > 8
    texts.push(isComplete ? after.slice(before.length) : '')
    if (!isComplete) continue
    from = i
    before = decode(tokens.subarray(i, i + 1))
  }
  return texts
}
