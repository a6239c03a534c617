/** How a bench says whether a limit was met, and on what machine. */
import { availableParallelism, loadavg } from 'node:os'

/**
 * By the median of the clock; `worst` is told where it alone is over the limit. Where others had the processor,
 * `processor` says what the work itself took.
 */
export function verdictOf(median: number, limit: number, worst: number, processor = median): string {
  if (median > limit) return processor > limit ? 'MISS' : "MISS by the clock, pass by the processor's time"
  return worst > limit ? 'pass, the worst is over the limit' : 'pass'
}

/** What else goes on decides what the figures are worth. */
export function describeMachine(): string {
  const [load] = loadavg()
  const busy = load > 0.5 ? '; others are using it, so that times are longer than they would be' : ''
  return `${availableParallelism()} cores, load ${load.toFixed(1)} before the start${busy}`
}

export function spread(values: readonly number[]): { best: number; median: number; worst: number } {
  const sorted = values.toSorted((a, b) => a - b)
  return { best: sorted[0], median: sorted[sorted.length >> 1], worst: sorted[sorted.length - 1] }
}
