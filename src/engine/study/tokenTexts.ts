/** The tokens of a completion as texts, with its parts and its reflection cues, for people to read. */
import type { ReflectionCues } from '../../shared/study.ts'
import type { TokenTexts } from '../../shared/tokens.ts'
import type { ThoughtSplit } from '../../shared/trajectory.ts'
import { cueFinder } from '../analysis/reflection.ts'
import { segmentTokens } from '../analysis/segments.ts'
import { textStream } from '../model/textStream.ts'
import type { ThoughtTags } from '../model/thoughtSplit.ts'
import type { Tokenizer } from '../model/tokenizer.ts'

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

/** One text a token; the last one has what was held back too. */
function piecewise(tokens: Int32Array, decode: (ids: ArrayLike<number>) => string): string[] {
  const stream = textStream(decode)
  return Array.from(tokens, (token, i) => stream.push(token) + (i === tokens.length - 1 ? stream.end() : ''))
}
