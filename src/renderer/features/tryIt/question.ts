/** What is asked, as the form has it, and what the services get of it. */
import type { Input } from '../../../shared/rpc.ts'
import type { Speaker } from '../../../shared/rpc/tryIt.ts'
import type { PromptRole } from '../../../shared/trajectory.ts'

export interface Question {
  prompt: string
  role: PromptRole
  answer: string
  thinking: boolean
  samples: number
  temperature: number
  maxNewTokens: number
  seed: number
  /** What a person chose; null: what fits who answers. */
  judge: Judge | null
}
export type Judge = 'harbor' | 'lexicon'

export const firstQuestion: Question = {
  prompt: '',
  role: 'harmful',
  answer: '',
  thinking: true,
  samples: 2,
  temperature: 1,
  maxNewTokens: 192,
  seed: 0,
  judge: null,
}

export interface BranchPlace {
  trajectoryId: number
  position: number
}
export interface Branch extends BranchPlace {
  replacement: string
}

/** Answers to the typed prompt, and those of each place that is branched from, are kept apart by this. */
export const placeOf = (place: BranchPlace | null): string =>
  place === null ? 'typed' : `${place.trajectoryId} at ${place.position}`

/** Harbor's judge knows the texts of Harbor's small world only; an unknown model is taken for another. */
export const isHarborOnly = (models: readonly (string | undefined)[]): boolean => models.every((model) => model === 'harbor')

/** Who judges, given the models of those who answer: the chosen one where it can. */
export function judgeFor(chosen: Judge | null, models: readonly (string | undefined)[]): Judge {
  return isHarborOnly(models) ? (chosen ?? 'harbor') : 'lexicon'
}

/** A question whose judge is settled. */
export type Judged = Question & { judge: Judge }

function common(question: Judged, speakers: Speaker[]) {
  const { samples, temperature, maxNewTokens, seed, judge } = question
  const judges = judge === 'harbor' ? ['harbor' as const] : [{ lexicon: 'builtin' }]
  return { speakers, samples, seed, judges, sampling: { temperature, maxNewTokens } }
}

export function tryItInput(question: Judged, speakers: Speaker[]): Input<'tryIt'> {
  const { prompt, role, thinking } = question
  const answer = role === 'reasoning' && question.answer.trim() !== '' ? question.answer.trim() : null
  return { ...common(question, speakers), prompt, role, answer, thinking }
}

export function branchInput(question: Judged, speakers: Speaker[], branch: Branch): Input<'branch'> {
  return { ...common(question, speakers), ...branch }
}

/** Why it cannot be asked yet; null where it can. */
export function whatIsMissing(question: Question, speakers: readonly Speaker[], branch: Branch | null): string | null {
  if (speakers.length === 0) return 'Choose at least one model or arm.'
  if (speakers.length > 8) return 'At most eight can answer at once.'
  if (branch === null && question.prompt.trim() === '') return 'Type a prompt.'
  return null
}

export const speakerKey = (speaker: Speaker): string =>
  speaker.kind === 'model' ? `model ${speaker.model}` : `arm ${speaker.runId} ${speaker.seed} ${speaker.arm}`
