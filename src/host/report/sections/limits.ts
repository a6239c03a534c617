/** What the figures do not show, each limit computed from the run. */
import { figureNumber, listOf } from '../../../shared/figureText.ts'
import type { ComparedArm } from '../../../shared/compare/comparedArms.ts'
import type { Rate } from '../../../shared/result.ts'
import { armsOf, type ReportFacts } from '../facts.ts'
import {
  armOf,
  findingOf,
  otherQuestions,
  pairsOf,
  questions,
  safetyQuestions,
  wasAsked,
  type Pair,
  type Question,
} from '../findings.ts'
import { html, type Html } from '../html.ts'
import { clip } from '../html.ts'
import { count, plural, rateText, withoutFolders } from '../words.ts'
import { isTrained, trainingSources } from './setup.ts'

/** An interval wider than this leaves room for effects that people care about. */
const WIDE = 0.1

export function limits(facts: ReportFacts): Html {
  const found = [
    ...unfinishedLimit(facts),
    ...seedLimit(facts),
    ...widthLimit(facts),
    ...chanceLimit(facts),
    judgeLimit(facts),
    ...ceilingLimit(facts),
    ...unscorableLimits(facts),
    ...overlapLimit(facts),
    ...skippedLimit(facts),
    ...untestedLimit(facts),
    `${modelsOf(facts) > 1 ? 'These models' : 'One model'}, this data and these settings: nothing here is promised for others.`,
    'A plan that is taken back before the answer is an unsafe thought. Reflection cues are counted words: they do ' +
      'not show that a model reconsidered anything.',
  ]
  return html`<ul>${found.map((text) => html`<li>${clip(text, 1500)}</li>`)}</ul>`
}

/** How many models were evaluated, not counting what was trained from them. */
function modelsOf({ run: { config } }: ReportFacts): number {
  const models = config.arms.flatMap((arm) =>
    arm.method === 'base' ? [JSON.stringify([arm.model ?? config.model, arm.adapter ?? ''])] : [],
  )
  return new Set(models).size
}

function unfinishedLimit({ run, arms }: ReportFacts): string[] {
  if (run.result !== null) return []
  const evaluated = arms.filter(({ evaluation }) => evaluation !== null).length
  return [
    `The study is not finished: ${evaluated} of ${plural(
      arms.length,
      'arm and seed',
      'arms and ' + 'seeds',
    )} evaluated. Each stands by itself: seeds are ` +
      'not pooled and arms not paired by prompt, so that arms are called different only where their intervals lie ' +
      'apart.',
  ]
}

function seedLimit({ run: { config, result } }: ReportFacts): string[] {
  if (!isTrained(config)) return []
  const { seeds } = config
  if (result === null) {
    const times = seeds.length === 1 ? 'once' : `${count(seeds.length)} times`
    return [`Each trained arm is to be trained ${times}. How far trainings of one arm lie apart is not known yet.`]
  }
  if (seeds.length === 1)
    return ['Each trained arm was trained once. How far another training of the same arm would land from it is not known.']
  return [
    `Each trained arm was trained ${seeds.length} times. Intervals and p are over prompts, as if the trainings that were ` +
      'made were the only ones: how far others might lie from them is only hinted at by the seeds side by side.',
  ]
}

/**
 * The widest interval of what is called no clear difference, by the two intervals where nothing is paired; of a share where
 * nothing is compared.
 */
function widthLimit(facts: ReportFacts): string[] {
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
    `Few prompts make wide intervals: “${label}” of ${name} rests on ${plural(n, 'text')} and may be anything from ${least} ` +
      `to ${most}.`,
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
    `No clear difference is not no difference: the widest such interval, “${question.label}” of ${pair.arm.name} against ` +
      `${pair.against.name}, allows any change from ${least} to ${most} points.`,
  ]
}

/** What two separate intervals allow the difference to be. */
function apart(rate: Rate, against: Rate): Pick<Rate, 'low' | 'high'> {
  if (rate.low === null || rate.high === null || against.low === null || against.high === null)
    return { low: null, high: null }
  return { low: rate.low - against.high, high: rate.high - against.low }
}

/** How many comparisons there are, and which clear ones stay when that is reckoned with. */
function chanceLimit(facts: ReportFacts): string[] {
  const arms = armsOf(facts)
  const asked = questions.filter((question) => wasAsked(arms, question))
  const tested = pairsOf(facts.result, arms).flatMap((pair) =>
    asked.flatMap((question) => {
      const { difference, standing } = findingOf(pair, question)
      const name = `${pair.arm.name}, ${question.label}`
      return difference?.p == null || standing === 'unknown' ? [] : [{ name, p: difference.p, isClear: standing === 'above' || standing === 'below' }]
    }),
  )
  if (tested.length < 2) return []
  const corrected = holm(tested.map(({ p }) => p))
  const clear = tested.filter(({ isClear }) => isClear).length
  const lost = tested.filter(({ isClear }, i) => isClear && corrected[i] >= 0.05).map(({ name }) => name)
  const parts = [
    `${count(tested.length)} differences are tested in the summary, each at 5% and without correction: if nothing had ` +
      `changed at all, up to about ${figureNumber(tested.length / 20, 'number')} of them would be expected to look clear by chance.`,
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
function untestedLimit(facts: ReportFacts): string[] {
  const arms = armsOf(facts)
  const trained = arms.filter(({ result }) => result.method !== 'base')
  const isTested = pairsOf(facts.result, arms).some(({ arm, against }) => trained.includes(arm) && trained.includes(against))
  if (new Set(trained.map(armOf)).size < 2 || isTested) return []
  return [
    'Trained arms are each compared with one arm, not tested against each other: which of two trained arms is better is ' +
      'open wherever their intervals overlap.',
  ]
}

function judgeLimit({ run: { judges } }: ReportFacts): string {
  const [first] = judges
  if (first === 'harbor')
    return (
      "Harbor's judge knows the truth of Harbor's invented world, so its verdicts there are exact. They say " +
      "nothing of real harm, and a small model's habits need not be a large one's."
    )
  return (
    `Safe means: found safe by ${withoutFolders(first)}. Its own errors are in every figure and in no ` +
    `interval; ${
      judges.length > 1
        ? `${listOf(judges.slice(1).map(withoutFolders))} read the same texts, and where ` +
          `they disagree the figures depend on the choice.`
        : 'no second judge read the same texts.'
    }`
  )
}

/** Where every text is judged alike, no training can show that it changes anything. */
function ceilingLimit(facts: ReportFacts): string[] {
  const shares = armsOf(facts).flatMap(({ result }) => safetyQuestions.whole.read(result).value ?? [])
  if (shares.length === 0) return []
  const found = shares.every((share) => share === 1) ? 'safe' : shares.every((share) => share === 0) ? 'unsafe' : null
  return found === null
    ? []
    : [`Every scored text of every arm was found ${found} as a whole: these prompts and this judge tell no arms apart.`]
}

/** What the unscorable could at most change. */
function unscorableLimits(facts: ReportFacts): string[] {
  const arms = armsOf(facts)
  const bounds = (read: Question['read']) =>
    arms
      .flatMap(({ name, result }) => {
        const rate = read(result)
        return rate.unscorable === 0 || rate.value === null ? [] : [`${name} ${boundsText(rate, rate.value)}`]
      })
      .join('; ')
  const { whole } = safetyQuestions
  const safe = bounds(whole.read)
  const refused = bounds(otherQuestions.overRefusal.read)
  const empty = arms
    .filter(({ result }) => whole.read(result).value === null && whole.read(result).unscorable > 0)
    .map(({ name }) => name)
  const texts = []
  if (safe !== '') {
    texts.push(
      'If every text that could not be scored had been unsafe, or every one safe, thought and answer together ' +
        `would be safe in: ${safe}.`,
    )
  }
  if (refused !== '') {
    texts.push(
      'If no answer to a harmless prompt that could not be scored had refused, or every one, harmless prompts would be ' +
        `refused in: ${refused}.`,
    )
  }
  if (empty.length > 0)
    texts.push(`Nothing of ${listOf(empty)} could be scored for safety as a whole, so nothing is said of it.`)
  return texts
}

function boundsText(rate: Rate, value: number): string {
  const all = rate.n + rate.unscorable
  const [least, most] = [(value * rate.n) / all, (value * rate.n + rate.unscorable) / all].map((share) =>
    figureNumber(share, 'share'),
  )
  return `${least} or ${most} of ${plural(all, 'text')} (shown: ${rateText(rate, 'share')} of ${count(rate.n)})`
}

/** Prompts that were trained on tell of memory, not of what was learned. */
function overlapLimit({ run: { config }, sources }: ReportFacts): string[] {
  const trained = new Set(trainingSources(config))
  const placeOf = (name: string) => {
    const source = Object.hasOwn(config.data, name) ? config.data[name] : undefined
    const hash = sources.find((each) => each.name === name)?.hash ?? null
    const text = source !== undefined && 'harbor' in source ? `harbor ${source.harbor}` : hash
    return source === undefined || text === null ? null : { text, split: source.split }
  }
  const seen = config.evaluation.sources.filter((name) => {
    if (trained.has(name)) return true
    const own = placeOf(name)
    const isSameText = (other: ReturnType<typeof placeOf>) =>
      own !== null &&
      other?.text === own.text &&
      (own.split === 'all' || other.split === 'all' || own.split === other.split)
    return [...trained].some((other) => isSameText(placeOf(other)))
  })
  if (trained.size === 0) return []
  if (seen.length === 0)
    return [
      'No evaluated source is one that was trained on, and none is the same part of the same file. Near-duplicates ' +
        'across files are not looked for here.',
    ]
  return [
    `${listOf(seen.map((name) => `“${name}”`))} holds prompts that were also trained on: what is measured there is ` +
      `partly memory.`,
  ]
}

function skippedLimit({ sources }: ReportFacts): string[] {
  const left = sources.filter(({ tooLong, unreadable }) => tooLong + unreadable.length > 0)
  if (left.length === 0) return []
  const parts = left.map(
    ({ name, rows, tooLong, unreadable }) =>
      `${name} (${tooLong} too long, ${unreadable.length} unreadable, of ${count(rows)})`,
  )
  return [`Not all data could be used as it was: ${parts.join('; ')}. What was left out may differ from what was kept.`]
}
