/** How often thoughts turn round: reflection cues by step, arm, category and verdict (MEASURES.md, "Reflection dynamics"). */
import type { AnalysisResult, ReflectionAnalysis } from '../../../shared/analysis.ts'
import type { AnalyzeRequest } from '../../../shared/channel.ts'
import { namedCues } from '../../../shared/cuePresets.ts'
import { cueCounter } from '../../analysis/reflection.ts'
import type { ArmNames } from './measure.ts'
import { MeasureViews } from './measureViews.ts'
import { openTokens } from './openTokens.ts'
import { armNamesOf, eachRow, LeftOut, resultOf, type AnalysisWatch } from './overRows.ts'

export async function analyzeReflection(
  request: AnalyzeRequest,
  { words, phase }: ReflectionAnalysis,
  watch: AnalysisWatch,
): Promise<AnalysisResult> {
  const tokens = openTokens(request, words)
  const count = cueCounter(words)
  const views = reflectionViews(armNamesOf(request), namedCues(words))
  const leftOut = new LeftOut()
  let cuesInAll = 0
  const read = await eachRow(request, ['tokens'], watch, leftOut, (row, arm) => {
    const { thought } = tokens(row).segments(row)
    const length = thought.end - thought.start
    if (length === 0) return leftOut.add('there is no thought')
    const cues = count(row.thought ?? '')
    cuesInAll += cues
    const inFocus = row.phase === phase
    views.perThousand.add(row, arm, inFocus, 1000 * cues, length)
    views.perResponse.add(row, arm, inFocus, cues, 1)
    // Where there are no reflections there is nothing to be efficient with.
    if (row.role === 'reasoning' && row.correctness !== null && cues > 0)
      views.efficiency.add(row, arm, inFocus, row.correctness === 'correct' ? cues : 0, cues)
  })
  const figures = [views.perThousand, views.perResponse, views.efficiency].flatMap((each) => each.figures())
  return resultOf(request, {
    ...{ figures, read, leftOut },
    tables: figures.length === 0 ? [] : [...views.perThousand.tables(), ...views.perResponse.tables()],
    notes: [
      `The cues are: ${namedCues(words)}.`,
      ...(figures.length > 0 && cuesInAll === 0 ? ['None of these words occurs in any thought that was looked at.'] : []),
    ],
  })
}

function reflectionViews(arms: ArmNames, words: string) {
  const list = `Cues are whole words whatever their case: ${words} (MEASURES.md, "Reflection dynamics").`
  return {
    perThousand: new MeasureViews(
      {
        id: 'cues-per-thousand',
        what: 'Reflection cues per 1,000 thought tokens',
        definition: `All cues in the thoughts over all their tokens, times 1,000. ${list}`,
        weighting: 'Long thoughts count for more.',
        axis: { label: 'cues per 1,000 thought tokens', format: 'number' },
        isShare: false,
        eventSize: 1000,
        views: ['step', 'stepAndVerdict', 'arm', 'verdict', 'category'],
      },
      arms,
    ),
    perResponse: new MeasureViews(
      {
        id: 'cues-per-response',
        what: 'Reflection cues per response',
        definition: `Mean number of cues in the thought of a response. ${list}`,
        axis: { label: 'cues per response', format: 'number' },
        isShare: false,
        eventSize: 1,
        views: ['step', 'arm', 'verdict', 'category'],
      },
      arms,
    ),
    efficiency: new MeasureViews(
      {
        id: 'reflection-efficiency',
        what: 'Reflections that belong to right answers',
        definition: `Of all cues in thoughts on reasoning prompts, the share in those that end with the right answer: sum of correct times cues over sum of cues. ${list}`,
        weighting: 'Thoughts with many cues count for more.',
        axis: { label: 'share of cues', format: 'share' },
        isShare: true,
        eventSize: null,
        views: ['step', 'pooledArm'],
      },
      arms,
    ),
  }
}
