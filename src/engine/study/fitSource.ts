/** What of a data source fits the model's context, and what becomes of the rest. */
import { fitContext, type ExampleLength } from '../data/fitContext.ts'
import { ReflectoryError } from '../../shared/errors.ts'
import type { StudyConfig } from '../../shared/study.ts'
import type { PromptItem } from '../../shared/trajectory.ts'
import type { SftExample } from '../train/batches.ts'
import { lengthOf, type ChatTokens, type Pair } from './chatTokens.ts'

export interface Fitted<T> {
  kept: T[]
  /** Rows that did not fit as they were. */
  tooLong: number
  /** Those of them that were left out; the others had their thought shortened. */
  dropped: number
}

export interface Limits {
  contextTokens: number
  policy: StudyConfig['tooLong']
  /** For messages. */
  place: string
}

/** @param needed tokens of a prompt with room for its completion. Throws `too-long` as `fitContext` does. */
export function fitPrompts(
  items: readonly PromptItem[],
  needed: (text: string) => number,
  limits: Limits,
): Fitted<PromptItem> {
  const lengths = items.map(({ text }) => ({ fixed: needed(text), thought: 0 }))
  const { fits } = fitContext(lengths, limits.contextTokens, limits.policy, limits.place)
  const kept = items.filter((_, i) => fits[i].kind === 'keep')
  refuseEmpty(kept.length, lengths, limits)
  return { kept, tooLong: items.length - kept.length, dropped: items.length - kept.length }
}

export function fitPairs(pairs: readonly Pair[], chat: ChatTokens, limits: Limits): Fitted<SftExample> {
  const encoded = pairs.map((pair) => chat.pair(pair))
  const lengths = encoded.map(({ example, thought }) => ({ fixed: lengthOf(example) - thought, thought }))
  const plan = fitContext(lengths, limits.contextTokens, limits.policy, limits.place)
  const kept = plan.fits.flatMap((fit, i) => {
    if (fit.kind === 'keep') return [encoded[i].example]
    const shortened = fit.kind === 'drop' ? null : chat.shortened(pairs[i], fit.thoughtTokens, limits.contextTokens)
    return shortened === null ? [] : [shortened]
  })
  refuseEmpty(kept.length, lengths, limits)
  return { kept, tooLong: pairs.length - plan.kept, dropped: pairs.length - kept.length }
}

function refuseEmpty(left: number, lengths: readonly ExampleLength[], { contextTokens, place }: Limits): void {
  if (left > 0) return
  const shortest = lengths.reduce((least, { fixed, thought }) => Math.min(least, fixed + thought), Infinity)
  throw new ReflectoryError(
    'too-long',
    place,
    `none of ${lengths.length} rows fits the context of ${contextTokens} tokens (the shortest needs ${shortest})`,
    'Choose a model with a longer context, fewer new tokens (maxNewTokens), or shorter rows.',
  )
}
