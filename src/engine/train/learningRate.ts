/** The learning rate of a step: linear warm-up, then constant or a cosine down to a floor. */

export interface LearningRateSchedule {
  shape: 'constant' | 'cosine'
  /** Reached at the last step of the warm-up. */
  peak: number
  /** Where the cosine ends. */
  floor: number
  warmupSteps: number
  totalSteps: number
}

/** @param step counted from 0; the first step of a warm-up of n already moves, at peak / n */
export function learningRate(step: number, schedule: LearningRateSchedule): number {
  const { shape, peak, floor, warmupSteps, totalSteps } = schedule
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps
  if (shape === 'constant') return peak
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps))
  return floor + ((peak - floor) * (1 + Math.cos(Math.PI * progress))) / 2
}
