/** One arm over its seeds: pooled figures, the headline values of each seed, and differences to the base arm. */
import type { ArmResult, Differences, SeedValues } from '../../shared/result.ts'
import { pairedDifference } from './difference.ts'
import type { Observation } from './interval.ts'
import { hiddenRiskItems, measure, overRefusalItems, reasoningItems, safetyItems } from './measure.ts'
import type { Observed } from './observe.ts'

export interface SeedObservations {
  seed: number
  observed: readonly Observed[]
}

/**
 * Pools the trajectories of all seeds. Samples of one prompt form one cluster whatever their seed, so the intervals are
 * over prompts; how far seeds differ is told by `bySeed`. `base` is null for the base arm itself.
 */
export function armResult(
  { name, method, seeds }: { name: string; method: ArmResult['method']; seeds: readonly SeedObservations[] },
  base: readonly SeedObservations[] | null,
): ArmResult {
  const pooled = seeds.flatMap(({ observed }) => observed)
  return {
    name,
    method,
    seeds: seeds.map(({ seed }) => seed),
    ...measure(pooled),
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
