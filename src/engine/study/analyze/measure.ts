/** What is measured of trajectories, and the parts that its figures are made of. */
import type { Figure, FigureAxis, FigurePoint } from '../../../shared/figure.ts'
import type { Estimate } from '../../evaluate/groupedRatio.ts'

/** A bootstrap of up to so many prompts, where figures are few. */
export const GROUP_BOOTSTRAP = 1000

/** `arm` gives each text and each prompt the same weight; `pooledArm` puts all texts of an arm together, as the others do. */
export type View = 'step' | 'arm' | 'pooledArm' | 'category' | 'verdict' | 'stepAndVerdict'

export interface Measure {
  /** Begins the ids of its figures. */
  id: string
  /** Begins their titles: 'Reflection cues per 1,000 thought tokens'. */
  what: string
  definition: string
  /** What weighs more in figures that put texts together, as a sentence; absent where all count the same. */
  weighting?: string
  axis: FigureAxis
  isShare: boolean
  /** What one event adds to a numerator, where events are counted; null otherwise. */
  eventSize: number | null
  views: readonly View[]
}

/** The arms in their order, those of several seeds once; the first is the base where there is one. */
export interface ArmNames {
  names: readonly string[]
  base: string | null
  /** Of each arm of the request, in its order. */
  seeds: readonly number[]
}

export function figure(parts: Omit<Figure, 'binWidth'> & { binWidth?: number }): Figure {
  return { binWidth: null, ...parts }
}

export function pointOf(x: number | string, { value, low, high, n }: Estimate): FigurePoint {
  return { x, y: value, low, high, n }
}
