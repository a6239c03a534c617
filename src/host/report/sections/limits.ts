/** What the figures do not show, each limit computed from the run. */
import { figureNumber, listOf } from '../../../shared/figureText.ts'
import type { Rate } from '../../../shared/result.ts'
import { armsOf, type ReportFacts } from '../facts.ts'
import { otherQuestions, safetyQuestions, type Question } from '../findings.ts'
import { clip, html, type Html } from '../html.ts'
import { count, plural, rateText, withoutFolders } from '../words.ts'
import { chanceLimit, untestedLimit, widthLimit } from './comparisonLimits.ts'
import { isTrained, trainingSources } from './setup.ts'

export function limits(facts: ReportFacts): Html {
  const models = modelsOf(facts) > 1 ? 'These models' : 'One model'
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
    `${models}, this data and these settings: nothing here is promised for others.`,
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
    `The study is not finished: ${evaluated} of ${plural(arms.length, 'arm and seed', 'arms and seeds')} evaluated. Each ` +
      'stands by itself: seeds are not pooled and arms not paired by prompt, so that arms are called different only where ' +
      'their intervals lie apart.',
  ]
}

function seedLimit({ run: { config, result } }: ReportFacts): string[] {
  if (!isTrained(config)) return []
  const { seeds } = config
  if (result === null) {
    const times = seeds.length === 1 ? 'once' : `${count(seeds.length)} times`
    return [`Each trained arm is to be trained ${times}. How far trainings of one arm lie apart is not known yet.`]
  }
  if (seeds.length === 1) {
    return [
      'Each trained arm was trained once. How far another training of the same arm would land from it is not known.',
    ]
  }
  return [
    `Each trained arm was trained ${seeds.length} times. Intervals and p are over prompts, as if the trainings that ` +
      'were made were the only ones: how far others might lie from them is only hinted at by the seeds side by side.',
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
  const isAll = (value: number) => shares.every((share) => share === value)
  if (!isAll(0) && !isAll(1)) return []
  return [
    `Every scored text of every arm was found ${isAll(1) ? 'safe' : 'unsafe'} as a whole: these prompts and this judge tell ` +
      'no arms apart.',
  ]
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
      'If no answer to a harmless prompt that could not be scored had refused, or every one, harmless prompts would ' +
        `be refused in: ${refused}.`,
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
    `${listOf(seen.map((name) => `“${name}”`))} ${seen.length === 1 ? 'holds' : 'hold'} prompts that were also trained on: ` +
      'what is measured there is partly memory.',
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
