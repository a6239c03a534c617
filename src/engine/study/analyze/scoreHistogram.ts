/** How scores of training and other texts lie. */
import type { Figure } from '../../../shared/figure.ts'
import { Histogram, type HistogramText } from './histogram.ts'

const BINS = 24

/** @param sets scores by the name of their set. None where there are no scores. */
export function scoreHistogram(
  { definition, ...of }: Pick<HistogramText, 'id' | 'what' | 'x' | 'definition'>,
  sets: ReadonlyMap<string, readonly number[]>,
): Figure[] {
  const all = [...sets.values()].flat()
  if (all.length === 0) return []
  const [least, most] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))]
  const width = (most - least) / BINS || 0.01
  const histogram = new Histogram({ from: least, width, bins: BINS })
  for (const [set, values] of sets) values.forEach((value, text) => histogram.add(set, String(text), value))
  return histogram.figure({
    ...of,
    definition: `${definition} The share of texts of each score, those of matched length.`,
    order: [...sets.keys()],
  })
}
