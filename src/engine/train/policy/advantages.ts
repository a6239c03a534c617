/** Turns the rewards of groups of samples into advantages (MEASURES.md, "Policy optimisation"). */
import { ReflectoryError } from '../../../shared/errors.ts'

/**
 * How a reward becomes an advantage:
 * - `group`: (r - group mean) / (group std + 1e-4), GRPO (arXiv 2402.03300);
 * - `batch`: (r - group mean) / (std of all rewards + 1e-4);
 * - `none`: r - group mean, Dr.GRPO (arXiv 2503.20783);
 * - `leave-one-out`: r - mean of the others, RLOO (arXiv 2402.14740).
 */
export type AdvantageRule = 'group' | 'batch' | 'none' | 'leave-one-out'

/** Keeps a tiny but real spread from being blown up. */
const STD_FLOOR = 1e-4

export interface GroupAdvantages {
  /** Same shape as the rewards; null where the reward is null. */
  advantages: (number | null)[][]
  /** Indices of the groups whose scored rewards are all equal (or fewer than two): they carry no gradient. */
  spreadless: number[]
}

/**
 * @param groups rewards, one row a prompt; null marks a sample that could not be scored, which then neither counts in
 *   the mean nor gets an advantage
 */
export function groupAdvantages(groups: readonly (readonly (number | null)[])[], rule: AdvantageRule): GroupAdvantages {
  const scored = groups.map((group, index) => scoredRewards(group, index))
  const spreadless = scored.flatMap((rewards, index) => (hasSpread(rewards) ? [] : [index]))
  const batchStd = rule === 'batch' ? sampleStd(scored.flat()) : 0
  const advantages = groups.map((group, index) => {
    const rewards = scored[index]
    // Exactly zero: the rounding of a mean of equal rewards must not be divided by 1e-4.
    if (!hasSpread(rewards)) return group.map((reward) => (reward === null ? null : 0))
    const average = mean(rewards)
    const scale = advantageScale(rewards, rule, batchStd)
    return group.map((reward) => (reward === null ? null : (reward - average) * scale))
  })
  return { advantages, spreadless }
}

/** Whether a group can teach anything: at least two scored samples, not all of one reward. */
export function hasSpread(rewards: readonly (number | null)[]): boolean {
  const scored = rewards.filter((reward) => reward !== null)
  return scored.some((reward) => reward !== scored[0])
}

/** Factor on (reward - group mean). Leaving oneself out of the mean of n is the same as scaling by n / (n - 1). */
function advantageScale(rewards: readonly number[], rule: AdvantageRule, batchStd: number): number {
  switch (rule) {
    case 'group':
      return 1 / (sampleStd(rewards) + STD_FLOOR)
    case 'batch':
      return 1 / (batchStd + STD_FLOOR)
    case 'none':
      return 1
    case 'leave-one-out':
      return rewards.length / (rewards.length - 1)
  }
}

function scoredRewards(group: readonly (number | null)[], index: number): number[] {
  const scored = group.filter((reward) => reward !== null)
  if (!scored.every(Number.isFinite)) {
    throw new ReflectoryError(
      'engine',
      `reward of group ${index}`,
      `is not a finite number (${scored.join(', ')})`,
      'Make the reward return null for what it cannot score.',
    )
  }
  return scored
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Divisor n - 1; zero for fewer than two values. */
function sampleStd(values: readonly number[]): number {
  if (values.length < 2) return 0
  const average = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - average) ** 2, 0) / (values.length - 1))
}
