/** What a figure rests on, in words: items and prompts, why it has no interval, and where interval and p disagree. */
import type { Difference, Rate } from './result.ts'

/** With fewer prompts a bootstrap over them is no 95% interval. */
export const FEWEST_PROMPTS = 10

/** 'n 300', or 'n 12 of 3 prompts' where prompts have several samples. */
export function countWords({ n, prompts }: Pick<Rate, 'n' | 'prompts'>): string {
  const count = (value: number) => value.toLocaleString('en-US')
  return prompts === undefined ? `n ${count(n)}` : `n ${count(n)} of ${count(prompts)} ${prompts === 1 ? 'prompt' : 'prompts'}`
}

/** Why a value has no interval; '' where it has one, or where there is no value. */
export function noIntervalWords({ value, low, high, n, prompts = n }: Rate): string {
  if (value === null || (low !== null && high !== null)) return ''
  if (prompts === 1) return 'no interval: one prompt'
  return prompts < FEWEST_PROMPTS ? 'no interval: too few prompts' : 'no interval: prompts too few or all alike'
}

/** Sums of thirds leave a last bit where they should leave nothing. */
const RESIDUE = 1e-9

/** Whether there is an interval, and zero is not in it. */
export function leavesOutZero({ low, high }: Pick<Difference, 'low' | 'high'>): boolean {
  return low !== null && high !== null && (low > RESIDUE || high < -RESIDUE)
}

/** Whether the 95% interval and p at 0.05 tell different things of zero. */
export function isAtOdds({ low, high, p }: Difference): boolean {
  return low !== null && high !== null && p !== null && leavesOutZero({ low, high }) !== p < 0.05
}

export const AT_ODDS = 'interval and p disagree: take it as unclear'
