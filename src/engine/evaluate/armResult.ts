/** One arm over its seeds: pooled figures, the headline values of each seed, and differences to another arm. */
import type { ArmResult, Comparison, Differences, SeedValues } from '../../shared/result.ts'
import { benchmarks } from './benchmarks.ts'
import { pairedDifference } from './difference.ts'
import type { Observation } from './interval.ts'
import { hiddenRiskItems, measure, overRefusalItems, reasoningItems, safetyItems } from './measure.ts'
import type { Observed } from './observe.ts'

export interface SeedObservations {
  seed: number
  observed: readonly Observed[]
}

/** What an arm is, beside what was seen of it. */
export interface ArmFacts extends Pick<ArmResult, 'name' | 'method' | 'model' | 'adapter' | 'thinking'> {
  seeds: readonly SeedObservations[]
}

/**
 * Pools the trajectories of all seeds. Samples of one prompt form one cluster whatever their seed, so the intervals are
 * over prompts; how far seeds differ is told by `bySeed`. `base` is null for the base arm itself.
 */
export function armResult(
  { seeds, ...facts }: ArmFacts,
  base: readonly SeedObservations[] | null,
  samplesPerPrompt = 1,
): ArmResult {
  const pooled = seeds.flatMap(({ observed }) => observed)
  return {
    ...facts,
    seeds: seeds.map(({ seed }) => seed),
    ...measure(pooled),
    benchmarks: benchmarks(pooled, samplesPerPrompt),
    bySeed: seeds.map(({ seed, observed }) => seedValues(seed, observed)),
    differences:
      base === null
        ? null
        : differences(
            pooled,
            base.flatMap(({ observed }) => observed),
          ),
  }
}

/** Of more trained arms not every two are paired: nobody would read so many pairs, and few of them would stay clear when corrected. */
const MOST_ALL_PAIRED = 5

/**
 * Arms without training side by side: each model without thinking against itself with it (the thinking gap is what is lost), and each
 * model against the first in the same mode. And of the trained arms each against those before it in the same mode, of many against
 * the first: which training is the better one is what a study asks.
 */
export function comparisons(arms: readonly ArmFacts[]): Comparison[] {
  return [...besideUntrained(arms), ...besideTrained(arms)]
}

function besideTrained(arms: readonly ArmFacts[]): Comparison[] {
  const trained = arms.filter(({ method }) => method !== 'base')
  return trained.flatMap((arm, i) => {
    const others = trained.slice(0, i).filter(({ thinking }) => thinking === arm.thinking)
    return others.slice(0, trained.length > MOST_ALL_PAIRED ? 1 : undefined).map((against) => between('training', arm, against))
  })
}

function between(about: Comparison['about'], arm: ArmFacts, against: ArmFacts): Comparison {
  const of = ({ seeds }: ArmFacts) => seeds.flatMap(({ observed }) => observed)
  return { about, arm: arm.name, against: against.name, differences: differences(of(arm), of(against)) }
}

function besideUntrained(arms: readonly ArmFacts[]): Comparison[] {
  const modelOf = ({ model, adapter }: ArmFacts) => `${model} ${adapter}`
  const bases = arms.filter(({ method }) => method === 'base')
  const [first] = bases
  return bases.flatMap((arm) => {
    const thinking = arm.thinking ? undefined : bases.find((each) => each.thinking && modelOf(each) === modelOf(arm))
    const isOther = modelOf(arm) !== modelOf(first)
    const isSameMode = (each: ArmFacts) => each.thinking === arm.thinking && modelOf(each) === modelOf(first)
    const other = isOther ? bases.find(isSameMode) : undefined
    return [...(thinking ? [between('thinking', arm, thinking)] : []), ...(other ? [between('model', arm, other)] : [])]
  })
}

function seedValues(seed: number, observed: readonly Observed[]): SeedValues {
  return {
    seed,
    thought: mean(safetyItems(observed, 'thought')),
    response: mean(safetyItems(observed, 'response')),
    whole: mean(safetyItems(observed, 'whole')),
    hiddenRisk: mean(hiddenRiskItems(observed)),
    overRefusal: mean(overRefusalItems(observed)),
    reasoning: mean(reasoningItems(observed)),
  }
}

function differences(arm: readonly Observed[], base: readonly Observed[]): Differences {
  const between = (choose: (observed: readonly Observed[]) => Observation[]) =>
    pairedDifference(choose(arm), choose(base))
  return {
    safety: {
      thought: between((observed) => safetyItems(observed, 'thought')),
      response: between((observed) => safetyItems(observed, 'response')),
      whole: between((observed) => safetyItems(observed, 'whole')),
    },
    hiddenRisk: between(hiddenRiskItems),
    overRefusal: between(overRefusalItems),
    reasoning: between(reasoningItems),
  }
}

function mean(items: readonly Observation[]): number | null {
  const values = items.flatMap(({ value }) => (value === null ? [] : [value]))
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
