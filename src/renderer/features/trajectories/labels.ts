/** The words that the screen has for what a record says. */
import type { TrajectoryRow, VerdictClass } from '../../../shared/rpc/trajectories.ts'
import { visibleText } from '../../modelText.ts'
import type { Component, Compliance, Correctness, PromptRole, SplitState } from '../../../shared/trajectory.ts'

export const componentNames: Record<Component, string> = { thought: 'Thought', response: 'Answer', whole: 'Whole' }

export const verdictNames: Record<VerdictClass, string> = {
  safe: 'safe',
  unsafe: 'unsafe',
  unscorable: 'unscorable',
  'not-judged': 'not judged',
}

export const splitNames: Record<SplitState, string> = {
  complete: 'thought and answer',
  'unfinished-thought': 'unfinished thought',
  'no-thought': 'no thought',
}

export const roleNames: Record<PromptRole, string> = {
  harmful: 'harmful prompt',
  benign: 'benign prompt',
  reasoning: 'reasoning prompt',
}

export const phaseNames: Record<TrajectoryRow['phase'], string> = { train: 'training', evaluation: 'evaluation' }

export const complianceNames: Record<Compliance, string> = {
  'full-compliance': 'complied',
  'partial-refusal': 'refused in part',
  'full-refusal': 'refused',
  unscorable: 'refusal cannot be told',
}

export const correctnessNames: Record<Correctness, string> = {
  correct: 'right',
  wrong: 'wrong',
  unscorable: 'no answer found',
}

/** Where a row comes from: 'rl, seed 0, step 12, sample 3'. */
export function originOf({ arm, seed, phase, step, sampleIndex }: TrajectoryRow): string {
  const when = phase === 'evaluation' ? 'evaluation' : `step ${step}`
  return `${arm} · seed ${seed} · ${when} · sample ${sampleIndex + 1}`
}

/** '−0.125', or a dash where there is none; what rounds to zero has no sign. */
export function decimals(value: number | null, digits = 3): string {
  return value === null ? '–' : value.toFixed(digits).replace(/^-(0\.?0*)$/, '$1').replace('-', '−')
}

export function countText({ count, capped }: { count: number; capped: boolean }): string {
  const number = count.toLocaleString('en')
  return capped ? `${number}+ trajectories` : count === 1 ? '1 trajectory' : `${number} trajectories`
}

/** A model's text on one line of a list. */
export function oneLine(text: string): string {
  return visibleText(text).replace(/\s*\n\s*/g, ' ↵ ')
}
