/** Fits the metrics of many steps into as many points as a chart can show. */
import type { StepSeries } from '../../shared/rpc/runs.ts'
import type { StepRow } from '../../store/runs.ts'

/** Means over neighbouring steps, each under the last of their numbers, so that the newest step is always there. */
export function thinOut(rows: readonly StepRow[], points: number): Omit<StepSeries, 'recorded'> {
  const width = Math.max(1, Math.ceil(rows.length / points))
  const names = new Set(rows.flatMap(({ metrics }) => Object.keys(metrics)))
  const steps: number[] = []
  const series: Record<string, (number | null)[]> = Object.fromEntries([...names].map((name) => [name, []]))
  // Whole groups stand at the end: a first group that is short hides nothing new.
  for (let end = rows.length % width || Math.min(width, rows.length); end <= rows.length; end += width) {
    if (end === 0) break
    const group = rows.slice(Math.max(0, end - width), end)
    steps.push(group[group.length - 1].step)
    for (const name of names) series[name].push(meanOf(group, name))
  }
  return { steps, series }
}

function meanOf(group: readonly StepRow[], name: string): number | null {
  const values = group.flatMap(({ metrics }) => metrics[name] ?? [])
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
