/**
 * The metrics of an arm by step in at most so many points, however long it runs: when they become too many, neighbours are
 * joined to their mean, and from then on a point stands for twice as many steps.
 */

export type Metrics = Readonly<Record<string, number | null>>

/** As many as a chart of a few hundred pixels can show apart. */
export const MOST_POINTS = 300

interface Point {
  /** The last step it stands for. */
  step: number
  count: number
  sums: Map<string, { sum: number; count: number }>
}

export interface SeriesBuffer {
  /** Steps come in order; one that is not after the last is left out. */
  add(step: number, metrics: Metrics): void
  lastStep(): number | null
  names(): string[]
  /** Steps and means of one metric, point by point. */
  series(name: string): { x: number[]; y: (number | null)[] }
}

export interface Thinned {
  steps: readonly number[]
  series: Readonly<Record<string, readonly (number | null)[]>>
  recorded: number
}

/** Begins with what the store has, thinned out already. */
export function createSeriesBuffer(start: Thinned, capacity = MOST_POINTS): SeriesBuffer {
  let stride = Math.max(1, Math.ceil(start.recorded / Math.max(1, start.steps.length)))
  let points: Point[] = start.steps.map((step, index) => {
    const entries = Object.entries(start.series).map(([name, values]) => [name, values[index]] as const)
    return { step, count: stride, sums: sumsOf(Object.fromEntries(entries)) }
  })

  return {
    lastStep: () => points.at(-1)?.step ?? null,
    add(step, metrics) {
      const last = points.at(-1)
      if (last && step <= last.step) return
      const fresh: Point = { step, count: 1, sums: sumsOf(metrics) }
      if (last && last.count < stride) points[points.length - 1] = join(last, fresh)
      else points.push(fresh)
      if (points.length <= capacity) return
      stride *= 2
      // Counted from the end, so that the newest pair is whole.
      const joined: Point[] = []
      for (let end = points.length; end > 0; end -= 2)
        joined.push(end === 1 ? points[0] : join(points[end - 2], points[end - 1]))
      points = joined.reverse()
    },
    names: () => [...new Set(points.flatMap(({ sums }) => [...sums.keys()]))],
    series: (name) => ({
      x: points.map(({ step }) => step),
      y: points.map(({ sums }) => {
        const found = sums.get(name)
        return found === undefined ? null : found.sum / found.count
      }),
    }),
  }
}

function sumsOf(metrics: Metrics): Point['sums'] {
  const known = Object.entries(metrics).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
  return new Map(known.map(([name, value]) => [name, { sum: value, count: 1 }]))
}

function join(a: Point, b: Point): Point {
  const sums = new Map(a.sums)
  for (const [name, { sum, count }] of b.sums) {
    const before = sums.get(name)
    // A thinned point is one mean; weighing it by its steps keeps the mean of the join exact enough to look at.
    sums.set(name, before ? { sum: before.sum + sum, count: before.count + count } : { sum, count })
  }
  return { step: b.step, count: a.count + b.count, sums }
}
