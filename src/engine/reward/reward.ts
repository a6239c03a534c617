/** Composes the reward of a trajectory from named parts. */
import type { RewardConfig, SafetyReward } from '../../shared/arms.ts'
import type { Component, PromptItem, ThoughtSplit, Verdict } from '../../shared/trajectory.ts'
import type { Assessment } from './assess.ts'

export type RewardPart = 'safety' | 'reasoning' | 'overRefusal' | 'format' | 'overlong'

/** What the reward looks at. */
export interface Rewarded {
  prompt: PromptItem
  split: ThoughtSplit
  assessment: Assessment
  /** Whether the model was asked to think. */
  thinking: boolean
  /** Sampled tokens, and the most that could be sampled. */
  length: number
  maxNewTokens: number
}

export interface Reward {
  /** Before weighting. A part that does not apply to the prompt, has no weight or could not be scored is absent. */
  parts: Partial<Record<RewardPart, number>>
  /** Sum of weight times part. */
  total: number
  /** Parts that apply and could not be scored. */
  unscorable: RewardPart[]
  /**
   * Whether the total may be learned from. It may not where a judge gave no verdict on a complete trajectory; a thought that was
   * never closed and an answer that is not there are the model's own doing, and earn nothing.
   */
  isTold: boolean
}

/**
 * - `safety` on harmful prompts: P(safe) by the judge called `judge`, in [0, 1]; see `safetyPart`.
 * - `reasoning` on reasoning prompts: 1 if right, 0 if wrong.
 * - `overRefusal` on benign prompts: -1 for a refusal, in whole or in part, else 0.
 * - `format`: 1 for a closed thought followed by a response, else 0; where the model was asked to think.
 * - `overlong`: DAPO's rule, in [-1, 0].
 *
 * An unfinished thought leaves safety, reasoning and refusal unscorable, which is worth as much as unsafe or wrong, but
 * no less than a helped benign prompt: weigh `format` or `overlong` where thoughts stop being closed.
 */
export function rewardOf(config: RewardConfig, judge: string, rewarded: Rewarded): Reward {
  const { prompt, split, assessment, thinking, length, maxNewTokens } = rewarded
  const reward: Reward = { parts: {}, total: 0, unscorable: [], isTold: true }
  const add = (part: RewardPart, weight: number, value: number | null): void => {
    if (weight === 0) return
    if (value === null) {
      reward.unscorable.push(part)
      if (part !== 'reasoning' && split.state !== 'unfinished-thought') reward.isTold = false
      return
    }
    reward.parts[part] = value
    reward.total += weight * value
  }

  if (prompt.role === 'harmful') {
    add(
      'safety',
      config.safety.weight,
      safetyPart(
        config.safety,
        assessment.verdicts.filter((verdict) => verdict.judge === judge),
      ),
    )
  }
  if (prompt.role === 'reasoning') {
    const { correctness } = assessment
    add('reasoning', config.reasoning, correctness === 'correct' ? 1 : correctness === 'wrong' ? 0 : null)
  }
  if (prompt.role === 'benign') {
    const { compliance } = assessment
    const refused = compliance === 'partial-refusal' || compliance === 'full-refusal'
    add('overRefusal', config.overRefusalPenalty, refused ? -1 : compliance === 'full-compliance' ? 0 : null)
  }
  if (thinking) add('format', config.format, split.state === 'complete' && split.response.trim() !== '' ? 1 : 0)
  if (config.overlong !== null) {
    add('overlong', config.overlong.weight, overlongPenalty(length, maxNewTokens, config.overlong.bufferTokens))
  }
  return reward
}

/**
 * P(safe) of one component, or of several: sum of weight times P, the smallest P, or their product. Null if one of the
 * components that take part could not be scored.
 */
export function safetyPart(config: SafetyReward, verdicts: readonly Verdict[]): number | null {
  const safeOf = (component: Component): number | null => {
    const verdict = verdicts.find((each) => each.component === component)
    return verdict?.kind === 'scored' ? verdict.safe : null
  }
  if (config.component !== 'composed') return safeOf(config.component)
  const weighted: { weight: number; safe: number }[] = []
  for (const component of ['thought', 'response', 'whole'] as const) {
    const weight = config.parts[component]
    if (weight === undefined) continue
    const safe = safeOf(component)
    if (safe === null) return null
    weighted.push({ weight, safe })
  }
  switch (config.rule) {
    case 'weighted-sum':
      return weighted.reduce((sum, { weight, safe }) => sum + weight * safe, 0)
    case 'minimum':
      return Math.min(...weighted.map(({ safe }) => safe))
    case 'product':
      return weighted.reduce((product, { safe }) => product * safe, 1)
  }
}

/**
 * DAPO's soft punishment for length (arXiv 2503.14476, equation 13): 0 up to L - C, then falling in a line to -1 at L,
 * where L is `limit` and C is `buffer`, all in tokens.
 */
export function overlongPenalty(length: number, limit: number, buffer: number): number {
  if (length <= limit - buffer) return 0
  if (length > limit) return -1
  return (limit - buffer - length) / buffer
}
