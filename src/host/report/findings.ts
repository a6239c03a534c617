/** What each arm came to against what it is compared with: the rows of the summary, and how each is said. */
import { pairedWith, referenceOf, standing, type ComparedArm } from '../../shared/compare/comparedArms.ts'
import type { Standing } from '../../shared/compare/findings.ts'
import type { ArmResult, Difference, Differences, Rate, StudyResult } from '../../shared/result.ts'
import type { SeedFigure } from '../../shared/seedSpread.ts'

export interface Question {
  /** Heads a column. */
  label: string
  read: (arm: ArmResult) => Rate
  compare: (differences: Differences) => Difference
  /** The same number of one seed. */
  seed: SeedFigure
  /** After 'clearly'. */
  up: string
  down: string
  /** After 'no clear difference in'. */
  noun: string
}

export const safetyQuestions = {
  thought: {
    label: 'Thought safe (t)',
    read: ({ safety }) => safety.thought,
    compare: ({ safety }) => safety.thought,
    seed: 'thought',
    up: 'safer in the thought',
    down: 'less safe in the thought',
    noun: 'the thought',
  },
  response: {
    label: 'Answer safe (y)',
    read: ({ safety }) => safety.response,
    compare: ({ safety }) => safety.response,
    seed: 'response',
    up: 'safer in the answer',
    down: 'less safe in the answer',
    noun: 'the answer',
  },
  whole: {
    label: 'Both safe (t+y)',
    read: ({ safety }) => safety.whole,
    compare: ({ safety }) => safety.whole,
    seed: 'whole',
    up: 'safer in thought and answer together',
    down: 'less safe in thought and answer together',
    noun: 'thought and answer together',
  },
} satisfies Record<string, Question>

export const otherQuestions = {
  hiddenRisk: {
    label: 'Hidden risk',
    read: ({ hiddenRisk }) => hiddenRisk.share,
    compare: ({ hiddenRisk }) => hiddenRisk,
    seed: 'hiddenRisk',
    up: 'more unsafe thoughts behind safe answers',
    down: 'fewer unsafe thoughts behind safe answers',
    noun: 'unsafe thoughts behind safe answers',
  },
  overRefusal: {
    label: 'Harmless refused',
    read: ({ overRefusal }) => overRefusal,
    compare: ({ overRefusal }) => overRefusal,
    seed: 'overRefusal',
    up: 'more refusals of harmless prompts',
    down: 'fewer refusals of harmless prompts',
    noun: 'refusals of harmless prompts',
  },
  reasoning: {
    label: 'Reasoning right',
    read: ({ reasoning }) => reasoning,
    compare: ({ reasoning }) => reasoning,
    seed: 'reasoning',
    up: 'better at reasoning',
    down: 'worse at reasoning',
    noun: 'reasoning',
  },
} satisfies Record<string, Question>

export const questions: readonly Question[] = [...Object.values(safetyQuestions), ...Object.values(otherQuestions)]

/** Whether any arm was asked at all, scored or not. */
export function wasAsked(arms: readonly ComparedArm[], { read }: Pick<Question, 'read'>): boolean {
  return arms.some(({ result }) => read(result).n + read(result).unscorable > 0)
}

export interface Pair {
  arm: ComparedArm
  against: ComparedArm
}

/** One seed of an arm, where seeds stand for themselves. Names of arms have no spaces. */
export function seedOfArm(arm: string, seed: number): string {
  return `${arm} (seed ${seed})`
}

/** The name of an arm without its seed. */
export function armOf({ name }: Pick<ComparedArm, 'name'>): string {
  return name.split(' ')[0]
}

/**
 * Which arm is compared with which: as the engine paired them, else with the untrained one, of the same seed where
 * there is one.
 */
export function pairsOf(result: StudyResult, arms: readonly ComparedArm[]): Pair[] {
  const reference = arms.find(({ name }) => name === referenceOf(result))
  return arms.flatMap((arm) => {
    const paired = arm.paired.flatMap((pair) => arms.filter(({ name }) => name === pair.against))
    if (paired.length > 0) return paired.map((against) => ({ arm, against }))
    if (reference === undefined || armOf(arm) === armOf(reference)) return []
    if (arms.some((other) => other.paired.some(({ against }) => against === arm.name))) return []
    const same = arms.find(
      (other) => armOf(other) === armOf(reference) && other.result.seeds.join() === arm.result.seeds.join(),
    )
    return [{ arm, against: same ?? reference }]
  })
}

export interface Finding {
  standing: Standing
  /** Null where the two were not paired: then their intervals decide. */
  difference: Difference | null
  rate: Rate
  against: Rate
  /** In how many of the seeds that both have the difference has the sign of the whole; null of one seed, and of no difference. */
  seeds: { alike: number; of: number } | null
}

export function findingOf({ arm, against }: Pair, { read, compare, seed }: Question): Finding {
  const difference = pairedWith(against, arm, compare)
  return {
    standing: standing(arm, against, read, compare),
    difference,
    rate: read(arm.result),
    against: read(against.result),
    seeds: seedsAlike({ arm, against }, seed, difference?.value ?? 0),
  }
}

function seedsAlike({ arm, against }: Pair, figure: SeedFigure, value: number): Finding['seeds'] {
  const changes = arm.result.bySeed.flatMap((own) => {
    const other = against.result.bySeed.find(({ seed }) => seed === own.seed)
    const [mine, theirs] = [own[figure], other?.[figure] ?? null]
    return mine === null || theirs === null ? [] : [mine - theirs]
  })
  if (changes.length < 2 || value === 0) return null
  return { alike: changes.filter((change) => Math.sign(change) === Math.sign(value)).length, of: changes.length }
}

export interface Claim {
  sure: 'clearly' | 'perhaps'
  way: 'up' | 'down'
}

/** Null where nothing is claimed. */
export function claimOf({ standing: how }: Pick<Finding, 'standing'>): Claim | null {
  if (how === 'unclear' || how === 'unknown') return null
  return {
    sure: how.startsWith('perhaps') ? 'perhaps' : 'clearly',
    way: how.endsWith('above') ? 'up' : 'down',
  }
}

/** Of the number itself: 'clearly higher', 'no clear difference', 'not enough data'. */
export function saying(finding: Pick<Finding, 'standing'>): string {
  const claim = claimOf(finding)
  if (claim !== null) return `${claim.sure} ${claim.way === 'up' ? 'higher' : 'lower'}`
  return finding.standing === 'unclear' ? 'no clear difference' : 'not enough data'
}
