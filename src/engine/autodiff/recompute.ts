/** Gradient recomputation (Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016). */
import { after, customGradient } from './build.ts'
import { pullBack } from './reverse.ts'
import type { Value } from './representation.ts'

/**
 * build(x), whose inner values are let go and computed again when the walk back reaches them.
 * @param build must give the same for the same input, and may read no value but x and `others` that a gradient is asked for
 * @param others values that it reads besides: weights
 */
export function recomputed(build: (x: Value) => Value, x: Value, others: readonly Value[]): Value {
  return customGradient(build(x), [x, ...others], (cotangent) => {
    const again = after(x, cotangent)
    return pullBack([build(again)], [cotangent], [again, ...others])
  })
}
