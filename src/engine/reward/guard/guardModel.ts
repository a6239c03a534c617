/** The folder of a guard model, opened: weights, tokenizer, chat template, and prompts as its template writes them. */
import { createHash } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { ReflectoryError } from '../../../shared/errors.ts'
import { openCheckpoint } from '../../model/checkpoint.ts'
import type { DecoderConfig } from '../../model/decoderConfig.ts'
import { readJson } from '../../model/jsonFile.ts'
import { compileTemplate, usualVariables, type TemplateProgram } from '../../model/templateProgram.ts'
import { findTemplate } from '../../model/templateSource.ts'
import { loadTokenizer, type Tokenizer } from '../../model/tokenizer.ts'
import type { Weights } from '../../rollout/request.ts'
import { conversation } from './format.ts'

type Variables = Readonly<Record<string, unknown>>

export interface GuardModel {
  name: string
  folder: string
  config: DecoderConfig
  tokenizer: Tokenizer
  weights: Weights
  /** The chat template's source, or an empty text. */
  template: string
  /** Prompts by the chat template; null where the folder has none. */
  render: ((question: string, text: string, variables: Variables) => string) | null
  /** SHA-256, hex, short: of the configuration, the template, the last weights and the head of a classifier. */
  fingerprint: string
}

const Architectures = z.looseObject({ architectures: z.array(z.string()).nullish() })
const DECODER = /^(Llama|Mistral|Qwen2|Qwen3|Granite|GraniteMoeHybrid)For(CausalLM|SequenceClassification|TokenClassification)$/

/** Throws `bad-model`. */
export function openGuardModel(folder: string): GuardModel {
  refuseArchitecture(folder)
  const checkpoint = openCheckpoint(folder)
  const { config, tensorNames, readTensor } = checkpoint
  const tokenizer = loadTokenizer(folder, config.vocabularySize)
  const { template, render } = conversationForm(folder, tokenizer, config.scores === undefined)
  const hash = createHash('sha256').update(JSON.stringify([config, template === '' ? null : template]))
  // Guards that were trained over one decoder may differ in their heads alone.
  for (const name of ['model.norm.weight', ...(config.scores === undefined ? [] : ['score.weight'])]) {
    const { buffer, byteOffset, byteLength } = readTensor(name)
    hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  }
  return {
    name: folderName(folder),
    folder,
    config,
    tokenizer,
    weights: new Map(tensorNames.map((name) => [name, readTensor(name)])),
    template,
    render,
    fingerprint: hash.digest('hex').slice(0, 12),
  }
}

/** How the chat template of a folder shows what is judged; `generation` asks for the guard's turn behind it. */
export function conversationForm(
  folder: string,
  tokenizer: Tokenizer,
  generation: boolean,
): Pick<GuardModel, 'template' | 'render'> {
  const found = findTemplate(folder)
  if (found === null) return { template: '', render: null }
  const { source, place } = found
  return { template: source, render: renderer(compileTemplate(source, place), tokenizer, generation, place) }
}

function refuseArchitecture(folder: string): void {
  const file = join(folder, 'config.json')
  const remedy = 'Name the folder of a guard model in Hugging Face format: config.json, *.safetensors, tokenizer.json.'
  const [name] = readJson(file, Architectures, remedy).architectures ?? []
  if (name === undefined || DECODER.test(name)) return
  throw new ReflectoryError(
    'bad-model',
    `${file}:architectures`,
    `a judge of architecture ${name} cannot be run here`,
    'Start it on a server that speaks the OpenAI protocol, and name that: judges: [{ endpoint: { url, model } }].',
  )
}

/** A download cache calls the folder by a hash, and the one two above by the model. */
function folderName(folder: string): string {
  const cached = basename(dirname(folder)) === 'snapshots' ? basename(dirname(dirname(folder))) : ''
  return cached.startsWith('models--') ? cached.split('--').at(-1)! : basename(folder)
}

/** Templates differ in whether a message is a text or a list of parts; the form is taken in which the text is shown. */
function renderer(
  program: TemplateProgram,
  tokenizer: Tokenizer,
  generation: boolean,
  place: string,
): NonNullable<GuardModel['render']> {
  const asText = (content: string): unknown => content
  const asParts = (content: string): unknown => [{ type: 'text', text: content }]
  const renderWith = (wrap: typeof asText, question: string, text: string, variables: Variables) =>
    program.render({
      messages: conversation(question, text).map(({ role, content }) => ({ role, content: wrap(content) })),
      add_generation_prompt: generation,
      ...usualVariables(tokenizer),
      ...variables,
    })
  let form: typeof asText | null = null
  return (question, text, variables) => {
    form ??= formShowing(variables)
    return renderWith(form, question, text, variables)
  }

  function formShowing(variables: Variables): typeof asText {
    let failure: unknown
    for (const wrap of [asText, asParts]) {
      try {
        if (renderWith(wrap, 'a question', 'the judged text', variables).includes('the judged text')) return wrap
      } catch (error) {
        failure ??= error
      }
    }
    if (failure !== undefined) throw failure
    const remedy = 'Put the template that the guard was published with into chat_template.jinja in its folder.'
    throw new ReflectoryError('bad-model', place, 'the chat template does not show the text to be judged', remedy)
  }
}
