/** Decides what happens to prompts and training pairs that are longer than the model's context. */
import { ReflectoryError } from '../../shared/errors.ts'
import type { StudyConfig } from '../../shared/study.ts'

/** Lengths in tokens. `fixed` is everything but the thought: prompt, template, tags and response. */
export interface ExampleLength {
  fixed: number
  thought: number
}

export type Fit = { kind: 'keep' } | { kind: 'drop' } | { kind: 'truncate-thought'; thoughtTokens: number }

export interface FitPlan {
  /** One decision for each example, in order. */
  fits: Fit[]
  kept: number
  dropped: number
  truncated: number
}

/**
 * One decision for each example against a context of `contextTokens`. `refuse` throws as soon as one does not fit, with
 * the counts and the remedy. `truncate-thought` shortens the thought to what is left beside the fixed tokens, and
 * drops the example if not one token of its thought would remain. A prompt is an example without thought, so it is
 * kept or dropped; count the tokens to be sampled among its fixed ones.
 */
export function fitContext(
  examples: ExampleLength[],
  contextTokens: number,
  policy: StudyConfig['tooLong'],
  place: string,
): FitPlan {
  const fits = examples.map(({ fixed, thought }): Fit => {
    if (fixed + thought <= contextTokens) return { kind: 'keep' }
    const thoughtTokens = contextTokens - fixed
    if (policy !== 'truncate-thought' || thought === 0 || thoughtTokens < 1) return { kind: 'drop' }
    return { kind: 'truncate-thought', thoughtTokens }
  })
  const count = (kind: Fit['kind']) => fits.filter((fit) => fit.kind === kind).length
  const kept = count('keep')
  if (policy === 'refuse' && kept < examples.length) {
    const longest = examples.reduce((most, { fixed, thought }) => Math.max(most, fixed + thought), 0)
    const rescued = examples.filter(
      ({ fixed, thought }) => fixed + thought > contextTokens && thought > 0 && fixed < contextTokens,
    ).length
    const byTruncating = rescued === 0 ? '' : `, or shorten the thought of ${rescued} (--too-long truncate-thought)`
    throw new ReflectoryError(
      'too-long',
      place,
      `${examples.length - kept} of ${examples.length} rows do not fit the context of ${contextTokens} tokens ` +
        `(the longest has ${longest})`,
      `Leave them out (on the command line --too-long drop)${byTruncating}. ` +
        'In the window: New study, Model, "What does not fit the context".',
    )
  }
  return { fits, kept, dropped: count('drop'), truncated: count('truncate-thought') }
}
