/** Which advantage the tokens of training samples carry, by their position. */
import type { AdvantageAnalysis, AnalysisResult } from '../../../shared/analysis.ts'
import type { AnalyzeRequest } from '../../../shared/channel.ts'
import type { Figure, FigurePoint } from '../../../shared/figure.ts'
import { GroupedRatio } from '../../evaluate/groupedRatio.ts'
import { figure, pointOf } from './measure.ts'
import { armNamesOf, eachRow, LeftOut, resultOf, type AnalysisWatch } from './overRows.ts'
import { compared, comparisonTitle } from './titles.ts'

const BOOTSTRAP = 100

/** A trajectory's advantage holds for each of its tokens; at a position those count that are long enough to have it. */
export async function analyzeAdvantage(
  request: AnalyzeRequest,
  { bins }: AdvantageAnalysis,
  watch: AnalysisWatch,
): Promise<AnalysisResult> {
  const leftOut = new LeftOut()
  const samples: { arm: string; prompt: string; tokens: number; advantage: number }[] = []
  const read = await eachRow(request, [], watch, leftOut, ({ prompt, tokenCount: tokens, advantage }, arm) => {
    if (advantage === null) leftOut.add('no advantage was recorded')
    else samples.push({ arm, prompt, tokens, advantage })
  })
  const longest = samples.reduce((most, { tokens }) => Math.max(most, tokens), 0)
  const width = Math.max(1, Math.ceil(longest / bins))
  const options = { isShare: false, eventSize: null, bootstrapUpTo: BOOTSTRAP }
  const mean = new GroupedRatio(options)
  const positive = new GroupedRatio({ ...options, isShare: true })
  for (const { arm, prompt, tokens, advantage } of samples) {
    for (let from = 0; from < tokens; from += width) {
      const held = Math.min(width, tokens - from)
      mean.add(arm, from, prompt, held * advantage, held)
      // Samples whose group ties teach nothing, and are neither.
      if (advantage !== 0) positive.add(arm, from, prompt, advantage > 0 ? held : 0, held)
    }
  }
  const { names } = armNamesOf(request)
  const joined = width > 1 ? [`Each point joins ${width} positions, beginning with the one that it stands at.`] : []
  return resultOf(request, {
    ...{ read, leftOut },
    figures: samples.length === 0 ? [] : [meanFigure(mean, names, joined), positiveFigure(positive, names, joined)],
    notes: [
      'Advantages were given to whole trajectories: a position differs from another only by which trajectories are long enough to reach it.',
    ],
  })
}

function positionFigure(
  sums: GroupedRatio,
  names: readonly string[],
  parts: Pick<Figure, 'id' | 'definition' | 'y' | 'notes'>,
  what: string,
): Figure {
  const series = names.filter((name) => sums.series.includes(name))
  const ends = series.map((name) => {
    const reached = sums.xs.filter((x) => sums.estimate(name, x).n > 0)
    const late = sums.joined((x) => (Number(x) >= Number(reached[Math.floor((3 * reached.length) / 4)]) ? 'late' : 'early'))
    return compared(name, late.estimate(name, 'late'), late.estimate(name, 'early'), parts.y.format, 'from %before to %now')
  })
  return figure({
    ...parts,
    title: comparisonTitle(`${what} towards the end of long samples`, ends, { more: 'up', less: 'down', unclear: 'no clear change' }),
    kind: 'lines',
    x: { label: 'position of the token', format: 'count' },
    series: series.map((name) => ({
      name,
      points: sums.xs.filter((x) => sums.estimate(name, x).n > 0).map((x) => withoutNoise(pointOf(x, sums.estimate(name, x)))),
    })),
  })
}

function meanFigure(sums: GroupedRatio, names: readonly string[], notes: string[]): Figure {
  const definition =
    'Mean advantage over the tokens of training samples at a position: of the samples that are long enough to reach it. ' +
    'The title compares the last quarter of the positions that an arm reaches with those before.'
  const parts = { id: 'advantage-by-position', definition, y: { label: 'mean advantage', format: 'number' }, notes } as const
  return positionFigure(sums, names, { ...parts, notes }, 'Mean advantage')
}

function positiveFigure(sums: GroupedRatio, names: readonly string[], notes: string[]): Figure {
  const definition =
    'Of the tokens at a position that carry an advantage other than 0, the share that is made likelier. ' +
    'The title compares the last quarter of the positions that an arm reaches with those before.'
  const parts = { id: 'encouraged-tokens-by-position', definition, y: { label: 'share of tokens', format: 'share' }, notes } as const
  return positionFigure(sums, names, { ...parts, notes }, 'Share of tokens that are made likelier')
}

/** Advantages of a group add up to 0 but for the last bits. */
function withoutNoise(point: FigurePoint): FigurePoint {
  const clean = (value: number | null) => (value !== null && Math.abs(value) < 1e-9 ? 0 : value)
  return { ...point, y: clean(point.y), low: clean(point.low), high: clean(point.high) }
}
