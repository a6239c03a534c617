/** What an interval lets one say, and the sentences that say it: no difference that its interval does not clear. */
import type { FigureFormat } from '../figure.ts'
import { figureNumber, listOf } from '../figureText.ts'
import { FEWEST_PROMPTS, isAtOdds, leavesOutZero } from '../rateWords.ts'
import type { Difference, Rate } from '../result.ts'

/** What two intervals let one say: clearly above, clearly below, neither, or too little to say. */
export type StandingApart = 'above' | 'below' | 'unclear' | 'unknown'

/** The same of pairs; perhaps where their interval and their test disagree. */
export type Standing = StandingApart | 'perhaps above' | 'perhaps below'

export interface Finding {
  name: string
  standing: Standing
  /** How large the difference is, as text, where it is known. */
  size?: string
}

/** With more arms than these a title counts them instead of naming each. */
export const MOST_NAMED = 4

/**
 * Clear where the 95% interval leaves zero out and p, where there is one, is below 0.05. One prompt says nothing, and of
 * few the test decides: a bootstrap over them is too narrow.
 */
export function standingOf(difference: Difference): Standing {
  const { pairs, value, low, high, p } = difference
  if (value === null || low === null || high === null || pairs === 1) return 'unknown'
  const way = value > 0 ? 'above' : 'below'
  if (pairs !== null && pairs < FEWEST_PROMPTS && p !== null) return p < 0.05 ? way : 'unclear'
  if (isAtOdds(difference)) return `perhaps ${way}`
  return leavesOutZero(difference) ? way : 'unclear'
}

/** Clear where the two 95% intervals have no number in common, which is stricter than a paired difference. */
export function standingApart(rate: Rate, other: Rate): StandingApart {
  if (rate.low === null || rate.high === null || other.low === null || other.high === null) return 'unknown'
  if (rate.n < 2 || other.n < 2) return 'unknown'
  return rate.low > other.high ? 'above' : rate.high < other.low ? 'below' : 'unclear'
}

/**
 * 'Answers safe: clearly more often in rl (+50.0 points) than in base; no clear difference in sft'. `above` and `below`
 * are what the standings mean; an empty `reference` leaves out what it is compared with.
 */
export function comparison(
  { subject, reference, above, below }: { subject: string; reference: string; above: string; below: string },
  findings: readonly Finding[],
): string {
  const named = (standing: Standing) => findings.filter((finding) => finding.standing === standing)
  const words = (found: readonly Finding[]) =>
    found.length > MOST_NAMED
      ? `${found.length} of ${findings.length} arms`
      : listOf(found.map(({ name, size }) => (size === undefined ? name : `${name} (${size})`)))
  const than = reference === '' ? '' : ` than in ${reference}`
  const parts: string[] = []
  const claims = [
    ['above', `clearly ${above}`],
    ['below', `clearly ${below}`],
    ['perhaps above', `perhaps ${above}`],
    ['perhaps below', `perhaps ${below}`],
  ] as const
  for (const [standing, claim] of claims) {
    if (named(standing).length > 0) parts.push(`${claim} in ${words(named(standing))}${than}`)
  }
  const from = parts.length === 0 && reference !== '' ? ` from ${reference}` : ''
  const unclear = named('unclear').map(({ name, standing }) => ({ name, standing }))
  if (unclear.length > 0) parts.push(`no clear difference${from} in ${words(unclear)}`)
  if (named('unknown').length > 0) {
    parts.push(parts.length === 0 ? 'not enough data to compare' : `not enough data in ${words(named('unknown'))}`)
  }
  return `${subject}: ${parts.join('; ')}`
}

/** The same over many places: 'clearly safer in 5 of 7 and clearly less safe in 1'. */
export function tally({ above, below }: { above: string; below: string }, standings: readonly StandingApart[]): string {
  const count = (standing: StandingApart) => standings.filter((each) => each === standing).length
  const [up, down, unclear, unknown] = [count('above'), count('below'), count('unclear'), count('unknown')]
  const all = standings.length
  if (unknown === all) return 'not enough data'
  const parts: string[] = []
  if (up > 0) parts.push(`clearly ${above} in ${up} of ${all}`)
  if (down > 0) parts.push(`clearly ${below} in ${down}${up > 0 ? '' : ` of ${all}`}`)
  const said = parts.length > 0 ? parts.join(' and ') : `no clear difference in ${unclear} of ${all}`
  return `${said}${unknown > 0 ? `, not enough data in ${unknown}` : ''}`
}

/** The numbers themselves, where nothing is compared: 'Answers safe: 25.0% in base and 60.0% in rl'. */
export function values(
  subject: string,
  rates: readonly { name: string; rate: Pick<Rate, 'value'> }[],
  format: FigureFormat,
): string {
  const known = rates.flatMap(({ name, rate }) => (rate.value === null ? [] : [{ name, value: rate.value }]))
  const missing = rates.filter(({ rate }) => rate.value === null).map(({ name }) => name)
  if (known.length === 0) return `${subject}: not enough data`
  const text = ({ name, value }: (typeof known)[number]) => `${figureNumber(value, format)} in ${name}`
  const sorted = known.toSorted((a, b) => a.value - b.value)
  const range = () => `from ${text(sorted[0])} to ${text(sorted[sorted.length - 1])}`
  const said = known.length <= MOST_NAMED ? listOf(known.map(text)) : range()
  const lacking = missing.length > MOST_NAMED ? `${missing.length} others` : listOf(missing)
  return `${subject}: ${said}${missing.length === 0 ? '' : `; not enough data in ${lacking}`}`
}

/** Several arms' sentences as one title, or `short` where there are too many. */
export function allOr(sentences: readonly string[], short: () => string): string {
  return sentences.length <= MOST_NAMED ? sentences.join('; ') : short()
}
