/** What each completion token's loss term counts for, the normaliser of the whole optimizer batch included. */

/**
 * What the masked terms are divided by: `sequence`, the loss tokens of their own sequence, then the number of
 * sequences; `batch`, the loss tokens of the batch; `constant`, a fixed length, then the number of sequences.
 */
export type Normaliser = 'sequence' | 'batch' | 'constant'

/**
 * The factor of each completion token, so that the sum over any division into micro-batches is the loss of the whole
 * optimizer batch. Sequences without loss tokens do not count.
 * @param masks a 0 or 1 for each completion token of each sequence
 * @param constantLength the divisor a sequence under `constant` (Dr.GRPO): the longest completion allowed
 */
export function lossWeights(
  masks: readonly Uint8Array[],
  normaliser: Normaliser,
  constantLength: number,
): Float32Array[] {
  const counts = masks.map(ones)
  const sequences = counts.filter((count) => count > 0).length
  const tokens = counts.reduce((total, count) => total + count, 0)
  return masks.map((mask, i) => {
    const divisor = { sequence: sequences * counts[i], batch: tokens, constant: sequences * constantLength }[normaliser]
    return Float32Array.from(mask, (bit) => (bit ? 1 / divisor : 0))
  })
}

/** Number of tokens that carry loss. */
export function ones(mask: Uint8Array): number {
  return mask.reduce((sum, bit) => sum + bit, 0)
}
