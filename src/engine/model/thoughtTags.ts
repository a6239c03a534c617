/** What marks thoughts, read from what a chat template renders and from the tokens that the tokenizer knows. */
import type { ThoughtTags } from './thoughtSplit.ts'
import { THOUGHT_TAGS } from './thoughtSplit.ts'

/** Where the tags were found; `assumed` where nothing shows any. */
export type TagsFound =
  | 'prompt'
  | 'empty thought'
  | 'earlier thought'
  | 'instructions'
  | 'template'
  | 'tokens'
  | 'assumed'

export interface ThoughtEvidence {
  /** The same conversation up to the model's turn, with thinking on and off. */
  thinking: string
  plain: string
  /** With THOUGHT and ANSWER in an earlier turn of the model; null where the template refuses that. */
  history: string | null
  source: string
  /** What the tokenizer keeps in one piece. */
  tokens: readonly string[]
}

/** Stand for what a model thought and answered. */
export const THOUGHT = '@thought@'
export const ANSWER = '@answer@'

/**
 * A name in brackets that speaks of thinking: `<think>`, `[THINK]`, `<|begin_of_thought|>`, `◁think▷`, closing ones
 * too.
 */
const TAG = /[<[◁]\/?\|?\/?[^\s<>[\]◁▷|]*(?:think|thought|reason)[^\s<>[\]◁▷|]*\|?[>\]▷]/iu
const TAGS = new RegExp(TAG, 'giu')
const WHOLE_TAG = new RegExp(`^(?:${TAG.source})$`, 'iu')

export function isThoughtTag(text: string): boolean {
  return WHOLE_TAG.test(text)
}

/** Null for a tag that opens nothing. */
function closingTag(open: string): string | null {
  if (open.includes('/') || /(?:^|[^a-z])(?:end|no)(?:[^a-z]|$)|no_?think/i.test(open)) return null
  const named = open.replace(/begin|start/i, (word) => (word === word.toUpperCase() ? 'END' : 'end'))
  return named === open ? open.replace(/^[<[◁]\|?/, '$&/') : named
}

/** All pairs whose opening tag stands in the text, in its order. */
function pairsIn(text: string): ThoughtTags[] {
  return [...text.matchAll(TAGS)].flatMap(([open]) => {
    const close = closingTag(open)
    return close === null ? [] : [{ open, close }]
  })
}

/**
 * The first place in this order that shows tags is believed: what the model reads comes before what is only written.
 */
export function findThoughtTags(evidence: ThoughtEvidence): { tags: ThoughtTags; found: TagsFound } {
  const { thinking, plain, history, source, tokens } = evidence
  const both = (text: string) => pairsIn(text).find(({ close }) => text.includes(close))
  const places: [TagsFound, ThoughtTags | undefined][] = [
    ['prompt', pairsIn(thinking).findLast(({ open }) => thinking.trimEnd().endsWith(open))],
    ['empty thought', pairsIn(plain).findLast((tags) => emptyThought(plain, tags) !== null)],
    ['earlier thought', history === null ? undefined : pairsIn(history).find((tags) => aroundThought(history, tags))],
    ['instructions', both(thinking)],
    ['template', both(source) ?? onlyClosed(source)],
    ['tokens', pairsIn(tokens.join(' ')).find(({ close }) => tokens.includes(close))],
  ]
  const [found, tags] = places.find(([, shown]) => shown) ?? ['assumed', undefined]
  const answer = answerTags(thinking, plain)
  return { tags: { ...(tags ?? THOUGHT_TAGS), ...(answer && { answer }) }, found }
}

/** White space within and behind an empty thought at the end of a prompt; null where there is none. */
export function emptyThought(prompt: string, { open, close }: ThoughtTags): { inside: string; after: string } | null {
  const end = prompt.trimEnd()
  const opening = end.lastIndexOf(open)
  if (opening < 0 || !end.endsWith(close)) return null
  const inside = end.slice(opening + open.length, -close.length)
  return inside.trim() === '' ? { inside, after: prompt.slice(end.length) } : null
}

/** White space around the thought of an earlier turn; null where it does not stand between the tags. */
export function aroundThought(
  history: string,
  { open, close }: ThoughtTags,
): { before: string; behind: string; after: string } | null {
  const parts = [open, THOUGHT, close].map((part) => part.replace(/[^\w\s]/g, '\\$&'))
  const match = new RegExp(`${parts.join('(\\s*)')}(\\s*)`).exec(history)
  return match && { before: match[1], behind: match[2], after: match[3] }
}

/** Templates that cut thoughts off earlier turns name the closing tag alone. */
function onlyClosed(source: string): ThoughtTags | undefined {
  return [...source.matchAll(TAGS)]
    .map(([close]) => ({ open: close.replace('/', ''), close }))
    .find(({ open, close }) => open !== close && closingTag(open) === close)
}

/** `<response></response>`, where the instructions for thinking ask for it. */
function answerTags(thinking: string, plain: string): { open: string; close: string } | null {
  for (const [pair, name] of thinking.matchAll(/<([A-Za-z_]+)><\/\1>/g)) {
    if (!isThoughtTag(`<${name}>`) && !plain.includes(pair)) return { open: `<${name}>`, close: `</${name}>` }
  }
  return null
}
