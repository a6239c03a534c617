/** How long thoughts and responses are, and how many thoughts never end: by step, arm, category and verdict. */
import type { AnalysisResult, LengthAnalysis } from '../../../shared/analysis.ts'
import type { AnalyzeRequest } from '../../../shared/channel.ts'
import { Histogram } from './histogram.ts'
import type { ArmNames, View } from './measure.ts'
import { MeasureViews } from './measureViews.ts'
import { openTokens } from './openTokens.ts'
import { armNamesOf, eachRow, LeftOut, resultOf, type AnalysisWatch } from './overRows.ts'

const BINS = 30

export async function analyzeLength(
  request: AnalyzeRequest,
  { phase }: LengthAnalysis,
  watch: AnalysisWatch,
): Promise<AnalysisResult> {
  const tokens = openTokens(request, 'r1')
  const arms = armNamesOf(request)
  const thoughtLength = lengthViews(arms, 'thought', ['step', 'arm', 'verdict', 'category'])
  const responseLength = lengthViews(arms, 'response', ['step', 'arm', 'verdict', 'category'])
  const unfinished = unfinishedViews(arms)
  const lengths: { series: string; prompt: string; value: number }[] = []
  const leftOut = new LeftOut()
  const read = await eachRow(request, ['tokens'], watch, leftOut, (row, arm) => {
    const { thought, response } = tokens(row).segments(row)
    const inFocus = row.phase === phase
    if (row.state !== 'no-thought') {
      thoughtLength.add(row, arm, inFocus, thought.end - thought.start, 1)
      unfinished.add(row, arm, inFocus, row.state === 'unfinished-thought' ? 1 : 0, 1)
    }
    // A response that could not begin is no response of length 0.
    if (row.state !== 'unfinished-thought') responseLength.add(row, arm, inFocus, response.end - response.start, 1)
    if (inFocus) lengths.push({ series: arm, prompt: row.prompt, value: row.tokenCount })
  })
  const longest = lengths.reduce((most, { value }) => Math.max(most, value), 1)
  const histogram = new Histogram({ from: 0, width: Math.max(1, Math.ceil((longest + 1) / BINS)), bins: BINS })
  for (const { series, prompt, value } of lengths) histogram.add(series, prompt, value)
  const views = [thoughtLength, responseLength, unfinished]
  return resultOf(request, {
    ...{ read, leftOut },
    figures: [
      ...views.flatMap((each) => each.figures()),
      ...histogram.figure({
        id: 'length-distribution',
        what: 'Tokens of a whole trajectory',
        definition: 'Tokens of thought, tags, response and end token together: the share of trajectories of each length.',
        x: { label: 'tokens', format: 'count' },
        order: arms.names,
      }),
    ],
    tables: lengths.length === 0 ? [] : views.flatMap((each) => each.tables()),
    notes: ['A thought that was not finished has no response, and counts for the length of thoughts only.'],
  })
}

function lengthViews(arms: ArmNames, part: 'thought' | 'response', views: View[]): MeasureViews {
  const measure = {
    id: `${part}-length`,
    what: `Tokens of a ${part}`,
    definition:
      part === 'thought'
        ? 'Mean number of tokens of the thought, without tags; of trajectories that have one. One that was not finished counts as long as the limit let it become.'
        : 'Mean number of tokens of the response, without tags and with the end token; of trajectories that came to one.',
    axis: { label: `tokens of a ${part}`, format: 'number' as const },
  }
  return new MeasureViews({ ...measure, isShare: false, eventSize: null, views }, arms)
}

function unfinishedViews(arms: ArmNames): MeasureViews {
  return new MeasureViews(
    {
      id: 'unfinished-thoughts',
      what: 'Thoughts that were not finished',
      definition: 'The share of trajectories with a thought that was not closed before the limit of tokens.',
      axis: { label: 'share of trajectories', format: 'share' },
      isShare: true,
      eventSize: null,
      views: ['step', 'arm', 'category'],
    },
    arms,
  )
}
