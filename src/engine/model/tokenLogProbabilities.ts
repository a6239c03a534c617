/** Log-probabilities of given tokens, and entropies, from hidden states: the vocabulary-sized end of a model. */
import {
  add,
  after,
  concatenate,
  customGradient,
  exp,
  gatherRows,
  linear,
  logSoftmax,
  matmul,
  multiply,
  negate,
  pickPerRow,
  reshape,
  scatterAddRows,
  slice,
  stopGradient,
  subtract,
  sum,
} from '../autodiff/build.ts'
import type { Value } from '../autodiff/representation.ts'

export interface TokenScores {
  /** log p of each target [n] (nats) */
  logProbabilities: Value
  /** entropy of each distribution [n] (nats); carries no gradient by hand, so do not differentiate it */
  entropies: Value
}

/** Distributions of so many bytes are made at a time. */
const CHUNK_BYTES = 2 ** 27

/** Rows that are scored together. */
export function scoredTogether(vocabularySize: number): number {
  return Math.max(32, Math.floor(CHUNK_BYTES / (4 * vocabularySize)))
}

/**
 * hidden [n, width], head [vocabulary, width], targets [n] int64. The gradient of log p(target) with z = h W^T is
 * one-hot(target) - p; its two parts go separate ways, so that the one-hot part costs rows and not the vocabulary:
 * h' = g (W[target] - p W),  W' = scatter(target, g h) - p^T (g h).
 * @param forGradient says that the log-probabilities are differentiated; of many rows W[target] - p W is then made at once, which
 * needs no distribution to be kept
 */
export function scoreTokens(
  hidden: Value,
  head: Value,
  targets: Value,
  forGradient = false,
  together = scoredTogether(head.shape[0]),
): TokenScores {
  const [rows] = hidden.shape
  return rows <= together ? scoreAtOnce(hidden, head, targets) : scoreInChunks(hidden, head, targets, together, forGradient)
}

function scoreAtOnce(hidden: Value, head: Value, targets: Value): TokenScores {
  const logP = logSoftmax(linear(hidden, head)) // [n, vocabulary]
  const picked = pickPerRow(logP, targets)
  const logProbabilities = customGradient(picked, [hidden, head], (cotangent) => {
    const p = exp(logP)
    const weighted = multiply(column(cotangent), hidden)
    return [multiply(column(cotangent), towardsTarget(p, head, targets)), headGradient(p, weighted, targets)]
  })
  return { logProbabilities, entropies: entropiesOf(logP) }
}

const column = (x: Value): Value => reshape(x, [x.shape[0], 1])
const entropiesOf = (logP: Value): Value => negate(sum(multiply(exp(logP), logP), [1]))

/** d log p(target) / d hidden: W[target] - p W. */
const towardsTarget = (p: Value, head: Value, targets: Value): Value => subtract(gatherRows(head, targets), matmul(p, head))

/** @param weighted cotangent times hidden [n, width] */
const headGradient = (p: Value, weighted: Value, targets: Value): Value =>
  scatterAddRows(matmul(p, weighted, { transposeA: true, scale: -1 }), targets, weighted)

function scoreInChunks(hidden: Value, head: Value, targets: Value, together: number, forGradient: boolean): TokenScores {
  const [rows] = hidden.shape
  const starts = Array.from({ length: Math.ceil(rows / together) }, (_, i) => i * together)
  const part = (x: Value, start: number): Value => slice(x, 0, start, Math.min(start + together, rows))
  const picked: Value[] = []
  const entropies: Value[] = []
  const directions: Value[] = []
  let done: Value | null = null
  for (const start of starts) {
    const chunk = part(hidden, start)
    const logP = logSoftmax(linear(done === null ? chunk : after(chunk, done), head))
    const chosen = pickPerRow(logP, part(targets, start))
    const direction = towardsTarget(exp(logP), head, part(targets, start))
    const entropy = entropiesOf(logP)
    picked.push(chosen)
    entropies.push(entropy)
    directions.push(direction)
    // Only one chunk's distribution is there at a time.
    done = after(entropy, forGradient ? direction : chosen)
  }
  const logProbabilities = customGradient(concatenate(picked, 0), [hidden, head], (cotangent) => {
    let total: Value | null = null
    for (const start of starts) {
      const chunk = part(hidden, start)
      const p = exp(logSoftmax(linear(after(chunk, total ?? cotangent), head)))
      const gradient = headGradient(p, multiply(column(part(cotangent, start)), chunk), part(targets, start))
      total = total === null ? gradient : add(total, gradient)
    }
    return [multiply(column(cotangent), stopGradient(concatenate(directions, 0))), total]
  })
  return { logProbabilities, entropies: concatenate(entropies, 0) }
}
