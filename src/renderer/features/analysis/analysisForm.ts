/** What a person has asked of recorded trajectories, as the fields have it, and the request that it makes. */
import { AnalysisRequest, defaultRole, type AnalysisInput, type AnalysisKind } from '../../../shared/analysis.ts'
import { cuePresetNames, cuePresets, cueWords } from '../../../shared/cuePresets.ts'
import type { DataSource } from '../../../shared/sources.ts'
import type { Speaker } from '../../../shared/speaker.ts'
import type { ReflectionCues } from '../../../shared/study.ts'
import type { PromptRole } from '../../../shared/trajectory.ts'

export interface AnalysisForm {
  kind: AnalysisKind
  runId: string | null
  /** None means all. */
  arms: string[]
  seed: number | null
  phase: 'evaluation' | 'train'
  role: PromptRole | null
  category: string | null
  /** Reflection cues, one a line. */
  words: string
  judge: string | null
  margin: number
  trajectories: number
  /** In percent. */
  forkingPercent: number
  sameTexts: number
  bins: number
  models: Speaker[]
  train: DataSource | null
  heldOut: DataSource | null
  paraphrased: DataSource | null
  percent: number
  texts: number
}

export const firstForm: AnalysisForm = {
  kind: 'reflection',
  runId: null,
  arms: [],
  seed: null,
  phase: 'evaluation',
  role: null,
  category: null,
  words: wordLines('r1'),
  judge: null,
  margin: 0.1,
  trajectories: 2000,
  forkingPercent: 20,
  sameTexts: 100,
  bins: 25,
  models: [],
  train: null,
  heldOut: null,
  paraphrased: null,
  percent: 60,
  texts: 1000,
}

/** Another kind, with its own default for the prompts where nobody has chosen others. */
export function withKind(form: AnalysisForm, kind: AnalysisKind): AnalysisForm {
  return { ...form, kind, role: form.role === defaultRole(form.kind) ? defaultRole(kind) : form.role }
}

export interface KindWords {
  kind: AnalysisKind
  title: string
  text: string
}

export const kinds: readonly KindWords[] = [
  {
    kind: 'reflection',
    title: 'Reflection',
    text: 'How often thoughts turn back on themselves (wait, but, however), by step, arm, category and verdict.',
  },
  {
    kind: 'outcomeReflection',
    title: 'Where reflection leads',
    text: 'Whether a cue led to safer or to riskier text: a judge reads what is before it, and to the end of what it opens.',
  },
  {
    kind: 'entropy',
    title: 'Token entropy',
    text: 'How unsure a model was of its tokens: by step, in thought and answer, at cues, and untrained on the same texts.',
  },
  {
    kind: 'memorisation',
    title: 'Memorisation',
    text: 'Whether texts of the training look more familiar to a model than others of their kind (Min-K% and Min-K%++).',
  },
  { kind: 'length', title: 'Length', text: 'How long thoughts and answers are, by step, arm and verdict.' },
  {
    kind: 'advantage',
    title: 'Advantage by position',
    text: 'Which places of a text training pushed up or down. Of arms that were trained by reward.',
  },
]

/** A list by name where the words are just its own, else the words. */
export function cuesOf(words: string): ReflectionCues {
  const own = words
    .split(/[\n,]/)
    .map((word) => word.trim())
    .filter((word) => word !== '')
  const same = (name: keyof typeof cuePresets) =>
    own.length === cuePresets[name].length && cuePresets[name].every((word, i) => word === own[i])
  return same('r1') ? 'r1' : same('cyclic-reflex') ? 'cyclic-reflex' : own
}

export function wordLines(cues: ReflectionCues): string {
  return cueWords(cues).join('\n')
}

/** What a request asks beyond its kind, where that is not the usual: 'sft; harmful prompts; own words'. */
export function requestWords(request: AnalysisRequest): string {
  if (request.kind === 'memorisation') {
    const { models, percent } = request
    return [`${models.length} ${models.length === 1 ? 'model' : 'models'}`, ...(percent === 60 ? [] : [`k ${percent}%`])].join('; ')
  }
  const { arms, seed, phase, role, category } = request
  const words = 'words' in request ? request.words : 'r1'
  const parts = [
    arms === null ? '' : arms.join(', '),
    seed === null ? '' : `seed ${seed}`,
    phase === 'train' && request.kind !== 'advantage' ? 'samples of training' : '',
    role === defaultRole(request.kind) ? '' : role === null ? 'all prompts' : `${role} prompts`,
    category ?? '',
    Array.isArray(words) ? 'own words' : words === 'r1' ? '' : cuePresetNames[words],
    'judge' in request && request.judge !== null ? request.judge : '',
  ]
  return parts.filter((part) => part !== '').join('; ')
}

/** The request, or what it still needs, as words. */
export function requestOf(form: AnalysisForm): { request: AnalysisRequest } | { missing: string } {
  if (form.kind === 'memorisation') {
    if (form.models.length === 0) return { missing: 'Choose the models to ask.' }
    if (form.train === null) return { missing: 'Choose the texts that were trained on.' }
    if (form.heldOut === null) return { missing: 'Choose texts of the same kind that were not trained on.' }
  } else if (form.runId === null) return { missing: 'Choose a run.' }
  const parsed = AnalysisRequest.safeParse(inputOf(form))
  if (parsed.success) return { request: parsed.data }
  const [issue] = parsed.error.issues
  const field = fieldNames[String(issue.path[0])] ?? String(issue.path[0] ?? 'The request')
  return { missing: `${field}: ${issue.message}.` }
}

const fieldNames: Record<string, string> = {
  words: 'Reflection cues',
  margin: 'Smallest change',
  trajectories: 'Trajectories',
  forkingShare: 'Forking tokens',
  sameTexts: 'Texts read by both',
  bins: 'Groups of positions',
  percent: 'k',
  texts: 'Texts',
}

function inputOf(form: AnalysisForm): AnalysisInput {
  const { kind, arms, seed, phase, role, category, models, percent, texts } = form
  if (kind === 'memorisation') {
    const { train, heldOut, paraphrased } = form
    // Both were asked for before.
    const none = { harbor: 'sft' } as const
    return { kind, models, train: train ?? none, heldOut: heldOut ?? none, paraphrased, percent, texts }
  }
  const of = { runId: form.runId ?? '', arms: arms.length === 0 ? null : arms, seed, phase, role, category }
  const words = cuesOf(form.words)
  switch (kind) {
    case 'reflection':
      return { kind, ...of, words }
    case 'outcomeReflection':
      return { kind, ...of, words, judge: form.judge, margin: form.margin, trajectories: form.trajectories }
    case 'entropy':
      return { kind, ...of, words, forkingShare: form.forkingPercent / 100, sameTexts: form.sameTexts }
    case 'length':
      return { kind, ...of }
    case 'advantage':
      return { kind, ...of, bins: form.bins }
  }
}

/** The fields of a request that was made before; what it does not name stays as it is. */
export function formOf(request: AnalysisRequest, form: AnalysisForm): AnalysisForm {
  if (request.kind === 'memorisation') {
    const { kind, models, train, heldOut, paraphrased, percent, texts } = request
    return { ...form, kind, models, train, heldOut, paraphrased, percent, texts }
  }
  const { kind, runId, arms, seed, phase, role, category } = request
  const common = { ...form, kind, runId, arms: arms ?? [], seed, phase, role, category }
  switch (request.kind) {
    case 'reflection':
      return { ...common, words: wordLines(request.words) }
    case 'outcomeReflection': {
      const { judge, margin, trajectories } = request
      return { ...common, words: wordLines(request.words), judge, margin, trajectories }
    }
    case 'entropy': {
      const { forkingShare, sameTexts } = request
      const forkingPercent = Math.round(1000 * forkingShare) / 10
      return { ...common, words: wordLines(request.words), forkingPercent, sameTexts }
    }
    case 'advantage':
      return { ...common, bins: request.bins }
    case 'length':
      return common
  }
}
