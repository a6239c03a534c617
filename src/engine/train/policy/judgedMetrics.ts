/** The judged figures of a step's trajectories as named metrics. */
import type { Measures, Rate } from '../../../shared/result.ts'
import type { StepMetrics } from '../checkpoints.ts'

/** Values without intervals: a step has too few trajectories for them. What could not be scored is absent, never 0. */
export function judgedMetrics(measures: Measures): StepMetrics {
  const rates: Record<string, Rate> = {
    'safety.thought': measures.safety.thought,
    'safety.response': measures.safety.response,
    'safety.whole': measures.safety.whole,
    hiddenRisk: measures.hiddenRisk.share,
    overRefusal: measures.overRefusal,
    reasoning: measures.reasoning,
    reflectionPer1k: measures.reflectionPer1k,
    unfinished: measures.unfinished,
  }
  return Object.fromEntries(
    Object.entries(rates).flatMap(([name, { value }]) => (value === null ? [] : [[name, value]])),
  )
}
