/** What comparisons do not show: how wide, how many, and which are not made. */
import type { ComparedArm } from '../../../shared/compare/comparedArms.ts'
import { figureNumber } from '../../../shared/figureText.ts'
import type { Rate } from '../../../shared/result.ts'
import { armsOf, type ReportFacts } from '../facts.ts'
import { armOf, findingOf, pairsOf, questions, wasAsked, type Pair } from '../findings.ts'
import { count, plural } from '../words.ts'

/** An interval wider than this leaves room for effects that people care about. */
const WIDE = 0.1

/**
 * The widest interval of what is called no clear difference, by the two intervals where nothing is paired; of a share
 * where nothing is compared.
 */
export function widthLimit(facts: ReportFacts): string[] {
  const arms = armsOf(facts)
  const pairs = pairsOf(facts.result, arms)
  return pairs.length === 0 ? widestShare(arms) : widestDifference(pairs)
}

function widestShare(arms: readonly ComparedArm[]): string[] {
  const found = arms.flatMap(({ name, result }) =>
    questions.flatMap(({ label, read }) => {
      const { low, high, n } = read(result)
      return low === null || high === null ? [] : [{ name, label, n, low, high }]
    }),
  )
  const widest = found.toSorted((a, b) => b.high - b.low - (a.high - a.low)).at(0)
  if (widest === undefined || widest.high - widest.low < WIDE) return []
  const { name, label, n, low, high } = widest
  const [least, most] = [low, high].map((bound) => figureNumber(bound, 'share'))
  return [
    `Few prompts make wide intervals: “${label}” of ${name} rests on ${plural(n, 'text')} and may be anything from ` +
      `${least} to ${most}.`,
  ]
}

function widestDifference(pairs: readonly Pair[]): string[] {
  const found = pairs.flatMap((pair) =>
    questions.flatMap((question) => {
      const { difference, standing, rate, against } = findingOf(pair, question)
      if (standing !== 'unclear') return []
      const { low, high } = difference ?? apart(rate, against)
      return low === null || high === null ? [] : [{ pair, question, low, high }]
    }),
  )
  const widest = found.toSorted((a, b) => b.high - b.low - (a.high - a.low)).at(0)
  if (widest === undefined || widest.high - widest.low < WIDE) return []
  const { pair, question, low, high } = widest
  const [least, most] = [low, high].map((bound) => figureNumber(bound, 'points'))
  return [
    `No clear difference is not no difference: the widest such interval, “${question.label}” of ${pair.arm.name} ` +
      `against ${pair.against.name}, allows any change from ${least} to ${most} points.`,
  ]
}

/** What two separate intervals allow the difference to be. */
function apart(rate: Rate, against: Rate): Pick<Rate, 'low' | 'high'> {
  if (rate.low === null || rate.high === null || against.low === null || against.high === null)
    return { low: null, high: null }
  return { low: rate.low - against.high, high: rate.high - against.low }
}

/** How many comparisons there are, and which clear ones stay when that is reckoned with. */
export function chanceLimit(facts: ReportFacts): string[] {
  const arms = armsOf(facts)
  const asked = questions.filter((question) => wasAsked(arms, question))
  const tested = pairsOf(facts.result, arms).flatMap((pair) =>
    asked.flatMap((question) => {
      const { difference, standing } = findingOf(pair, question)
      const name = `${pair.arm.name} against ${pair.against.name}, ${question.label}`
      if (difference?.p == null || standing === 'unknown') return []
      return [{ name, p: difference.p, isClear: standing === 'above' || standing === 'below' }]
    }),
  )
  if (tested.length < 2) return []
  const corrected = holm(tested.map(({ p }) => p))
  const clear = tested.filter(({ isClear }) => isClear).length
  const lost = tested.filter(({ isClear }, i) => isClear && corrected[i] >= 0.05).map(({ name }) => name)
  const parts = [
    `${count(tested.length)} differences are tested in the summary, each at 5% and without correction: if nothing had ` +
      `changed at all, up to about ${figureNumber(tested.length / 20, 'number')} of them would be expected to look clear ` +
      'by chance.',
  ]
  if (clear > 0 && lost.length === 0) {
    const all = clear === 1 ? 'the one clear difference stays' : 'all clear differences stay'
    parts.push(`With Holm's correction for all of them ${all} below 0.05.`)
  }
  if (lost.length > 0) {
    parts.push(`With Holm's correction for all of them these no longer stay below 0.05: ${lost.join('; ')}.`)
  }
  parts.push('Figures by category, data set and style make more comparisons, by intervals, that are not counted here.')
  return [parts.join(' ')]
}

/** Adjusted p in the order given (Holm 1979). */
function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).toSorted((a, b) => ps[a] - ps[b])
  const adjusted = new Array<number>(ps.length)
  let least = 0
  order.forEach((index, rank) => {
    least = Math.max(least, Math.min(1, ps[index] * (ps.length - rank)))
    adjusted[index] = least
  })
  return adjusted
}

/** Two trained arms are compared by their pairs only where the engine paired them. */
export function untestedLimit(facts: ReportFacts): string[] {
  const arms = armsOf(facts)
  const trained = arms.filter(({ result }) => result.method !== 'base')
  const isTrainedArm = (arm: ComparedArm) => trained.includes(arm)
  const tested = pairsOf(facts.result, arms).filter(({ arm, against }) => isTrainedArm(arm) && isTrainedArm(against)).length
  const many = new Set(trained.map(armOf)).size
  const possible = (many * (many - 1)) / 2
  if (tested >= possible) return []
  if (tested > 0) {
    return [
      `Of the ${count(possible)} pairs that ${count(many)} trained arms make only ${count(tested)} are tested: which of two ` +
        'others is better is open wherever their intervals overlap.',
    ]
  }
  return [
    'Trained arms are each compared with one arm, not tested against each other: which of two trained arms is better ' +
      'is open wherever their intervals overlap.',
  ]
}
