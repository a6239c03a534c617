/** Finds the final answer of a response and compares it with the reference. */
import type { Correctness, ThoughtSplit } from '../../shared/trajectory.ts'
import { componentText } from './judge.ts'
import { normalForm } from './normalForm.ts'

/** How the answer was found: in a box, behind GSM8K's mark, behind "answer is" or "answer:", or the last number. */
export type AnswerRule = 'boxed' | 'marker' | 'phrase' | 'last-number'

export interface Verification {
  correctness: Correctness
  /** The answer as it stands in the response; null where none was found. */
  found: string | null
  rule: AnswerRule | null
}

/** Compares the response's answer with the reference. A thought is never searched: an answer has to be given. */
export function verifyAnswer(reference: string, split: ThoughtSplit): Verification {
  const read = componentText(split, 'response')
  const answer = 'missing' in read ? null : findAnswer(read.text, isNumber(reference))
  if (answer === null) return { correctness: 'unscorable', found: null, rule: null }
  const correct = normalForm(answer.found) === normalForm(reference)
  return { correctness: correct ? 'correct' : 'wrong', ...answer }
}

/**
 * The last `\boxed{…}`, else what follows the last `####`, else the last "answer is …" or "answer: …", else, where a
 * number is expected, the last number of the text.
 */
export function findAnswer(text: string, numeric: boolean): { found: string; rule: AnswerRule } | null {
  const boxed = lastBoxed(text)
  if (boxed !== null) return { found: boxed, rule: 'boxed' }
  const marker = /.*####[ \t]*(\S[^\n]*)/s.exec(text)
  if (marker !== null) return found(marker[1], numeric, 'marker')
  const phrase = /.*\banswer\s*(?:is\b|:)[\s:*]*([^\s*][^\n]*)/is.exec(text)
  if (phrase !== null) {
    const inPhrase = found(phrase[1].split(/[.;!]\s/)[0].replace(/[.;!]$/, ''), numeric, 'phrase')
    if (inPhrase !== null) return inPhrase
  }
  return numeric ? found(text, true, 'last-number') : null
}

const numberPattern = /(?<![\w.])-?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|(?<![\w.])-?\.\d+/g

/** The first number of an answer's own words ("$18 a day", "3 + 4 = 7 days"), or the last one of a whole text. */
function found(text: string, numeric: boolean, rule: AnswerRule): { found: string; rule: AnswerRule } | null {
  const trimmed = text.trim()
  if (!numeric || isNumber(trimmed)) return trimmed === '' ? null : { found: trimmed, rule }
  const result = rule === 'last-number' ? trimmed : trimmed.slice(trimmed.lastIndexOf('=') + 1)
  const numbers = result.replaceAll('$', '').match(numberPattern)
  const number = numbers?.at(rule === 'last-number' ? -1 : 0)
  return number === undefined ? null : { found: number, rule }
}

function isNumber(text: string): boolean {
  return /^-?\d+(?:\/\d+)?$/.test(normalForm(text))
}

/** What stands in the last box that is closed; braces inside it may nest, and `\{` is not a brace. */
export function lastBoxed(text: string): string | null {
  for (let at = text.length; ;) {
    at = at === 0 ? -1 : Math.max(text.lastIndexOf('\\boxed', at - 1), text.lastIndexOf('\\fbox', at - 1))
    if (at < 0) return null
    const open = /^\\(?:boxed|fbox)\s*(?:\{|([^\s{]))/.exec(text.slice(at))
    if (open === null) continue
    if (open[1] !== undefined) return open[1]
    const start = at + open[0].length
    for (let i = start, depth = 1; i < text.length; i++) {
      if (text[i] === '\\') i++
      else if (text[i] === '{') depth++
      else if (text[i] === '}' && --depth === 0) return text.slice(start, i).trim()
    }
  }
}
