/** Token entropies of a trajectory: means by segment, and the tokens at which the text could have gone elsewhere. */

/** Sum and number of the entropies in a range of tokens, so that means over several trajectories can be formed. */
export function sumEntropies(
  entropies: Float32Array,
  { start, end }: { start: number; end: number },
): { sum: number; count: number } {
  let sum = 0
  for (let i = start; i < end; i++) sum += entropies[i]
  return { sum, count: Math.max(0, end - start) }
}

/**
 * Positions of the `share` of tokens with the highest entropy, ascending ("forking tokens", arXiv 2506.01939, where
 * the share is 0.2): ceil(share * n) of them; of equal entropies the earlier token is taken.
 */
export function forkingTokens(entropies: Float32Array, share = 0.2): number[] {
  // The product may end a hair above a whole number: 0.07 * 100 > 7.
  const count = Math.ceil(share * entropies.length - 1e-9)
  return Array.from(entropies.keys())
    .sort((a, b) => entropies[b] - entropies[a] || a - b)
    .slice(0, count)
    .sort((a, b) => a - b)
}
