/** `reflectory model`: what a model folder holds, what its prompts look like, and how what it writes will be read. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { startEngine } from '../host/engineProcess.ts'
import type { AdapterDescription, ModelDescription, TemplateDescription } from '../shared/modelDescription.ts'
import { printable, textTable } from './textTable.ts'

const Options = z.object({ json: z.boolean().default(false) })
const print = (text: string) => process.stdout.write(`${text}\n`)

/** Exit status 0 where the model can be used, 2 where something keeps it from that. */
export async function modelCommand(model: string, raw: unknown): Promise<number> {
  const { json } = Options.parse(raw)
  const engine = startEngine()
  try {
    const request = { type: 'describeModel', model: model === 'harbor' ? model : resolve(model) } as const
    const { description } = await engine.request(request).reply
    print(json ? JSON.stringify(description) : describe(description))
    return description.problems.length === 0 ? 0 : 2
  } finally {
    await engine.close()
  }
}

function describe(model: ModelDescription): string {
  const { tokenizer, template, adapters, notes, problems } = model
  return [
    printable(model.folder),
    section('The model', pairs(modelFacts(model))),
    ...(tokenizer ? [section('Its tokens', pairs(tokenFacts(model, tokenizer)))] : []),
    ...(template ? templateSections(template) : []),
    section('Adapters in the folder or beside it', adapters.length === 0 ? ['none'] : adapters.flatMap(adapterLines)),
    section('Memory', memoryLines(model)),
    ...(notes.length > 0 ? [section('Worth knowing', notes.flatMap((note) => wrapped(note)))] : []),
    ...(problems.length > 0 ? [section('It cannot be used yet', problems.flatMap(problemLines))] : []),
  ].join('\n\n')
}

const USES = { sampling: 'sampling', adapter: 'training an adapter', whole: 'training all weights' } as const

function memoryLines({ memory: { weights, free, uses } }: ModelDescription): string[] {
  const facts = pairs([
    ['weights, as 32-bit numbers', size(weights)],
    ['free now', size(free)],
  ])
  if (uses.length === 0) return facts
  const rows = uses.map(({ use, sequences, tokens, bytes, longest }) => [
    USES[use],
    `${sequences} x ${whole(tokens)} tokens`,
    `${size(bytes)}${bytes > free ? ' (more than is free)' : ''}`,
    longest === null ? 'nothing' : `${whole(longest)} tokens`,
  ])
  return [...facts, '', ...textTable(['', 'at once', 'takes in all', 'the longest that fits'], rows).split('\n')]
}

function modelFacts(model: ModelDescription): [string, string][] {
  const { weights, parameters } = model
  const stored = Object.entries(weights.dtypes).map(([dtype, count]) =>
    count === parameters ? dtype : `${dtype} (${Math.round((100 * count) / parameters)}%)`,
  )
  return [
    ['family', `${model.family} (${model.architecture})`],
    ['parameters', `${rough(parameters)} in ${model.layers} layers of width ${whole(model.hiddenSize)}`],
    ['on disk', `${size(weights.bytes)} in ${counted(weights.files, 'file')}, stored as ${stored.join(' and ')}`],
    ['context', `${whole(model.contextTokens)} tokens`],
    ...(model.scores ? [['scores texts by', model.scores.join(', ')] satisfies [string, string]] : []),
  ]
}

type TokenizerDescription = NonNullable<ModelDescription['tokenizer']>

function tokenFacts({ vocabularySize }: ModelDescription, tokenizer: TokenizerDescription): [string, string][] {
  const { tokens, ends, bos, pad, special } = tokenizer
  const room = vocabularySize > tokens ? `; the model has room for ${whole(vocabularySize)}` : ''
  const shown = (token: { text: string | null; id: number } | null) =>
    token === null ? 'none' : `${quoted(token.text ?? '(no text)')} (${token.id})`
  const some = special.slice(0, 5).map(({ text }) => quoted(text))
  const more = special.length > some.length ? `, and ${special.length - some.length} more` : ''
  return [
    ['vocabulary', `${whole(tokens)} tokens${room}`],
    ['begins a text', shown(bos)],
    ['ends a text', ends.map(shown).join(', ') || 'none'],
    ['fills up rows', shown(pad)],
    ['special', some.join(', ') + more || 'none'],
  ]
}

function templateSections({ source, isDefault, switches, tags, examples, split }: TemplateDescription): string[] {
  const [thinking, plain] = examples
  const facts: [string, string][] = [
    ['from', isDefault ? `the built-in ${source}, as the folder has none` : source],
    ['thinking', switches.length > 0 ? `switched by ${switches.join(', ')}` : 'no switch'],
    ['thoughts stand in', `${tags.open} … ${tags.close} (${tags.areTokens ? 'one token each' : 'spelled out'})`],
    ['known from', tags.found],
  ]
  const isSame = thinking.text === plain.text
  return [
    section('Its chat template', pairs(facts)),
    section('A prompt with thinking on', framed(thinking.text)),
    section('How what the model writes is divided', split.thinking.flatMap((sentence) => wrapped(sentence))),
    section('The prompt with thinking off', isSame ? ['the same'] : framed(plain.text)),
    section('How that is divided', split.plain.flatMap((sentence) => wrapped(sentence))),
  ]
}

/** A prompt between bars, as its white space matters; the arrow shows where the model writes on. */
function framed(text: string): string[] {
  return `${printable(text)}▸`.split('\n').map((line) => `│ ${line}`)
}

function adapterLines({ folder, base, ranks, modules, parameters, trouble }: AdapterDescription): string[] {
  if (trouble) {
    return [printable(folder), ...wrapped(`does not fit: ${trouble.problem}. ${trouble.remedy}`).map(indented)]
  }
  const what = `rank ${ranks.join(', ')} over ${counted(modules, 'module')}, ${rough(parameters)} parameters`
  return [printable(folder), indented(`fits: ${what}${base === null ? '' : `, made for ${printable(base)}`}`)]
}

function problemLines({ place, problem, remedy }: ModelDescription['problems'][number]): string[] {
  return [printable(place), ...wrapped(`${problem}. ${remedy}`).map(indented)]
}

const indented = (line: string) => `  ${line}`

function section(title: string, lines: readonly string[]): string {
  return [title, ...lines.map((line) => (line === '' ? '' : indented(line)))].join('\n')
}

function pairs(facts: readonly [string, string][]): string[] {
  const rows = facts.map(([name, value]) => [name, printable(value)])
  return textTable(['', ''], rows, 'words').split('\n').slice(1)
}

const LINE = 100

function wrapped(text: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of printable(text).split(' ')) {
    if (line !== '' && line.length + word.length >= LINE) {
      lines.push(line)
      line = ''
    }
    line += line === '' ? word : ` ${word}`
  }
  return [...lines, line]
}

const whole = (count: number) => count.toLocaleString('en')
const counted = (count: number, noun: string) => `${whole(count)} ${noun}${count === 1 ? '' : 's'}`
const quoted = (text: string) => (text.includes(' ') || text.includes(',') ? JSON.stringify(text) : text)

/** '1.07 million', as people speak of models. */
function rough(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toPrecision(3)} billion`
  return count >= 1e6 ? `${(count / 1e6).toPrecision(3)} million` : whole(count)
}

function size(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toPrecision(3)} GB`
  return bytes >= 1e6 ? `${(bytes / 1e6).toPrecision(3)} MB` : `${Math.ceil(bytes / 1e3)} kB`
}
