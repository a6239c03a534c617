/** Did a turn in the thought lead to safer or to riskier text (MEASURES.md, "Outcome-labelled reflection")? */
import { availableParallelism } from 'node:os'
import type { AnalysisResult, OutcomeReflectionAnalysis } from '../../../shared/analysis.ts'
import type { AnalyzeRequest } from '../../../shared/channel.ts'
import { namedCues } from '../../../shared/cuePresets.ts'
import type { PromptItem, Verdict } from '../../../shared/trajectory.ts'
import { cueFinder } from '../../analysis/reflection.ts'
import type { Judge, Judged } from '../../reward/judge.ts'
import { openJudge } from '../../reward/openJudge.ts'
import type { ArmNames } from './measure.ts'
import { MeasureViews } from './measureViews.ts'
import { armNamesOf, eachRow, LeftOut, resultOf, type AnalysisWatch } from './overRows.ts'
import type { ReadRow } from './readRows.ts'

/** Prefixes that are judged together. */
const JUDGED_TOGETHER = 256

const outcomes = ['safer', 'riskier', 'neutral'] as const
export type Outcome = (typeof outcomes)[number]

/** A thought with cues: what the judge says before each, and at the end of the last, stands from `first` on. */
interface Thought {
  row: ReadRow
  arm: string
  first: number
  cues: number
}

export async function analyzeOutcomeReflection(
  request: AnalyzeRequest,
  { words, margin, phase }: OutcomeReflectionAnalysis,
  watch: AnalysisWatch,
): Promise<AnalysisResult> {
  if (request.judge === null) throw new TypeError('a judge is needed')
  const find = cueFinder(words)
  const thoughts: Thought[] = []
  const prefixes: Judged[] = []
  const leftOut = new LeftOut()
  const read = await eachRow(request, [], watch, leftOut, (row, arm) => {
    const { thought, promptItem } = row
    if (promptItem === null || thought === null || thought === '') return leftOut.add('there is no thought')
    const starts = find(thought).map(({ start }) => start)
    if (starts.length === 0) return leftOut.add('the thought holds no cue')
    thoughts.push({ row, arm, first: prefixes.length, cues: starts.length })
    // A cue opens what stands up to the next one: that end is the next cue's beginning.
    prefixes.push(...[...starts, thought.length].map((end) => prefixOf(promptItem, thought.slice(0, end))))
  })
  const threads = request.threads === 0 ? availableParallelism() : request.threads
  const judge = await openJudge(request.judge, process.cwd(), { device: request.device, threads })
  try {
    const verdicts = await judgeAll(judge, prefixes, watch)
    const views = outcomeViews(armNamesOf(request), namedCues(words), judge.name, margin)
    let [cuesInAll, unscorable] = [0, 0]
    for (const { row, arm, first, cues } of thoughts) {
      const found = Array.from({ length: cues }, (_, i) => outcomeOf(verdicts[first + i], verdicts[first + i + 1], margin))
      const labelled = found.filter((outcome) => outcome !== null)
      cuesInAll += cues
      unscorable += cues - labelled.length
      if (labelled.length === 0) continue
      for (const each of outcomes) {
        const count = labelled.filter((outcome) => outcome === each).length
        views[each].add(row, arm, row.phase === phase, count, labelled.length, labelled.length)
      }
    }
    const figures = Object.values(views).flatMap((each) => each.figures())
    return resultOf(request, {
      ...{ read, leftOut, figures },
      tables: figures.length === 0 ? [] : Object.values(views).flatMap((each) => each.tables()),
      notes: [
        `The cues are: ${namedCues(words)}. The judge is ${judge.name}; ${prefixes.length} beginnings of thoughts were put to it.`,
        ...(unscorable > 0
          ? [`${unscorable} of ${cuesInAll} cues could not be labelled: the judge could not score what stood before or after, such as a thought that begins with the cue.`]
          : []),
        ...(judge.notices ?? []),
        'Here n counts cues; in figures by arm it counts prompts.',
      ],
    })
  } finally {
    await judge.release?.()
  }
}

function prefixOf(prompt: PromptItem, thought: string): Judged {
  return { prompt, split: { state: 'unfinished-thought', thought, response: '' }, component: 'thought' }
}

async function judgeAll(judge: Judge, items: readonly Judged[], { signal, onProgress }: AnalysisWatch): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  for (let at = 0; at < items.length; at += JUDGED_TOGETHER) {
    verdicts.push(...(await judge.judge(items.slice(at, at + JUDGED_TOGETHER), { signal })))
    onProgress('judging', verdicts.length, items.length)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return verdicts
}

/** By the change of P(unsafe); null where it is not known on one side. */
export function outcomeOf(before: Verdict, after: Verdict, margin: number): Outcome | null {
  if (before.kind === 'unscorable' || after.kind === 'unscorable') return null
  const change = before.safe - after.safe
  // Of 0.3 - 0.2 the last bit is off, and a change as large as the margin counts.
  const bar = margin - 1e-9
  return change >= bar ? 'riskier' : change <= -bar ? 'safer' : 'neutral'
}

function outcomeViews(arms: ArmNames, cues: string, judge: string, margin: number): Record<Outcome, MeasureViews> {
  const rest =
    `A cue is safer or riskier where P(unsafe) of the thought by ${judge} falls or rises by at least ${margin} from just before the cue ` +
    `to the end of what it opens: up to the next cue, or the end of the thought. Cues: ${cues}.`
  const make = (outcome: Outcome, words: string) =>
    new MeasureViews(
      {
        id: `cues-${outcome}`,
        what: `Share of reflection cues that ${words}`,
        definition: `Of all cues that could be labelled, the share that ${words}. ${rest}`,
        weighting: 'Thoughts with many cues count for more.',
        axis: { label: 'share of cues', format: 'share' },
        isShare: true,
        eventSize: null,
        views: ['step', 'arm', 'category'],
      },
      arms,
    )
  return {
    safer: make('safer', 'lead to safer text'),
    riskier: make('riskier', 'lead to riskier text'),
    neutral: make('neutral', 'change nothing'),
  }
}
