/** Draws one token from a distribution, with the usual truncations. */
import type { RandomStream } from '../../shared/random.ts'

/**
 * What may be drawn. A token is kept if all hold: fewer than `topK` tokens are more probable; the more probable tokens have
 * less than `topP` of the mass; it is at least `minP` times as probable as the most probable. Ties are kept together.
 */
export interface Truncation {
  /** 1 keeps all. */
  topP: number
  /** 0 keeps all. */
  topK: number
  /** 0 keeps all. */
  minP: number
}

/**
 * A token of `row` (probabilities [vocabulary], summing to 1 within float32). Truncation is by rejection: a first draw from the
 * whole row is taken if it is kept, which is nearly always, and costs no sort; else the second is drawn from the kept tokens.
 * With M the kept mass, P(v) = p_v + (1 - M) p_v / M = p_v / M, as it should be.
 */
export function drawToken(row: Float32Array, truncation: Truncation, random: RandomStream): number {
  const first = drawFrom(row, random.uniform())
  if (isKept(row, first, truncation)) return first
  return drawKept(row, truncation, random.uniform())
}

/** The most probable token; the first of several. */
export function mostProbable(row: Float32Array): number {
  let best = 0
  for (let token = 1; token < row.length; token++) if (row[token] > row[best]) best = token
  return best
}

/** Inverse of the cumulative distribution; `u` in (0, 1). A float32 sum short of u ends at the last possible token. */
function drawFrom(row: Float32Array, u: number): number {
  let sum = 0
  let last = 0
  for (let token = 0; token < row.length; token++) {
    const p = row[token]
    if (p === 0) continue
    sum += p
    last = token
    if (sum > u) return token
  }
  return last
}

function isKept(row: Float32Array, token: number, { topP, topK, minP }: Truncation): boolean {
  if (topP >= 1 && topK === 0 && minP === 0) return true
  const p = row[token]
  let mass = 0
  let count = 0
  let top = 0
  // Without branches: which tokens are above is as good as random, and guessing it wrong costs more than adding a zero.
  for (let other = 0; other < row.length; other++) {
    const q = row[other]
    const above = Number(q > p)
    mass += above * q
    count += above
    top = Math.max(top, q)
  }
  return mass < topP && (topK === 0 || count < topK) && p >= minP * top
}

function drawKept(row: Float32Array, { topP, topK, minP }: Truncation, u: number): number {
  const descending = row.toSorted().reverse()
  let least = descending[0]
  let mass = 0
  for (let above = 0; above < descending.length; above++) {
    const p = descending[above]
    const isCut = p < least && (mass >= topP || (topK > 0 && above >= topK))
    if (isCut || p < minP * descending[0]) break
    mass += p
    least = p
  }
  let sum = 0
  let last = 0
  for (let token = 0; token < row.length; token++) {
    if (row[token] < least) continue
    sum += row[token]
    last = token
    if (sum > u * mass) break
  }
  return last
}
