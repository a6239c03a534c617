/** Token entropies of a trajectory: what means by segment are made of. */

/** Sum and number of the entropies in a range of tokens, so that means over several trajectories can be formed. */
export function sumEntropies(
  entropies: Float32Array,
  { start, end }: { start: number; end: number },
): { sum: number; count: number } {
  let sum = 0
  for (let i = start; i < end; i++) sum += entropies[i]
  return { sum, count: Math.max(0, end - start) }
}
