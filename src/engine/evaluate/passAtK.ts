/** The chance that at least one of k samples is right, from n samples of which some were. */

/**
 * Unbiased estimate of pass@k from `correct` of `n` samples: 1 - C(n - c, k) / C(n, k) (Chen et al., arXiv
 * 2107.03374, equation 1), as the product that stays in range.
 */
export function passAtK(n: number, correct: number, k: number): number {
  if (!(Number.isInteger(k) && k >= 1 && k <= n))
    throw new RangeError(`pass@${k} needs at least ${k} samples, not ${n}`)
  if (n - correct < k) return 1
  let allWrong = 1
  for (let i = n - correct + 1; i <= n; i++) allWrong *= 1 - k / i
  return 1 - allWrong
}
