/** What is told of a model folder, whatever state it is in. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { describeModel } from '../../../src/engine/study/describeModel.ts'
import { ModelDescription } from '../../../src/shared/modelDescription.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'
import { writeTinyHarbor } from './tinyHarbor.ts'

const fixtures = new URL('../../fixtures/', import.meta.url).pathname
const shared = process.env['REFLECTORY_SHARED'] ?? '../shared'
const stories = join(shared, 'models/stories260K-hf')
const templates = join(shared, 'tokenizers/chat-templates')
const missing = !existsSync(stories) || !existsSync(templates)
const why = missing ? ` (skipped: ${shared} is not there)` : ''

function tinyModel(): string {
  const folder = join(temporaryFolder(), 'model')
  writeTinyHarbor(folder)
  return folder
}

/** Moves every file to where a download cache keeps it, and leaves a relative link. */
function asCache(folder: string): { root: string; snapshot: string } {
  const root = join(temporaryFolder(), 'models--org--name')
  const snapshot = join(root, 'snapshots', '0a1b2c')
  mkdirSync(join(root, 'blobs'), { recursive: true })
  mkdirSync(snapshot, { recursive: true })
  for (const [index, name] of readdirSync(folder).entries()) {
    renameSync(join(folder, name), join(root, 'blobs', `blob${index}`))
    symlinkSync(`../../blobs/blob${index}`, join(snapshot, name))
  }
  return { root, snapshot }
}

describe('describeModel', () => {
  it('tells what stands in the files', () => {
    const folder = tinyModel()
    const told = describeModel(folder)
    expect(() => ModelDescription.parse(told)).not.toThrow()
    // Embedding, two layers of attention (4 x 32 x 32), three projections of 32 x 64 and two norms, and the last norm.
    const parameters = told.vocabularySize * 32 + 2 * (4 * 32 * 32 + 3 * 32 * 64 + 2 * 32) + 32
    expect(told).toMatchObject({
      folder,
      family: 'llama',
      architecture: 'LlamaForCausalLM',
      layers: 2,
      hiddenSize: 32,
      parameters,
      contextTokens: 256,
      weights: { files: 1, dtypes: { F32: parameters } },
      memory: { weights: 4 * parameters, free: expect.any(Number), uses: expect.any(Array) },
      adapters: [],
      notes: [],
      problems: [],
    })
    expect(told.weights.bytes).toBeGreaterThan(4 * parameters)
    expect(told.tokenizer).toMatchObject({ ends: [{ text: '<|end|>' }], bos: null, pad: { text: '<pad>', id: 0 } })
    const [thinking, plain] = told.template?.examples ?? []
    expect(thinking.text).toMatch(/careful assistant\. .*What is 2 \+ 3\? <\|assistant\|>$/)
    expect(plain.text).toBe(`${thinking.text} <think> </think>`)
    expect(told.template).toMatchObject({
      source: 'tokenizer_config.json',
      switches: ['enable_thinking'],
      tags: { open: '<think>', close: '</think>', answer: null, areTokens: true },
    })
  })

  it('knows a model that scores texts and writes none', () => {
    const folder = join(temporaryFolder(), 'model')
    const id2label = { 0: 'safe', 1: 'unsafe' }
    writeTinyHarbor(folder, { architectures: ['LlamaForSequenceClassification'], id2label, eos_token_id: null })
    const told = describeModel(folder)
    expect(told).toMatchObject({ scores: ['safe', 'unsafe'], template: null, problems: [] })
    expect(told.notes).toEqual([expect.stringMatching(/can be a judge/)])
    expect(describeModel(tinyModel()).scores).toBeNull()
  })

  it('tells the same of a folder of links, and shows the way into a cache', () => {
    const folder = tinyModel()
    const told = describeModel(folder)
    const { root, snapshot } = asCache(folder)
    expect(describeModel(snapshot)).toEqual({ ...told, memory: { ...told.memory, free: expect.any(Number) }, folder: snapshot })
    expect(() => describeModel(root)).toThrow(
      expect.objectContaining({ code: 'bad-model', place: root, remedy: `Name the version inside it: ${snapshot}` }),
    )
    rmSync(join(root, 'blobs'), { recursive: true })
    expect(() => describeModel(snapshot)).toThrow(/config\.json: the file is a link to .*blob.*, which is not there/)
  })

  it('finds adapters beside the model and within, and says which fit', () => {
    const folder = temporaryFolder()
    for (const name of ['qwen2-a', 'qwen2-lora', 'qwen3-a']) {
      cpSync(join(fixtures, name), join(folder, name), { recursive: true })
    }
    cpSync(join(folder, 'qwen2-lora'), join(folder, 'qwen2-a', 'broken'), { recursive: true })
    truncateSync(join(folder, 'qwen2-a/broken/adapter_model.safetensors'), 100)
    const { adapters } = describeModel(join(folder, 'qwen2-a'))
    expect(adapters).toMatchObject([
      { folder: join(folder, 'qwen2-a/broken'), trouble: { problem: expect.stringMatching(/header/) } },
      {
        folder: join(folder, 'qwen2-lora'),
        base: '../qwen2-a',
        ranks: [4],
        modules: 21,
        parameters: 9600,
        trouble: null,
      },
    ])
    const [unfit] = describeModel(join(folder, 'qwen3-a')).adapters
    expect(unfit.trouble).toMatchObject({ problem: expect.stringMatching(/shape|module/) })
  })

  it('tells of the base where an adapter is named', () => {
    const told = describeModel(join(fixtures, 'qwen2-lora'))
    expect(told).toMatchObject({ folder: join(fixtures, 'qwen2-a'), family: 'qwen2' })
    expect(told.adapters[0]).toMatchObject({ folder: join(fixtures, 'qwen2-lora'), trouble: null })
    const lonely = join(temporaryFolder(), 'adapter')
    cpSync(join(fixtures, 'qwen2-lora'), lonely, { recursive: true })
    expect(() => describeModel(lonely)).toThrow(/base model \.\.\/qwen2-a is not on this machine/)
  })

  const changeJson = (file: string, change: (value: Record<string, unknown>) => object) => {
    const value = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, 'utf8')))
    writeFileSync(file, JSON.stringify(change(value)))
  }

  it.each<[string, (at: (name: string) => string) => void, string, RegExp]>([
    ['no tokenizer', (at) => rmSync(at('tokenizer.json')), 'tokenizer.json', /does not exist/],
    ['half a tokenizer', (at) => truncateSync(at('tokenizer.json'), 900), 'tokenizer.json', /not JSON/],
    [
      'a tokenizer of another type',
      (at) => changeJson(at('tokenizer.json'), (file) => ({ ...file, model: { type: 'Morse', vocab: {} } })),
      'tokenizer.json:model.type',
      /"Morse" are not supported/,
    ],
    [
      'a tokenizer without its end token',
      (at) => changeJson(at('tokenizer_config.json'), (file) => ({ ...file, eos_token: '<|im_end|>' })),
      'tokenizer.json',
      /no token "<\|im_end\|>", which tokenizer_config\.json names as eos_token/,
    ],
    [
      'a tokenizer larger than the vocabulary',
      (at) =>
        changeJson(at('tokenizer_config.json'), (file) => ({
          ...file,
          added_tokens_decoder: { 5000: { content: '<|extra|>', special: true } },
        })),
      'tokenizer.json',
      /"<\|extra\|>" has id 5000, but the model has only \d+ embeddings/,
    ],
    [
      'a template that does not parse',
      (at) => writeFileSync(at('chat_template.jinja'), '{{ bos_token }}\n{% for x %}'),
      'chat_template.jinja, line 2 of the template',
      /the chat template fails/,
    ],
    [
      'a template without end',
      (at) =>
        writeFileSync(
          at('chat_template.jinja'),
          '{% for a in range(99999) %}{% for b in range(99999) %}{{ b }}{% endfor %}{% endfor %}',
        ),
      'chat_template.jinja',
      /does not come to an end/,
    ],
    [
      'a template without default',
      (at) =>
        changeJson(at('tokenizer_config.json'), (file) => ({
          ...file,
          chat_template: [{ name: 'rag', template: '' }],
        })),
      'tokenizer_config.json:chat_template',
      /none of the templates \(rag\) is named default/,
    ],
  ])('names %s, and tells the rest', (_, damage, place, problem) => {
    const folder = tinyModel()
    damage((name) => join(folder, name))
    const told = describeModel(folder)
    expect(told.problems).toEqual([
      {
        place: join(folder, place),
        problem: expect.stringMatching(problem),
        remedy: expect.stringMatching(/^[A-Z].*\.$/),
      },
    ])
    expect(told.template).toBeNull()
    expect(told.parameters).toBeGreaterThan(0)
  })

  it('refuses a configuration whose numbers are not those of the weights', () => {
    const folder = tinyModel()
    changeJson(join(folder, 'config.json'), (file) => ({ ...file, intermediate_size: 96 }))
    const disagreement = /gate_proj.* has shape \[64, 32\], but config\.json asks for \[96, 32\]/
    expect(() => describeModel(folder)).toThrow(disagreement)
  })

  it('says what is strange and does no harm', () => {
    const folder = tinyModel()
    writeFileSync(
      join(folder, 'chat_template.jinja'),
      "{% if messages[0].role == 'system' %}{{ raise_exception('no system here') }}{% endif %}" +
        "{{ '<|turn|>' + strftime_now('%Y') + messages[0].content }}",
    )
    changeJson(join(folder, 'tokenizer_config.json'), (file) => ({ ...file, eos_token: null }))
    changeJson(join(folder, 'config.json'), (file) => ({ ...file, eos_token_id: null }))
    rmSync(join(folder, 'generation_config.json'), { force: true })
    const { notes, problems } = describeModel(folder)
    expect(problems).toEqual([])
    expect(notes).toEqual([
      expect.stringMatching(/which token ends a text/),
      expect.stringMatching(/does not take a system message: .*no system here/),
      expect.stringMatching(/date: always 1 January 2025/),
      expect.stringMatching(/<\|turn\|>, which the tokenizer does not know/),
    ])
  })
})

describe.skipIf(missing)(`what is told of published templates${why}`, () => {
  const told = (template: string) => {
    const folder = join(temporaryFolder(), 'model')
    cpSync(stories, folder, { recursive: true })
    cpSync(join(templates, `${template}.jinja`), join(folder, 'chat_template.jinja'))
    const { template: description, notes, problems } = describeModel(folder)
    expect(problems).toEqual([])
    return { ...description!, notes }
  }

  it.each([
    ['deepseek-ai-DeepSeek-R1-Distill-Qwen-32B', /prompt itself opens the thought/, /no switch/],
    ['Qwen-QwQ-32B', /prompt itself opens the thought/, /no switch/],
    ['Qwen-Qwen3-0.6B', /model opens its thought itself/, /\(enable_thinking = false\), by an empty thought/],
    ['ibm-granite-granite-3.3-2B-Instruct', /model opens its thought itself/, /\(thinking = false\)\.$/],
    ['Qwen-Qwen2.5-7B-Instruct', /Nothing asks the model to think/, /no switch/],
    ['meta-llama-Llama-3.1-8B-Instruct', /Nothing asks the model to think/, /no switch/],
  ])('%s', (template, thinking, plain) => {
    const { split, examples } = told(template)
    expect(split.thinking[0]).toMatch(thinking)
    expect(split.plain[0]).toMatch(plain)
    expect(examples.map(({ text }) => text.includes('What is 2 + 3?'))).toEqual([true, true])
    expect(examples[1].opensThought).toBe(false)
  })

  it("shows Granite's switch where it works, and its marks around the answer", () => {
    const { examples, notes, split, tags } = told('ibm-granite-granite-3.3-2B-Instruct')
    expect(examples[0].text).not.toBe(examples[1].text)
    expect(notes).toContainEqual(expect.stringMatching(/With a system message, .* no longer says whether to think/))
    expect(tags.answer).toEqual({ open: '<response>', close: '</response>' })
    expect(split.thinking.at(-1)).toMatch(/<response> and <\/response> around the answer are taken off/)
  })
})
