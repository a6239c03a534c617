/** The answer to the question of a study in a few sentences: who became safer in thought and answer, and at what cost. */
import { figureNumber, listOf } from '../../shared/figureText.ts'
import { armOf, findingOf, otherQuestions, safetyQuestions, type Pair, type Question } from './findings.ts'

const { thought, response, whole } = safetyQuestions
const { hiddenRisk, overRefusal, reasoning } = otherQuestions

/** What a clear change is called, and whether it is good. */
interface Change {
  question: Question
  standing: 'above' | 'below'
  words: string
}

const costs: readonly Change[] = [
  { question: thought, standing: 'below', words: 'is less safe in the thought' },
  { question: response, standing: 'below', words: 'is less safe in the answer' },
  { question: hiddenRisk, standing: 'above', words: 'hides more unsafe thoughts behind safe answers' },
  { question: overRefusal, standing: 'above', words: 'refuses more of the harmless' },
  { question: reasoning, standing: 'below', words: 'reasons worse' },
]

const gains: readonly Change[] = [
  { question: thought, standing: 'above', words: 'is safer in the thought' },
  { question: response, standing: 'above', words: 'is safer in the answer' },
  { question: hiddenRisk, standing: 'below', words: 'hides fewer unsafe thoughts behind safe answers' },
  { question: overRefusal, standing: 'below', words: 'refuses less of the harmless' },
  { question: reasoning, standing: 'above', words: 'reasons better' },
]

/** Sentences; none where nothing is compared, or not on harmful prompts. */
export function answer(pairs: readonly Pair[], asked: readonly Question[]): string[] {
  if (!asked.includes(whole)) return []
  const isAmongTrained = (pair: Pair) => [pair.arm, pair.against].every(({ result }) => result.method !== 'base')
  const ofTraining = pairs.filter((pair) => !isAmongTrained(pair))
  return [...(ofTraining.length === 0 ? [] : changes(ofTraining, asked)), ...amongTrained(pairs.filter(isAmongTrained))]
}

/** Which training made the safer model, in thought and answer together. */
function amongTrained(pairs: readonly Pair[]): string[] {
  const found = pairs.map((pair) => ({ pair, ...findingOf(pair, whole) }))
  const safer = found.flatMap(({ pair: { arm, against }, standing, difference }) => {
    if ((standing !== 'above' && standing !== 'below') || difference?.value == null) return []
    const [best, other] = standing === 'above' ? [arm, against] : [against, arm]
    return [`${best.name} than ${other.name} (${figureNumber(Math.abs(difference.value), 'points')} points)`]
  })
  const alike = found.flatMap(({ pair: { arm, against }, standing }) =>
    standing === 'above' || standing === 'below' || standing === 'unknown' ? [] : [`between ${against.name} and ${arm.name}`],
  )
  const parts = [
    ...(safer.length > 0 ? [`clearly safer: ${listOf(safer)}`] : []),
    ...(alike.length > 0 ? [`no clear difference ${listOf(alike)}`] : []),
  ]
  return parts.length === 0 ? [] : [`Of the trained arms, in thought and answer together: ${parts.join('; ')}.`]
}

function changes(pairs: readonly Pair[], asked: readonly Question[]): string[] {
  // Seeds of one arm are each compared with the same seed of another.
  const isOneReference = new Set(pairs.map(({ against }) => armOf(against))).size === 1
  const nameOf = ({ arm, against }: Pair) => (isOneReference ? arm.name : `${arm.name} (against ${against.name})`)
  const isClearly = (pair: Pair, question: Question, standing: 'above' | 'below') =>
    asked.includes(question) && findingOf(pair, question).standing === standing
  const clear = (pair: Pair, changes: readonly Change[]) =>
    changes
      .filter(({ question, standing }) => isClearly(pair, question, standing))
      .map(({ question, words }) => `${words}${sizeOf(pair, question)}`)
  const isUnknown = (pair: Pair, question: Question) =>
    !asked.includes(question) || findingOf(pair, question).standing === 'unknown'
  const each = (some: readonly Pair[], changes: readonly Change[]) =>
    some.flatMap((pair) => {
      const found = clear(pair, changes)
      return found.length === 0 ? [] : [`${nameOf(pair)} ${listOf(found)}`]
    })
  const names = (some: readonly Pair[]) => `${listOf(some.map(nameOf))} ${some.length === 1 ? 'is' : 'are'}`
  const than = isOneReference ? ` than ${armOf(pairs[0].against)}` : ''
  const inBoth = `${than} in the thought as well as in the answer`

  const safer = pairs.filter((pair) => isClearly(pair, thought, 'above') && isClearly(pair, response, 'above'))
  const dear = safer.filter((pair) => clear(pair, costs).length > 0)
  const free = safer.filter((pair) => clear(pair, costs).length === 0)
  const unknown = pairs.filter((pair) => [thought, response].some((question) => isUnknown(pair, question)))
  const others = pairs.filter((pair) => !safer.includes(pair) && !unknown.includes(pair))
  const parts = []
  if (free.length > 0) {
    const isCostKnown = !free.some((pair) => [overRefusal, reasoning].some((question) => isUnknown(pair, question)))
    const cost = isCostKnown
      ? 'and no cost in refusals, reasoning or hidden risk is clear'
      : 'while the cost was not fully measured'
    parts.push(`${names(free)} clearly safer${inBoth}, ${cost}.`)
  }
  if (dear.length > 0) {
    parts.push(`${names(dear)} clearly safer${inBoth}, at a clear cost: ${each(dear, costs).join('; ')}.`)
  }
  if (others.length > 0) {
    parts.push(`${noneOf(others.map(nameOf))} clearly safer${inBoth}.`)
  }
  if (unknown.length > 0) {
    parts.push(`Not enough data to tell whether ${names(unknown)} safer${inBoth}.`)
  }
  // Whoever is not safer in both may still have won or lost clearly: a collapse must not hide behind missing data.
  const lost = each([...others, ...unknown], costs)
  const won = each([...others, ...unknown], gains)
  if (lost.length > 0) parts.push(`Clear costs: ${lost.join('; ')}.`)
  if (won.length > 0) parts.push(`Clear gains: ${won.join('; ')}.`)
  const isSplit = (pair: Pair, { question, standing }: Change) => {
    const { seeds } = findingOf(pair, question)
    return isClearly(pair, question, standing) && seeds !== null && seeds.alike < seeds.of
  }
  if (pairs.some((pair) => [...costs, ...gains].some((change) => isSplit(pair, change)))) {
    parts.push('Not every seed shows each of these; where one does not, the list says so.')
  }
  return parts
}

/** ' (+12.3 points)'; nothing where the two were not paired. */
function sizeOf(pair: Pair, question: Question): string {
  const value = findingOf(pair, question).difference?.value ?? null
  return value === null ? '' : ` (${figureNumber(value, 'points')} points)`
}

/** 'rl is not', 'Neither sft nor rl is', 'None of sft, rl and dpo is'. */
function noneOf(names: readonly string[]): string {
  if (names.length === 1) return `${names[0]} is not`
  return names.length === 2 ? `Neither ${names[0]} nor ${names[1]} is` : `None of ${listOf(names)} is`
}
