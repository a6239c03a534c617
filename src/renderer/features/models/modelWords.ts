/** What is told of a model's folder, in the words of the Models screen. */
import type { AdapterDescription, ModelDescription, TemplateDescription } from '../../../shared/modelDescription.ts'
import { formatBytes, formatCount } from '../../format.ts'
import { parameterText, type Fact } from './modelFacts.ts'

const plain = (name: string, value: string): Fact => ({ name, value, isCode: false })
const code = (name: string, value: string): Fact => ({ name, value, isCode: true })
const counted = (count: number, noun: string) => `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`

/** What a model is called: by its folder's name. */
export function modelName(model: string): string {
  if (model === 'harbor') return 'Harbor'
  return model.split(/[\\/]/).findLast((part) => part !== '') ?? model
}

export function modelLines(model: ModelDescription): Fact[] {
  const { weights, parameters, scores } = model
  const stored = Object.entries(weights.dtypes).map(([dtype, count]) =>
    count === parameters ? dtype : `${dtype} (${Math.round((100 * count) / parameters)}%)`,
  )
  return [
    plain('Family', `${model.family} (${model.architecture})`),
    plain(
      'Parameters',
      `${parameterText(parameters)} in ${counted(model.layers, 'layer')} of width ${formatCount(model.hiddenSize)}`,
    ),
    plain(
      'On disk',
      `${formatBytes(weights.bytes)} in ${counted(weights.files, 'file')}, stored as ${stored.join(' and ')}`,
    ),
    plain('Context', `${formatCount(model.contextTokens)} tokens`),
    ...(scores === null ? [] : [plain('Scores texts by', scores.join(', '))]),
    code('Folder', model.folder),
  ]
}

/** Special tokens that are named one by one. */
const MOST_NAMED = 5

type TokenizerDescription = NonNullable<ModelDescription['tokenizer']>

export function tokenLines({ vocabularySize }: ModelDescription, tokenizer: TokenizerDescription): Fact[] {
  const { tokens, ends, bos, pad, special } = tokenizer
  const room = vocabularySize > tokens ? `; the model has room for ${formatCount(vocabularySize)}` : ''
  const shown = (token: { text: string | null; id: number } | null) =>
    token === null ? 'none' : `${token.text ?? '(no text)'} (${token.id})`
  const some = special.slice(0, MOST_NAMED).map(({ text }) => text)
  const more = special.length > some.length ? `, and ${special.length - some.length} more` : ''
  return [
    plain('Vocabulary', `${formatCount(tokens)} tokens${room}`),
    code('Begins a text', shown(bos)),
    code('Ends a text', ends.map(shown).join(', ') || 'none'),
    code('Fills up rows', shown(pad)),
    code('Special', some.join(', ') + more || 'none'),
  ]
}

export function templateLines({ source, isDefault, switches, tags }: TemplateDescription): Fact[] {
  return [
    plain('From', isDefault ? `the built-in ${source}, as the folder has none` : source),
    plain('Thinking', switches.length > 0 ? `switched by ${switches.join(', ')}` : 'no switch'),
    plain('Thoughts stand in', `${tags.open} … ${tags.close} (${tags.areTokens ? 'one token each' : 'spelled out'})`),
    plain('Known from', tags.found),
  ]
}

export function adapterText({ base, ranks, modules, parameters }: AdapterDescription): string {
  const size = `rank ${ranks.join(', ')} over ${counted(modules, 'module')}, ${parameterText(parameters)} parameters`
  return `Fits: ${size}${base === null ? '' : `, made for ${base}`}`
}

type Use = ModelDescription['memory']['uses'][number]

const USES: Readonly<Record<Use['use'], string>> = {
  sampling: 'Sampling',
  adapter: 'Training an adapter',
  whole: 'Training all weights',
}

export interface MemoryLine {
  use: Use['use']
  name: string
  atOnce: string
  takes: string
  isTooMuch: boolean
  /** In words, with the most tokens that fit. */
  longest: string
}

export function memoryLines({ memory: { free, uses } }: ModelDescription): MemoryLine[] {
  return uses.map(({ use, sequences, tokens, bytes, longest }) => ({
    use,
    name: USES[use],
    atOnce: `${formatCount(sequences)} × ${formatCount(tokens)} tokens`,
    takes: formatBytes(bytes),
    isTooMuch: bytes > free,
    longest: longest === null ? 'nothing fits' : `${formatCount(longest)} tokens`,
  }))
}

/** The same in few words, as the wizard shows it. */
export function briefLines(model: ModelDescription): Fact[] {
  const { family, parameters, contextTokens, memory } = model
  const fitting = memory.uses.map(({ use, longest }) =>
    plain(USES[use], longest === null ? 'does not fit' : `fits, up to ${formatCount(longest)} tokens`),
  )
  return [
    plain('Family', `${family}, ${parameterText(parameters)} parameters`),
    plain('Context', `${formatCount(contextTokens)} tokens`),
    plain('Thinks', thinkingText(model)),
    ...fitting,
    plain('Free memory', formatBytes(memory.free)),
  ]
}

/** Whether the model thinks before it answers, in one sentence. */
export function thinkingText({ scores, template }: ModelDescription): string {
  if (scores !== null) return 'It writes nothing: it scores texts.'
  if (template === null) return 'Unknown: its chat template cannot be used.'
  const { switches, tags, examples } = template
  const thinks = examples.some(({ thinking, opensThought }) => thinking && opensThought)
  if (switches.length > 0) return `Yes, and it can be switched off (${switches.join(', ')})`
  if (thinks) return `Yes: its prompt opens the thought with ${tags.open}`
  return template.isDefault || tags.found.startsWith('nothing')
    ? 'Its folder says nothing of thoughts'
    : `It can: thoughts stand in ${tags.open} … ${tags.close}`
}
