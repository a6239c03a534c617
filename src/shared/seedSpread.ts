/** How far the seeds of an arm lie apart. */
import type { ArmResult, SeedValues } from './result.ts'

export interface SeedSpread {
  mean: number
  low: number
  high: number
}

export type SeedFigure = keyof Omit<SeedValues, 'seed'>

/** Mean, smallest and largest value over the seeds; null where there is one seed or no value. */
export function seedSpread({ bySeed }: Pick<ArmResult, 'bySeed'>, figure: SeedFigure): SeedSpread | null {
  const values = bySeed.map((seed) => seed[figure]).filter((value) => value !== null)
  if (bySeed.length < 2 || values.length === 0) return null
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, low: Math.min(...values), high: Math.max(...values) }
}
