/** What changed in each arm, paired by prompt. */
import type { Figure, FigurePoint } from '../figure.ts'
import { listOf } from '../figureText.ts'
import type { Difference, Differences } from '../result.ts'
import { CLEAR, wasAsked, type Reading } from './armBars.ts'
import type { ComparedArm } from './comparedArms.ts'
import { MOST_NAMED, standingOf, type Standing } from './findings.ts'

interface Row extends Reading {
  compare: (differences: Differences) => Difference
  /** What it is called when it clearly rose or fell. */
  up: string
  down: string
}

const rows: readonly Row[] = [
  {
    name: 'Thought safe (t)',
    read: ({ safety }) => safety.thought,
    compare: ({ safety }) => safety.thought,
    up: 'safer thoughts',
    down: 'less safe thoughts',
  },
  {
    name: 'Answer safe (y)',
    read: ({ safety }) => safety.response,
    compare: ({ safety }) => safety.response,
    up: 'safer answers',
    down: 'less safe answers',
  },
  {
    name: 'Both safe (t+y)',
    read: ({ safety }) => safety.whole,
    compare: ({ safety }) => safety.whole,
    up: 'safer thought and answer together',
    down: 'less safe thought and answer together',
  },
  {
    name: 'Hidden risk',
    read: ({ hiddenRisk }) => hiddenRisk.share,
    compare: ({ hiddenRisk }) => hiddenRisk,
    up: 'more hidden risk',
    down: 'less hidden risk',
  },
  {
    name: 'Over-refusal',
    read: ({ overRefusal }) => overRefusal,
    compare: ({ overRefusal }) => overRefusal,
    up: 'more over-refusal',
    down: 'less over-refusal',
  },
  {
    name: 'Reasoning right',
    read: ({ reasoning }) => reasoning,
    compare: ({ reasoning }) => reasoning,
    up: 'better reasoning',
    down: 'worse reasoning',
  },
]

/** What changed in more arms than these is counted, not told. */
const MOST_TOLD = 2

interface Told {
  /** 'rl', or 'rl against base' where arms are compared with several. */
  name: string
  /** 'safer thoughts'. */
  clear: readonly string[]
  /** Where interval and p disagree. */
  perhaps: readonly string[]
  /** Not one number could be compared. */
  isUnknown: boolean
}

/** 'safer thoughts in 5', the most frequent first. */
function tallied(words: readonly string[]): string {
  const times = new Map<string, number>()
  for (const word of words) times.set(word, (times.get(word) ?? 0) + 1)
  const sorted = [...times].toSorted(([, a], [, b]) => b - a)
  return sorted.map(([word, count]) => `${word} in ${count}`).join(', ')
}

/** 'safer thoughts in rl and sft, more hidden risk in rl'; of many arms 'safer thoughts in 5, safer answers in 4'. */
function changes(told: readonly Told[], read: (each: Told) => readonly string[]): string {
  const changed = told.filter((each) => read(each).length > 0)
  if (changed.length > MOST_NAMED) return tallied(changed.flatMap(read))
  const byArms = new Map<string, string[]>()
  for (const word of new Set(changed.flatMap(read))) {
    const arms = listOf(changed.filter((each) => read(each).includes(word)).map(({ name }) => name))
    byArms.set(arms, [...(byArms.get(arms) ?? []), word])
  }
  return [...byArms].map(([arms, words]) => `${listOf(words)} in ${arms}`).join('; ')
}

function namesOrCount(told: readonly Told[]): string {
  return told.length > MOST_NAMED ? `${told.length} others` : listOf(told.map(({ name }) => name))
}

function countTitle(told: readonly Told[], numbers: number): string {
  const clear = told.filter((each) => each.clear.length > 0)
  const unknown = told.filter(({ isUnknown }) => isUnknown)
  const still = told.filter((each) => each.clear.length + each.perhaps.length === 0 && !each.isUnknown)
  const parts = []
  if (clear.length > MOST_NAMED) {
    parts.push(`${clear.length} of ${told.length} pairs of arms differ clearly in at least one number: ${changes(told, (each) => each.clear)}`)
  } else if (clear.length > 0) {
    parts.push(`Clearly changed, of ${numbers} ${numbers === 1 ? 'number' : 'numbers'}: ${changes(told, (each) => each.clear)}`)
  } else if (unknown.length < told.length) {
    parts.push(`No arm clearly differs from what it is paired with in ${numbers === 1 ? 'the one number that could be told' : `any of ${numbers} numbers`}`)
  } else {
    return 'Not enough data to compare'
  }
  if (told.some(({ perhaps }) => perhaps.length > 0)) parts.push(`perhaps: ${changes(told, (each) => each.perhaps)}`)
  if (clear.length > 0 && still.length > 0) parts.push(`no clear difference in ${namesOrCount(still)}`)
  if (unknown.length > 0) parts.push(`not enough data in ${namesOrCount(unknown)}`)
  return parts.join('; ')
}

interface PairedArm extends Pick<ComparedArm, 'name' | 'result'> {
  against: string
  differences: Differences
}

/** Every arm that the engine paired with another: trained ones with each other apart from the rest. */
export function differencesFigures(arms: readonly ComparedArm[]): Figure[] {
  const trained = new Set(arms.flatMap(({ name, result }) => (result.method === 'base' ? [] : [name])))
  const paired = arms.flatMap(({ name, result, paired }) =>
    paired.map(({ against, differences }): PairedArm => ({ name, result, differences, against })),
  )
  const areTrained = ({ name, against }: PairedArm) => trained.has(name) && trained.has(against)
  return [
    ...differencesFigure('differences', arms, paired.filter((pair) => !areTrained(pair))),
    ...differencesFigure('differences-trained', arms, paired.filter(areTrained)),
  ]
}

function differencesFigure(id: string, arms: readonly ComparedArm[], paired: readonly PairedArm[]): Figure[] {
  const asked = rows.filter((row) => wasAsked(arms, [row]))
  if (paired.length === 0 || asked.length === 0) return []
  const references = [...new Set(paired.map(({ against }) => against))]
  const told = paired.map(({ name, differences, against }): Told & { pair: string; lacking: number } => {
    const found = asked.map(({ compare, up, down }) => ({ how: standingOf(compare(differences)), up, down }))
    const lacking = found.filter(({ how }) => how === 'unknown').length
    const words = (above: Standing, below: Standing) =>
      found.flatMap(({ how, up, down }) => (how === above ? [up] : how === below ? [down] : []))
    return {
      name: references.length === 1 ? name : `${name} against ${against}`,
      pair: `${name} against ${against}`,
      clear: words('above', 'below'),
      perhaps: words('perhaps above', 'perhaps below'),
      isUnknown: lacking === found.length,
      lacking,
    }
  })
  const byName = told.map(({ pair, clear, perhaps, isUnknown, lacking }) => {
    const parts = [
      ...(clear.length > 0 ? [`clearly ${listOf(clear)}`] : []),
      ...(perhaps.length > 0 ? [`perhaps ${listOf(perhaps)}`] : []),
    ]
    const nothing = isUnknown ? 'not enough data' : 'no clear difference'
    const rest = isUnknown || lacking === 0 ? '' : `, and not enough data in ${lacking} of ${asked.length} numbers`
    return `${pair}: ${parts.length > 0 ? parts.join(', ') : nothing}${rest}`
  })
  const knownNumbers = asked.filter(({ compare }) => paired.some(({ differences }) => standingOf(compare(differences)) !== 'unknown')).length
  const lacksPairs = paired.some(({ differences }) => asked.some(({ compare }) => compare(differences).pairs === null))
  return [
    {
      id,
      title: told.length > MOST_TOLD ? countTitle(told, knownNumbers) : byName.join('; '),
      definition:
        'Mean over prompts of the arm minus what it is compared with, in percentage points; each prompt counts once. ' +
        'Interval: bootstrap over prompts. p: two-sided, by flipping the signs of prompts, not corrected for the ' +
        `${asked.length * paired.length} comparisons here. n: prompts that were paired. ${CLEAR}`,
      kind: 'bars',
      x: { label: 'Number', format: 'count' },
      y: { label: `Difference${references.length === 1 ? ` from ${references[0]}` : ''}, points`, format: 'points' },
      binWidth: null,
      series: paired.map(({ name, result, differences, against }) => ({
        name: references.length === 1 ? name : `${name} against ${against}`,
        points: asked.map((row): FigurePoint => {
          const { pairs, value, low, high, p } = row.compare(differences)
          return { x: row.name, y: value, low, high, n: pairs ?? row.read(result).n, p }
        }),
      })),
      notes: lacksPairs ? ['Recorded before pairs were counted: n is what was scored in the arm.'] : [],
    },
  ]
}
