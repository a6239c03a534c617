/** The policy-gradient loss of every algorithm, built in the intermediate representation from log-probabilities. */
import type { Algorithm, RlArm } from '../../../shared/arms.ts'
import {
  add,
  cast,
  divide,
  exp,
  greater,
  maximum,
  minimum,
  multiply,
  negate,
  stopGradient,
  subtract,
  sum,
} from '../../autodiff/build.ts'
import type { Value } from '../../autodiff/representation.ts'
import type { AdvantageRule } from './advantages.ts'
import type { Normaliser } from '../lossWeights.ts'

/** What tells one algorithm from another. */
export interface PolicyLossRule {
  /** Importance ratio of each token, of the geometric mean over a sequence, or of a whole sequence as one action. */
  ratio: 'token' | 'sequence-mean' | 'sequence-sum'
  /** `clipped`: -min(r A, clip(r) A). `capped`: -sg[clip(r)] A log pi, every token keeps its gradient. */
  objective: 'clipped' | 'capped'
  normaliser: Normaliser
  advantages: AdvantageRule
}

export const policyLossRules: Record<Algorithm, PolicyLossRule> = {
  // arXiv 2402.03300
  grpo: { ratio: 'token', objective: 'clipped', normaliser: 'sequence', advantages: 'group' },
  // arXiv 2503.20783
  'dr-grpo': { ratio: 'token', objective: 'clipped', normaliser: 'constant', advantages: 'none' },
  // arXiv 2503.14476; its clip range is asymmetric
  dapo: { ratio: 'token', objective: 'clipped', normaliser: 'batch', advantages: 'group' },
  // arXiv 2507.18071
  gspo: { ratio: 'sequence-mean', objective: 'clipped', normaliser: 'sequence', advantages: 'group' },
  // arXiv 2506.13585
  cispo: { ratio: 'token', objective: 'capped', normaliser: 'batch', advantages: 'group' },
  // arXiv 2402.14740
  rloo: { ratio: 'sequence-sum', objective: 'clipped', normaliser: 'sequence', advantages: 'leave-one-out' },
}

export interface PolicyLossOptions extends Pick<PolicyLossRule, 'ratio' | 'objective'> {
  /** The ratio is kept within [1 - low, 1 + high]. */
  clip: { low: number; high: number }
  kl: RlArm['kl']
}

/** All [time, rows], zero where no completion token stands. */
export interface PolicyLossInputs {
  /** Log-probabilities of the policy in training; what stands outside the completions does not matter. */
  newLogProbabilities: Value
  /** Log-probabilities at the time of sampling. */
  oldLogProbabilities: Value
  /** Log-probabilities of the reference model; needed when the KL coefficient is above zero. */
  referenceLogProbabilities: Value | null
  advantages: Value
  /** From `lossWeights`; positive exactly where a token carries loss. */
  weights: Value
}

/** Scalars that add up over the micro-batches of an optimizer batch. */
export interface PolicyLossOutputs {
  loss: Value
  /** Tokens whose ratio was cut. */
  clippedTokens: Value
  /** Sum of the importance ratios of the tokens (or of their sequences). */
  ratioSum: Value
  /** Sum of the chosen KL estimator; null without a reference. */
  klSum: Value | null
  /** Sum of |log pi - log pi_old|: before the first update this is sampler against trainer. */
  logProbabilityGap: Value
}

export function policyLoss(inputs: PolicyLossInputs, options: PolicyLossOptions): PolicyLossOutputs {
  const { newLogProbabilities, oldLogProbabilities, referenceLogProbabilities, advantages, weights } = inputs
  const mask = cast(greater(weights, 0), 'float32')
  // Masked before exp: a huge ratio in the padding would make infinity times zero.
  const logRatio = multiply(subtract(newLogProbabilities, oldLogProbabilities), mask)
  const ratio = exp(spreadOver(logRatio, mask, options.ratio))
  const kept = maximum(minimum(ratio, 1 + options.clip.high), 1 - options.clip.low)
  const { terms, clipped } =
    options.objective === 'clipped'
      ? clippedTerms(ratio, kept, advantages)
      : cappedTerms(ratio, kept, advantages, multiply(newLogProbabilities, mask))

  const kl =
    referenceLogProbabilities && options.kl.coefficient > 0
      ? klPerToken(multiply(subtract(newLogProbabilities, referenceLogProbabilities), mask), options.kl.estimator)
      : null
  const penalised = kl ? add(terms, multiply(kl, options.kl.coefficient)) : terms
  return {
    loss: sum(multiply(penalised, weights)),
    clippedTokens: sum(multiply(cast(clipped, 'float32'), mask)),
    ratioSum: sum(multiply(ratio, mask)),
    klSum: kl && sum(multiply(kl, mask)),
    logProbabilityGap: sum(absolute(logRatio)),
  }
}

/** log of the ratio: of each token [time, rows], or one for its sequence [1, rows]. */
function spreadOver(logRatio: Value, mask: Value, ratio: PolicyLossRule['ratio']): Value {
  if (ratio === 'token') return logRatio
  const total = sum(logRatio, [0], true)
  return ratio === 'sequence-sum' ? total : divide(total, maximum(sum(mask, [0], true), 1))
}

/** -min(r A, clip(r) A): a token whose ratio has already moved beyond the range in the advantage's favour is still. */
function clippedTerms(ratio: Value, kept: Value, advantages: Value): { terms: Value; clipped: Value } {
  const free = multiply(ratio, advantages)
  const held = multiply(kept, advantages)
  return { terms: negate(minimum(free, held)), clipped: greater(free, held) }
}

/** -sg[clip(r)] A log pi. */
function cappedTerms(
  ratio: Value,
  kept: Value,
  advantages: Value,
  logProbabilities: Value,
): { terms: Value; clipped: Value } {
  return {
    terms: negate(multiply(multiply(stopGradient(kept), advantages), logProbabilities)),
    clipped: greater(absolute(subtract(ratio, kept)), 0),
  }
}

function absolute(value: Value): Value {
  return maximum(value, negate(value))
}

/** Estimators of KL(pi || ref) at samples of pi, from k1 = log pi - log ref (Schulman, 2020). */
function klPerToken(k1: Value, estimator: RlArm['kl']['estimator']): Value {
  switch (estimator) {
    case 'k1':
      return k1
    case 'k2':
      return multiply(multiply(k1, k1), 0.5)
    case 'k3':
      return subtract(add(exp(negate(k1)), k1), 1)
  }
}
