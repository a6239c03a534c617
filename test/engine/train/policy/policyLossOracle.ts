/**
 * The policy losses once more, in plain double-precision loops over ragged sequences: independent of the intermediate
 * representation, checked against the published numbers, and then the measure for random inputs.
 */
import type { PolicyLossOptions } from '../../../../src/engine/train/policy/policyLoss.ts'

export interface RaggedInputs {
  newLogProbabilities: number[][]
  oldLogProbabilities: number[][]
  referenceLogProbabilities: number[][]
  advantages: number[]
  weights: number[][]
}

const total = (values: number[]): number => values.reduce((sum, value) => sum + value, 0)

/** `frozen` are the log-probabilities at which a stopped gradient is held; those of the inputs unless told. */
export function oracleLoss(
  inputs: RaggedInputs,
  options: PolicyLossOptions,
  frozen = inputs.newLogProbabilities,
): number {
  const [low, high] = [1 - options.clip.low, 1 + options.clip.high]
  const clip = (ratio: number) => Math.min(Math.max(ratio, low), high)
  let loss = 0
  inputs.weights.forEach((weights, i) => {
    const logRatios = (from: number[][]) =>
      weights.map((w, t) => (w > 0 ? from[i][t] - inputs.oldLogProbabilities[i][t] : 0))
    const ratios = (from: number[][]): number[] => {
      const each = logRatios(from)
      if (options.ratio === 'token') return each.map(Math.exp)
      const count = options.ratio === 'sequence-mean' ? weights.filter((w) => w > 0).length : 1
      return each.map(() => Math.exp(total(each) / count))
    }
    const live = ratios(inputs.newLogProbabilities)
    const held = ratios(frozen)
    weights.forEach((weight, t) => {
      if (weight === 0) return
      const advantage = inputs.advantages[i]
      const newLogP = inputs.newLogProbabilities[i][t]
      const policy =
        options.objective === 'clipped'
          ? -Math.min(live[t] * advantage, clip(live[t]) * advantage)
          : -clip(held[t]) * advantage * newLogP
      const k1 = newLogP - inputs.referenceLogProbabilities[i][t]
      const kl = { k1, k2: (k1 * k1) / 2, k3: Math.exp(-k1) + k1 - 1 }[options.kl.estimator]
      loss += weight * (policy + options.kl.coefficient * kl)
    })
  })
  return loss
}

/** Central differences of the loss by each new log-probability. */
export function oracleGradient(inputs: RaggedInputs, options: PolicyLossOptions, epsilon = 1e-5): number[][] {
  return inputs.newLogProbabilities.map((row, i) =>
    row.map((_, t) => {
      const at = (delta: number) => {
        const shifted = inputs.newLogProbabilities.map((other) => [...other])
        shifted[i][t] += delta
        return oracleLoss({ ...inputs, newLogProbabilities: shifted }, options, inputs.newLogProbabilities)
      }
      return (at(epsilon) - at(-epsilon)) / (2 * epsilon)
    }),
  )
}
