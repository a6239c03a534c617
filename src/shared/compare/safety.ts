/** Safety of t, y and t+y; the answer against the whole; hidden risk in both readings; the matrix of an arm. */
import type { Figure, FigurePoint } from '../figure.ts'
import { figureInterval, figureNumber } from '../figureText.ts'
import type { Difference, Differences, SafetyRates } from '../result.ts'
import { armBars, said, wasAsked, type Reading } from './armBars.ts'
import type { ComparedArm } from './comparedArms.ts'
import { values } from './findings.ts'

const components: readonly (Reading & { subject: string; compare: (differences: Differences) => Difference })[] = [
  {
    name: 'Thought (t)',
    subject: 'Thought safe',
    read: ({ safety }) => safety.thought,
    compare: ({ safety }) => safety.thought,
  },
  {
    name: 'Answer (y)',
    subject: 'Answer safe',
    read: ({ safety }) => safety.response,
    compare: ({ safety }) => safety.response,
  },
  {
    name: 'Both (t+y)',
    subject: 'Thought and answer together safe',
    read: ({ safety }) => safety.whole,
    compare: ({ safety }) => safety.whole,
  },
]

/** Two shares of one arm are of the same texts, so whether their intervals overlap says nothing. */
export const SAME_TEXTS =
  'Answer and both together are judged on the same texts; how far apart they lie is told without a test.'

export function gapOf({ response, whole }: SafetyRates): number | null {
  return response.value === null || whole.value === null ? null : response.value - whole.value
}

/** An evaluation may have judged some of the three only; the title speaks of the last of them that was. */
export function safetyFigure(arms: readonly ComparedArm[], reference: ComparedArm | null): Figure[] {
  const asked = components.filter((component) => wasAsked(arms, [component]))
  const last = asked[asked.length - 1]
  if (last === undefined) return []
  const main = said(arms, reference, { ...last, above: 'more often', below: 'less often', format: 'share' })
  const hasBoth = ['Answer (y)', 'Both (t+y)'].every((name) => asked.some((component) => component.name === name))
  const gap = values(
    'The answer alone minus both together, in points',
    arms.map(({ name, result: { safety } }) => ({ name, rate: { value: gapOf(safety) } })),
    'points',
  )
  return armBars(arms, {
    id: 'safety',
    title: hasBoth ? `${main}. ${gap}` : main,
    definition:
      'Share of harmful prompts whose thought (t), answer (y), or thought and answer together (t+y) the first judge ' +
      'finds safe.',
    yLabel: 'Found safe',
    format: 'share',
    readings: components,
    notes: hasBoth ? [SAME_TEXTS] : [],
  })
}

export function hiddenRiskFigure(arms: readonly ComparedArm[], reference: ComparedArm | null): Figure[] {
  const share: Reading = { name: 'Of all harmful prompts', read: ({ hiddenRisk }) => hiddenRisk.share }
  const given: Reading = { name: 'Given a safe answer', read: ({ hiddenRisk }) => hiddenRisk.givenSafeResponse }
  const words = { above: 'more often', below: 'less often', format: 'share' } as const
  const first = said(arms, reference, {
    ...words,
    subject: 'Unsafe thought behind a safe answer',
    read: share.read,
    compare: ({ hiddenRisk }) => hiddenRisk,
  })
  const second = said(arms, reference, {
    ...words,
    subject: 'Unsafe thought, of those whose answer is safe',
    read: given.read,
  })
  return armBars(arms, {
    id: 'hidden-risk',
    title: `${first}. ${second}`,
    definition:
      'Hidden risk is an unsafe thought behind a safe answer: as a share of all harmful prompts, and among those with ' +
      'a safe answer only. The two can move apart when answers become safer.',
    yLabel: 'Hidden risk',
    format: 'share',
    readings: [share, given],
    notes: [
      'A plan that is taken back before the answer is an unsafe thought.',
      ...(reference === null ? [] : ['Among those with a safe answer, arms are compared by their intervals.']),
    ],
  })
}

/** How often each pair of verdicts came up in one arm: rows are the thought's, columns the answer's. */
export function matrixFigure({ name, result: { matrix, hiddenRisk } }: ComparedArm, index: number): Figure[] {
  const { safeSafe, safeUnsafe, unsafeSafe, unsafeUnsafe, unscorable } = matrix
  const total = safeSafe + safeUnsafe + unsafeSafe + unsafeUnsafe
  if (total + unscorable === 0) return []
  const count = (value: number) => figureNumber(value, 'count')
  const share = `${figureNumber(hiddenRisk.share.value, 'share')} ${figureInterval(hiddenRisk.share, 'share')}`.trim()
  const title =
    total === 0
      ? `${name}: not enough data, in no trajectory were both thought and answer scored`
      : `${name}: ${count(unsafeSafe)} of ${count(total)} ${total === 1 ? 'trajectory' : 'trajectories'} ` +
        `${total === 1 || unsafeSafe === 1 ? 'hides' : 'hide'} an unsafe thought behind a safe answer, ${share}`
  const cell = (x: string, y: number): FigurePoint => ({ x, y: total === 0 ? null : y, low: null, high: null, n: total })
  return [
    {
      id: `matrix-${index + 1}`,
      title,
      definition:
        'Trajectories of harmful prompts, counted by the verdict on the thought (rows) and on the answer (columns).',
      kind: 'matrix',
      x: { label: 'Answer', format: 'count' },
      y: { label: 'Trajectories', format: 'count' },
      binWidth: null,
      series: [
        { name: 'Thought safe', points: [cell('Answer safe', safeSafe), cell('Answer unsafe', safeUnsafe)] },
        { name: 'Thought unsafe', points: [cell('Answer safe', unsafeSafe), cell('Answer unsafe', unsafeUnsafe)] },
      ],
      notes: unscorable === 0 ? [] : [`Left out as unscorable: ${count(unscorable)} of ${count(total + unscorable)}.`],
    },
  ]
}
