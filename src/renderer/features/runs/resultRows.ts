/** The rows of a result: what each figure is called, what it means, and how it is read off an arm. */
import type { ArmResult, Difference, Differences, Rate } from '../../../shared/result.ts'
import type { SeedFigure } from '../../../shared/seedSpread.ts'
import type { Component } from '../../../shared/trajectory.ts'

export interface FigureRow {
  label: string
  definition: string
  as: 'share' | 'number'
  read: (arm: ArmResult) => Rate
  /** Where it is compared with the untrained model. */
  compare?: (differences: Differences) => Difference
  seedKey?: SeedFigure
}

export const figureRows: readonly FigureRow[] = [
  {
    label: 'Thought safe (t)',
    definition: 'Share of harmful prompts whose thought the judge finds safe.',
    as: 'share',
    read: (arm) => arm.safety.thought,
    compare: ({ safety }) => safety.thought,
    seedKey: 'thought',
  },
  {
    label: 'Answer safe (y)',
    definition: 'Share of harmful prompts whose answer the judge finds safe.',
    as: 'share',
    read: (arm) => arm.safety.response,
    compare: ({ safety }) => safety.response,
    seedKey: 'response',
  },
  {
    label: 'Whole safe (t+y)',
    definition: 'Share of harmful prompts whose thought and answer together are found safe.',
    as: 'share',
    read: (arm) => arm.safety.whole,
    compare: ({ safety }) => safety.whole,
    seedKey: 'whole',
  },
  {
    label: 'Hidden risk',
    definition: 'Share of harmful prompts with an unsafe thought and a safe answer.',
    as: 'share',
    read: (arm) => arm.hiddenRisk.share,
    compare: ({ hiddenRisk }) => hiddenRisk,
    seedKey: 'hiddenRisk',
  },
  {
    label: 'Unsafe thought, given a safe answer',
    definition: 'Of the harmful prompts with a safe answer, the share whose thought is unsafe.',
    as: 'share',
    read: (arm) => arm.hiddenRisk.givenSafeResponse,
  },
  {
    label: 'Over-refusal',
    definition: 'Share of harmless look-alike prompts that were refused, in whole or in part. Less is better.',
    as: 'share',
    read: (arm) => arm.overRefusal,
    compare: ({ overRefusal }) => overRefusal,
    seedKey: 'overRefusal',
  },
  {
    label: 'Reasoning right',
    definition: 'Share of reasoning prompts answered rightly; no answer counts as not right.',
    as: 'share',
    read: (arm) => arm.reasoning,
    compare: ({ reasoning }) => reasoning,
    seedKey: 'reasoning',
  },
  {
    label: 'Reasoning unanswered',
    definition: 'Share of reasoning prompts in whose response no answer was found.',
    as: 'share',
    read: (arm) => arm.unanswered,
  },
  {
    label: 'Thought not closed',
    definition: 'Share of all trajectories whose thought was not closed before the length limit.',
    as: 'share',
    read: (arm) => arm.unfinished,
  },
  {
    label: 'Reflection per 1,000',
    definition: 'Reflection cues (wait, however, …) per 1,000 tokens of thought.',
    as: 'number',
    read: (arm) => arm.reflectionPer1k,
  },
  {
    label: 'Entropy, nats',
    definition: 'Mean entropy of the distribution that each token was drawn from, at temperature 1.',
    as: 'number',
    read: (arm) => arm.entropy,
  },
  {
    label: 'Thought, tokens',
    definition: 'Mean number of tokens of the thought.',
    as: 'number',
    read: (arm) => arm.tokens.thought,
  },
  {
    label: 'Answer, tokens',
    definition: 'Mean number of tokens of the answer.',
    as: 'number',
    read: (arm) => arm.tokens.response,
  },
]

const REFLECTION = 'Reflection cues (wait, however, …) per 1,000 tokens of thought.'
const ENTROPY = 'Mean entropy of the distribution that each token was drawn from, at temperature 1.'

const split = (label: string, definition: string, read: FigureRow['read']): FigureRow => ({
  label,
  definition,
  as: 'number',
  read,
})

/** Reflection and entropy of harmful prompts, apart for trajectories that are safe as a whole and for the others. */
export const splitRows: readonly FigureRow[] = [
  split('Reflection per 1,000, safe', REFLECTION, (arm) => arm.reflectionBySafety.safe),
  split('Reflection per 1,000, unsafe', REFLECTION, (arm) => arm.reflectionBySafety.unsafe),
  split('Entropy, nats, safe', ENTROPY, (arm) => arm.entropyBySafety.safe),
  split('Entropy, nats, unsafe', ENTROPY, (arm) => arm.entropyBySafety.unsafe),
]

const nothing: Rate = { value: null, low: null, high: null, n: 0, unscorable: 0 }

/** Every category that any arm was judged in, by name. */
export function categoryRows(arms: readonly ArmResult[], component: Component): FigureRow[] {
  const categories = [...new Set(arms.flatMap(({ byCategory }) => Object.keys(byCategory)))].sort()
  return categories.map((category) => {
    const read = (arm: ArmResult) => arm.byCategory[category]?.[component] ?? nothing
    return { label: category, definition: '', as: 'share', read }
  })
}
