/** Titles of figures: what the numbers show, said so that it holds whatever they are. */
import { compareEstimates, type Estimate } from '../../evaluate/groupedRatio.ts'
import type { FigureFormat } from '../../../shared/figure.ts'
import { MOST_NAMED } from '../../../shared/compare/findings.ts'
import { FEWEST_PROMPTS, isAtOdds } from '../../../shared/rateWords.ts'
import type { Difference } from '../../../shared/result.ts'
import { figureNumber, figureP, listOf, signedNumber } from '../../../shared/figureText.ts'

/** A number as a person reads it, with its unit. */
export function shown(value: number, format: FigureFormat): string {
  return `${figureNumber(value, format)}${unitOf(format)}`
}

/** A difference, with its sign. */
export function shownDifference(value: number, format: FigureFormat): string {
  return `${signedNumber(value, format)}${unitOf(format)}`
}

const unitOf = (format: FigureFormat): string => (format === 'nats' ? ' nats' : format === 'points' ? ' points' : '')

/** How something compares with something else, by name. */
export interface Comparison {
  name: string
  /** Perhaps: of the interval and the test of the same numbers only one leaves 0 out. */
  outcome: 'more' | 'less' | 'perhaps more' | 'perhaps less' | 'unclear' | 'missing'
  /** The numbers, as `from 1 to 2`. */
  numbers: string
}

export interface Words {
  more: string
  less: string
  unclear: string
}

/** `What: more in A (from 1 to 2) and B (from 2 to 3); no clear change in C.` More than a few are counted, not named. */
export function comparisonTitle(what: string, comparisons: readonly Comparison[], words: Words): string {
  const named = (outcome: Comparison['outcome'], lead: string, withNumbers: boolean) => {
    const found = comparisons.filter((each) => each.outcome === outcome)
    if (found.length === 0) return []
    if (found.length > MOST_NAMED) return [`${lead} in ${found.length === comparisons.length ? `all ${found.length}` : `${found.length} of ${comparisons.length}`}`]
    return [`${lead} in ${listOf(found.map(({ name, numbers }) => (withNumbers ? `${name} (${numbers})` : name)))}`]
  }
  const clauses = [
    ...named('more', words.more, true),
    ...named('less', words.less, true),
    ...named('perhaps more', `perhaps ${words.more}`, true),
    ...named('perhaps less', `perhaps ${words.less}`, true),
    ...named('unclear', words.unclear, false),
    ...named('missing', 'not enough data', false),
  ]
  return `${what}: ${clauses.join('; ') || 'not enough data'}.`
}

export function compared(name: string, now: Estimate, before: Estimate, format: FigureFormat, join: string): Comparison {
  const [a, b] = [now.value, before.value]
  const numbers = a === null || b === null ? '' : join.replace('%now', shown(a, format)).replace('%before', shown(b, format))
  return { name, outcome: compareEstimates(now, before), numbers }
}

/** Above which p a difference is not clear, whatever its interval. */
const CLEAR_P = 0.05

/** What a paired difference says, as MEASURES.md has it ("Uncertainty"). `numbers` are told of it where it is there. */
export function comparedPairs(name: string, difference: Difference, numbers: (value: number) => string): Comparison {
  const { value, low, high, p, pairs } = difference
  if (value === null || p === null) return { name, outcome: 'missing', numbers: '' }
  const way = value > 0 ? 'more' : 'less'
  const isSmall = p < CLEAR_P
  // Of few prompts, and where all differ alike, there is no interval, and the test speaks alone.
  const isFew = (pairs ?? 0) < FEWEST_PROMPTS
  if (isFew || low === null || high === null) {
    return { name, outcome: isSmall ? way : isFew ? 'missing' : 'unclear', numbers: numbers(value) }
  }
  if (isAtOdds(difference)) return { name, outcome: `perhaps ${way}`, numbers: `${numbers(value)}, ${figureP({ p })}` }
  return { name, outcome: isSmall ? way : 'unclear', numbers: numbers(value) }
}

/** `What: from 1 (fraud, base) to 7 (theft, rl).` */
export function rangeTitle(what: string, values: readonly { name: string; value: number | null }[], format: FigureFormat): string {
  const known = values.flatMap(({ name, value }) => (value === null ? [] : [{ name, value }])).sort((a, b) => a.value - b.value)
  if (known.length === 0) return `${what}: not enough data.`
  const [least, most] = [known[0], known[known.length - 1]]
  if (known.length === 1) return `${what}: ${shown(least.value, format)} in ${least.name}.`
  const [from, to] = [shown(least.value, format), shown(most.value, format)]
  return from === to ? `${what}: ${from} in all.` : `${what}: from ${from} (${least.name}) to ${to} (${most.name}).`
}

/** `What: half lie below about 5 in A and B.`, or `… below about 5 in A, and up to about 15 in B.` */
export function medianTitle(what: string, medians: readonly { name: string; value: number }[], format: FigureFormat): string {
  const sorted = medians.toSorted((a, b) => a.value - b.value)
  const [least, most] = [sorted[0], sorted[sorted.length - 1]]
  const [from, to] = [shown(least.value, format), shown(most.value, format)]
  const names = medians.length > MOST_NAMED ? `all ${medians.length}` : listOf(medians.map(({ name }) => name))
  return `${what}: half lie below about ${from === to ? `${from} in ${names}` : `${from} in ${least.name}, and up to about ${to} in ${most.name}`}.`
}
