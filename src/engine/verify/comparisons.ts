/** How far computed numbers are from expected ones, one row a quantity. */

export interface Comparison {
  quantity: string
  /** How many numbers (or tokens, or texts) were compared. */
  count: number
  largestDifference: number
  tolerance: number
  /** `relative` to the expected value; `mismatches` counts what is not equal. */
  measure: 'absolute' | 'relative' | 'mismatches'
  passed: boolean
}

export type Numbers = ArrayLike<number>

function row(
  quantity: string,
  measure: Comparison['measure'],
  count: number,
  largestDifference: number,
  tolerance: number,
): Comparison {
  return { quantity, count, largestDifference, tolerance, measure, passed: largestDifference <= tolerance }
}

/** The largest value of `difference` over all pairs; infinite where lengths differ or a number is NaN, which passes nothing. */
function largest(actual: Numbers, expected: Numbers, difference: (a: number, e: number) => number): number {
  if (actual.length !== expected.length) return Infinity
  let worst = 0
  for (let i = 0; i < expected.length; i++) {
    const value = difference(actual[i], expected[i])
    worst = Number.isNaN(value) ? Infinity : Math.max(worst, value)
  }
  return worst
}

export function compareAbsolute(quantity: string, actual: Numbers, expected: Numbers, tolerance: number): Comparison {
  return row(
    quantity,
    'absolute',
    expected.length,
    largest(actual, expected, (a, e) => Math.abs(a - e)),
    tolerance,
  )
}

/** An expected zero must be met by less than the tolerance itself. */
export function compareRelative(quantity: string, actual: Numbers, expected: Numbers, tolerance: number): Comparison {
  const difference = largest(actual, expected, (a, e) => Math.abs(a - e) / (e === 0 ? 1 : Math.abs(e)))
  return row(quantity, 'relative', expected.length, difference, tolerance)
}

/** Counts positions (tokens, texts, names) that are not the same; an item too many or too few counts too. */
export function compareEqual<T extends string | number>(
  quantity: string,
  actual: ArrayLike<T>,
  expected: ArrayLike<T>,
): Comparison {
  const length = Math.max(actual.length, expected.length)
  let mismatches = 0
  for (let i = 0; i < length; i++) if (actual[i] !== expected[i]) mismatches++
  return row(quantity, 'mismatches', expected.length, mismatches, 0)
}
