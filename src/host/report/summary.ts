/** The summary: what came out, in sentences that say no more than the intervals do, and the same at a glance. */
import type { ComparedArm } from '../../shared/compare/comparedArms.ts'
import { values, type Standing } from '../../shared/compare/findings.ts'
import { figureNumber, listOf } from '../../shared/figureText.ts'
import { FEWEST_PROMPTS, isAtOdds } from '../../shared/rateWords.ts'
import { seedSpread } from '../../shared/seedSpread.ts'
import { isWordList, WORD_LIST_WARNING } from '../../shared/wordList.ts'
import { answer } from './answer.ts'
import { armsOf, type ReportFacts } from './facts.ts'
import {
  claimOf,
  findingOf,
  otherQuestions,
  pairsOf,
  questions,
  safetyQuestions,
  wasAsked,
  type Claim,
  type Finding,
  type Pair,
  type Question,
} from './findings.ts'
import { glance } from './glance.ts'
import { html, named, type Html } from './html.ts'
import { isTrained } from './sections/setup.ts'
import { count, plural, rateText } from './words.ts'

const { overRefusal, reasoning } = otherQuestions
const { whole } = safetyQuestions

export function summary(facts: ReportFacts): Html {
  const arms = armsOf(facts)
  if (arms.length === 0) return html`<p>Not enough data: no arm has been evaluated yet, so nothing can be said.</p>`
  const pairs = pairsOf(facts.result, arms)
  const asked = questions.filter((question) => wasAsked(arms, question))
  const sentences = [
    ...(pairs.length > 0 ? pairs.map((pair) => pairSentence(pair, asked)) : arms.map(aloneSentence)),
    ...seedSentence(arms),
  ]
  const short = isTrained(facts.run.config) ? answer(pairs, asked) : []
  const parts = [restsOn(facts, arms, asked), ...(pairs.length > 0 ? sharesOf(arms, asked) : []), ...short]
  return html`<p>${short.length > 0 ? html`<strong>In short.</strong> ` : null}${parts.map((part) => `${part} `)}</p>
<ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>
${glance(pairs, asked)}
${isWordList(facts.run.judges[0]) ? html`<p><strong>${WORD_LIST_WARNING}.</strong></p>` : null}
<p class="note">${meaning(pairs, asked, arms)}Safe is what the judge finds safe. The section “Limits” says what all this
does not show.</p>`
}

/** What words and numbers rest on: differences of pairs, the intervals of both arms, or here the one and there the other. */
function meaning(pairs: readonly Pair[], asked: readonly Question[], arms: readonly ComparedArm[]): string {
  const found = pairs.flatMap((pair) => asked.map((question) => findingOf(pair, question)))
  const inPairs = found.some(({ difference }) => difference !== null)
  const apart = found.some(({ difference }) => difference === null)
  const parts = []
  if (inPairs) {
    parts.push(
      'Differences are in percentage points, of the prompts that were scored in both arms (n). Clear means that the ' +
        '95% interval of the difference leaves zero out and p is below 0.05.',
    )
    if (apart) parts.push('Where arms are not paired, clear means that their two 95% intervals lie apart.')
  } else if (apart) {
    parts.push('Clear means that the two 95% intervals lie apart: nothing is paired by prompt.')
  }
  if (found.some(({ standing, difference }) => !standing.startsWith('perhaps') && difference !== null && isAtOdds(difference))) {
    parts.push(`Of fewer than ${FEWEST_PROMPTS} prompts p alone decides, as their interval is too narrow.`)
  }
  if (found.some(({ standing }) => standing.startsWith('perhaps'))) {
    parts.push('Perhaps means that interval and p disagree: take it as unclear.')
  }
  if (found.some(({ standing }) => standing === 'unclear')) {
    parts.push('No clear difference is not the same as no difference: the interval tells what is possible.')
  }
  if (arms.some(({ result }) => result.seeds.length > 1)) {
    parts.push(
      'Intervals are over prompts, not over trainings: “seeds” counts those in which the difference, taken by itself, ' +
        'has the same sign.',
    )
  }
  return parts.map((part) => `${part} `).join('')
}

/** One arm against another: what is clear, what may be, then what is not. */
function pairSentence(pair: Pair, asked: readonly Question[]): Html {
  const found = asked.map((question) => ({ question, finding: findingOf(pair, question) }))
  const claims = (sure: Claim['sure']) => {
    const said = found.flatMap(({ question, finding }) => {
      const made = claimOf(finding)
      return made?.sure === sure ? [`${question[made.way]} (${sharesText(finding)})`] : []
    })
    return said.length === 0 ? [] : [`${sure} ${listOf(said)}`]
  }
  const nouns = (standing: Standing) =>
    listOf(found.flatMap(({ question, finding }) => (finding.standing === standing ? [question.noun] : [])))
  const parts = [
    ...claims('clearly'),
    ...claims('perhaps'),
    ...(nouns('unclear') === '' ? [] : [`no clear difference in ${nouns('unclear')}`]),
    ...(nouns('unknown') === '' ? [] : [`not enough data on ${nouns('unknown')}`]),
  ]
  return html`<strong>${named(pair.arm.name)}</strong>, against ${named(pair.against.name)}: ${parts.join('; ')}.`
}

/** '75.3% against 28.3%', and how many seeds say so where not all do. */
function sharesText({ rate, against, seeds }: Finding): string {
  const shares = `${figureNumber(rate.value, 'share')} against ${figureNumber(against.value, 'share')}`
  return seeds === null || seeds.alike === seeds.of ? shares : `${shares}; so in ${seeds.alike} of ${seeds.of} seeds`
}

/** Where nothing is compared, the numbers stand for themselves. */
function aloneSentence({ name, result }: ComparedArm): Html {
  const parts = questions.flatMap(({ label, read }) => {
    const rate = read(result)
    return rate.n + rate.unscorable === 0 ? [] : [`${label}: ${rateText(rate, 'share')} (n ${rate.n})`]
  })
  return html`<strong>${named(name)}</strong> is compared with nothing. ${
    parts.length === 0 ? 'Not enough ' + 'data.' : `${parts.join('; ')}.`
  }`
}

/** How far apart the seeds of each arm lie; nothing where no arm has several. */
function seedSentence(arms: readonly ComparedArm[]): Html[] {
  const spreads = arms.flatMap(({ name, result }) => {
    const spread = seedSpread(result, 'whole')
    if (spread === null) return []
    const [low, high] = [spread.low, spread.high].map((value) => figureNumber(value, 'share'))
    return [`${name} ${low === high ? low : `${low} to ${high}`} over ${plural(result.bySeed.length, 'seed')}`]
  })
  if (spreads.length === 0) return []
  return [html`<strong>Seeds apart</strong>, safe in thought and answer together: ${spreads.join('; ')}.`]
}

/** 'Each arm answered 300 harmful and 300 harmless prompts, with each of 3 seeds.' */
function restsOn(
  { run: { config, result } }: ReportFacts,
  arms: readonly ComparedArm[],
  asked: readonly Question[],
): string {
  const safety = Object.values(safetyQuestions).find((question) => asked.includes(question))
  const kinds = [
    { kind: 'harmful', question: safety },
    { kind: 'harmless', question: asked.find((question) => question === overRefusal) },
    { kind: 'reasoning', question: asked.find((question) => question === reasoning) },
  ]
  const samples = config.evaluation.samplesPerPrompt
  const seeds = Math.max(...arms.map((arm) => arm.result.seeds.length))
  const found = kinds.flatMap(({ kind, question }) => {
    if (question === undefined) return []
    const prompts = arms.map((arm) => {
      const { n, unscorable } = question.read(arm.result)
      return (n + unscorable) / (samples * arm.result.seeds.length)
    })
    return [{ kind, prompts: Math.round(Math.max(...prompts)) }]
  })
  if (found.length === 0) return ''
  const last = found[found.length - 1].prompts === 1 ? 'prompt' : 'prompts'
  return (
    `Each arm${result === null ? ' that was evaluated' : ''} answered ` +
    `${listOf(found.map(({ kind, prompts }) => `${count(prompts)} ${kind}`))} ${last}` +
    `${samples > 1 ? `, ${count(samples)} times each` : ''}${seeds > 1 ? `, with each of ${seeds} seeds` : ''}.`
  )
}

/** How safe each arm is, in one number. */
function sharesOf(arms: readonly ComparedArm[], asked: readonly Question[]): string[] {
  if (!asked.includes(whole)) return []
  const rates = arms.map(({ name, result }) => ({ name, rate: whole.read(result) }))
  return [`${values('Found safe in thought and answer together', rates, 'share')}.`]
}
