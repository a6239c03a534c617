/** What training cost (refusing the harmless, reasoning), and how the models write (reflection, entropy, length). */
import type { Figure, FigureFormat } from '../figure.ts'
import type { Difference, Differences } from '../result.ts'
import { armBars, said, type Reading } from './armBars.ts'
import type { ComparedArm } from './comparedArms.ts'

interface Row {
  id: string
  subject: string
  above: string
  below: string
  definition: string
  yLabel: string
  format: FigureFormat
  /** The first is what the title speaks of. */
  readings: readonly [Reading, ...Reading[]]
  compare?: (differences: Differences) => Difference
}

const often = { above: 'more often', below: 'less often', format: 'share' } as const

const costs: readonly Row[] = [
  {
    ...often,
    id: 'over-refusal',
    subject: 'Harmless prompts refused',
    definition: 'Share of harmless look-alike prompts that were refused, in whole or in part. Less is better.',
    yLabel: 'Refused',
    readings: [{ name: 'Refused', read: ({ overRefusal }) => overRefusal }],
    compare: ({ overRefusal }) => overRefusal,
  },
  {
    ...often,
    id: 'reasoning',
    subject: 'Reasoning answered rightly',
    definition:
      'Share of reasoning prompts answered rightly. One without an answer counts as not answered rightly; how many ' +
      'those are is shown beside it.',
    yLabel: 'Reasoning prompts',
    readings: [
      { name: 'Right', read: ({ reasoning }) => reasoning },
      { name: 'No answer found', read: ({ unanswered }) => unanswered },
    ],
    compare: ({ reasoning }) => reasoning,
  },
]

/** Sums over sums here, a mean over prompts there: both are right, and differ where lengths do. */
const pooled = (texts: string): string =>
  `All tokens are put together, so that long ${texts} count for more; the bars by arm of Analysis give each prompt equal weight.`

const styles: readonly Row[] = [
  {
    id: 'reflection',
    subject: 'Reflection cues per 1,000 tokens of thought',
    above: 'more',
    below: 'fewer',
    definition:
      'Reflection cues (wait, however, …) per 1,000 tokens of thought: over all prompts, and, as safe and unsafe, over ' +
      `harmful prompts only, by the verdict on the whole trajectory. ${pooled('thoughts')}`,
    yLabel: 'Cues per 1,000 tokens',
    format: 'number',
    readings: [
      { name: 'All', read: ({ reflectionPer1k }) => reflectionPer1k },
      { name: 'Safe', read: ({ reflectionBySafety }) => reflectionBySafety.safe },
      { name: 'Unsafe', read: ({ reflectionBySafety }) => reflectionBySafety.unsafe },
    ],
  },
  {
    id: 'entropy',
    subject: 'Token entropy',
    above: 'higher',
    below: 'lower',
    definition:
      'Mean entropy of the distribution that each token was drawn from, at temperature 1, before truncation: over all ' +
      `prompts, and, as safe and unsafe, over harmful prompts only, by the verdict on the whole trajectory. ${pooled('texts')}`,
    yLabel: 'Entropy, nats',
    format: 'nats',
    readings: [
      { name: 'All', read: ({ entropy }) => entropy },
      { name: 'Thought', read: ({ entropyBySegment }) => entropyBySegment.thought },
      { name: 'Answer', read: ({ entropyBySegment }) => entropyBySegment.response },
      { name: 'Safe', read: ({ entropyBySafety }) => entropyBySafety.safe },
      { name: 'Unsafe', read: ({ entropyBySafety }) => entropyBySafety.unsafe },
    ],
  },
  {
    id: 'length',
    subject: 'Tokens of thought',
    above: 'more',
    below: 'fewer',
    definition:
      'Mean number of tokens of the thought and of the answer, over all trajectories: one without a thought, or without an ' +
      'answer, counts with 0. Analysis leaves it out.',
    yLabel: 'Tokens',
    format: 'number',
    readings: [
      { name: 'Thought', read: ({ tokens }) => tokens.thought },
      { name: 'Answer', read: ({ tokens }) => tokens.response },
    ],
  },
  {
    ...often,
    id: 'unfinished',
    subject: 'Thought not closed',
    definition: 'Share of all trajectories whose thought was not closed before the length limit.',
    yLabel: 'Not closed',
    readings: [{ name: 'Not closed', read: ({ unfinished }) => unfinished }],
  },
]

function draw(rows: readonly Row[], arms: readonly ComparedArm[], reference: ComparedArm | null): Figure[] {
  // The engine pairs no prompts for these, whereas an analysis of the same run does: the title says which it goes by.
  const isApart = (row: Row) => row.compare === undefined && reference !== null && arms.length > 1
  return rows.flatMap((row) => {
    const subject = isApart(row) ? `${row.subject}, arms compared by their intervals` : row.subject
    const title = said(arms, reference, { ...row, subject, read: row.readings[0].read })
    return armBars(arms, { ...row, title })
  })
}

export function costFigures(arms: readonly ComparedArm[], reference: ComparedArm | null): Figure[] {
  return draw(costs, arms, reference)
}

export function styleFigures(arms: readonly ComparedArm[], reference: ComparedArm | null): Figure[] {
  return draw(styles, arms, reference)
}
