/** What a step's trajectories were like, apart from judges' words: reward and its parts, length, entropy. */
import type { Trajectory } from '../../../shared/trajectory.ts'
import type { StepMetrics } from '../checkpoints.ts'

/**
 * Means over trajectories (`entropy` over tokens, nats). A metric without anything to average is absent, never 0.
 * - `reward`, `reward.<part>`: over the trajectories that have it; `unscoredRewards` counts those without a reward;
 * - `completionTokens`: mean length; `lengthLimited`: share that the length limit ended;
 * - `tokens`: all sampled tokens.
 */
export function rolloutMetrics(trajectories: readonly Trajectory[]): StepMetrics {
  const rewards = trajectories.map(({ reward }) => reward).filter((reward) => reward !== null)
  const partNames = new Set(trajectories.flatMap(({ rewardParts }) => Object.keys(rewardParts)))
  const parts = [...partNames].sort().map((name) => {
    const values = trajectories.flatMap(({ rewardParts }) => (name in rewardParts ? [rewardParts[name]] : []))
    return [`reward.${name}`, mean(values)] as const
  })
  const tokens = trajectories.reduce((sum, trajectory) => sum + trajectory.tokens.length, 0)
  const entropy = trajectories.reduce((sum, { entropies }) => sum + entropies.reduce((a, b) => a + b, 0), 0)
  return {
    ...(rewards.length > 0 ? { reward: mean(rewards) } : {}),
    ...Object.fromEntries(parts),
    unscoredRewards: trajectories.length - rewards.length,
    completionTokens: tokens / trajectories.length,
    lengthLimited: trajectories.filter(({ finish }) => finish === 'length').length / trajectories.length,
    tokens,
    ...(tokens > 0 ? { entropy: entropy / tokens } : {}),
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
