/** Log-probabilities of given tokens, and entropies, from hidden states: the vocabulary-sized end of a model. */
import { customGradient, exp, gatherRows, linear, logSoftmax, matmul, multiply, negate, pickPerRow, reshape, scatterAddRows, subtract, sum } from '../autodiff/build.ts'
import type { Value } from '../autodiff/representation.ts'

export interface TokenScores {
  /** log p of each target [n] (nats) */
  logProbabilities: Value
  /** entropy of each distribution [n] (nats); carries no gradient by hand, so do not differentiate it */
  entropies: Value
}

/**
 * hidden [n, width], head [vocabulary, width], targets [n] int64. The gradient of log p(target) with z = h W^T is
 * one-hot(target) - p; its two parts go separate ways, so that the one-hot part costs rows and not the vocabulary:
 * h' = g (W[target] - p W),  W' = scatter(target, g h) - p^T (g h).
 */
export function scoreTokens(hidden: Value, head: Value, targets: Value): TokenScores {
  const logP = logSoftmax(linear(hidden, head)) // [n, vocabulary]
  const picked = pickPerRow(logP, targets)
  const logProbabilities = customGradient(picked, [hidden, head], (cotangent) => {
    const p = exp(logP)
    const g = reshape(cotangent, [cotangent.shape[0], 1])
    const weighted = multiply(g, hidden)
    return [
      multiply(g, subtract(gatherRows(head, targets), matmul(p, head))),
      scatterAddRows(matmul(p, weighted, { transposeA: true, scale: -1 }), targets, weighted),
    ]
  })
  return { logProbabilities, entropies: negate(sum(multiply(exp(logP), logP), [1])) }
}
