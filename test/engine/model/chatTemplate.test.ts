import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadChatTemplate, makeChatTemplate } from '../../../src/engine/model/chatTemplate.ts'
import { splitThought } from '../../../src/engine/model/thoughtSplit.ts'
import type { Tokenizer } from '../../../src/engine/model/tokenizer.ts'
import { temporaryFolder } from './temporaryFolder.ts'

const shared = process.env['REFLECTORY_SHARED'] ?? '../shared'
const templates = join(shared, 'tokenizers/chat-templates')
const missing = !existsSync(templates)
const withShared = missing ? describe.skip : describe
const why = missing ? ` (skipped: ${shared} is not there)` : ''

const tokens = { bos: { text: '<s>', id: 1 }, eos: { text: '</s>', id: 2 }, pad: null }
const tokenizer: Tokenizer = {
  ...tokens,
  vocabularySize: 3,
  tokenId: () => null,
  encode: () => new Int32Array(),
  decode: () => '',
}
const question = [{ role: 'user', content: 'Why?' }] as const
const answer = { thought: 'Because.', response: 'So.' }

describe('loadChatTemplate', () => {
  it('takes a named default where a model has none', () => {
    const template = loadChatTemplate(temporaryFolder(), tokenizer)
    expect(template).toMatchObject({ name: 'plain-think', isDefault: true })
    const thinking = template.renderPrompt(question, { thinking: true })
    expect(thinking).toEqual({ text: '<s>User: Why?\nAssistant: <think>\n', opensThought: true })
    expect(template.renderCompletion(answer, { ...thinking, thinking: true })).toBe('Because.\n</think>\n\nSo.')
    const plain = template.renderPrompt(question, { thinking: false })
    expect(plain).toEqual({ text: '<s>User: Why?\nAssistant: <think>\n\n</think>\n\n', opensThought: false })
    expect(template.renderCompletion(answer, { ...plain, thinking: false })).toBe('So.')
  })

  it('prefers chat_template.jinja, then the template named default', () => {
    const folder = temporaryFolder()
    const list = [
      { name: 'tool_use', template: 'tools' },
      { name: 'default', template: 'from the list' },
    ]
    writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ chat_template: list }))
    expect(loadChatTemplate(folder, tokenizer).renderPrompt(question, { thinking: true }).text).toBe('from the list')
    writeFileSync(join(folder, 'chat_template.jinja'), 'from the file')
    expect(loadChatTemplate(folder, tokenizer)).toMatchObject({ name: 'chat_template.jinja', isDefault: false })
  })

  it('refuses a list without a default, and a template that does not parse', () => {
    const folder = temporaryFolder()
    writeFileSync(
      join(folder, 'tokenizer_config.json'),
      JSON.stringify({ chat_template: [{ name: 'rag', template: '' }] }),
    )
    expect(() => loadChatTemplate(folder, tokenizer)).toThrow(/none of the templates \(rag\) is named default/)
    writeFileSync(join(folder, 'chat_template.jinja'), '{% if %}')
    expect(() => loadChatTemplate(folder, tokenizer)).toThrow(
      expect.objectContaining({ code: 'bad-model', place: 'chat_template.jinja' }),
    )
  })
})

describe('makeChatTemplate', () => {
  it('passes on what a template raises', () => {
    expect(() => makeChatTemplate("{{ raise_exception('system first') }}", 'x', tokens)).toThrow(/system first/)
  })

  it('takes the white space around tags from the empty thought of the template', () => {
    const words = "{{ messages[0].content + ' <think>' }}{% if not enable_thinking %}{{ ' </think> ' }}{% endif %}"
    const template = makeChatTemplate(words, 'words', tokens)
    const prompt = template.renderPrompt(question, { thinking: true })
    expect(prompt).toEqual({ text: 'Why? <think>', opensThought: true })
    expect(template.renderCompletion(answer, { ...prompt, thinking: true })).toBe('Because. </think> So.')
  })

  it('writes the same prompt on every day', () => {
    const template = makeChatTemplate("{{ strftime_now('%d %B %Y') }}", 'dated', tokens)
    expect(template.renderPrompt(question, { thinking: true }).text).toBe('01 January 2025')
  })

  it('is not fooled by a question that ends in a tag', () => {
    const template = loadChatTemplate(temporaryFolder(), tokenizer)
    const tagged = [{ role: 'user', content: 'What is <think>' }] as const
    const plain = makeChatTemplate(
      "{{ messages[0].content + '\n' }}{% if add_generation_prompt %}{{ 'A:' }}{% endif %}",
      'x',
      tokens,
    )
    expect(plain.renderPrompt(tagged, { thinking: true }).opensThought).toBe(false)
    expect(template.renderPrompt(tagged, { thinking: false }).opensThought).toBe(false)
  })
})

withShared(`published templates${why}`, () => {
  const load = (file: string) => makeChatTemplate(readFileSync(join(templates, file), 'utf8'), file, tokens)
  const cases: { file: string; opens: boolean; thinkingEnd: string; plainEnd: string; completion: string }[] = [
    {
      file: 'deepseek-ai-DeepSeek-R1-Distill-Qwen-32B.jinja',
      opens: true,
      thinkingEnd: '<s><｜User｜>Why?<｜Assistant｜><think>\n',
      plainEnd: '<｜Assistant｜><think>\n\n</think>\n\n',
      completion: 'Because.\n</think>\n\nSo.',
    },
    {
      file: 'Qwen-QwQ-32B.jinja',
      opens: true,
      thinkingEnd: '<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n<think>\n',
      plainEnd: '<|im_start|>assistant\n<think>\n\n</think>\n\n',
      completion: 'Because.\n</think>\n\nSo.',
    },
    {
      file: 'Qwen-Qwen3-0.6B.jinja',
      opens: false,
      thinkingEnd: '<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n',
      plainEnd: '<|im_start|>assistant\n<think>\n\n</think>\n\n',
      completion: '<think>\nBecause.\n</think>\n\nSo.',
    },
    {
      file: 'Qwen-Qwen2.5-7B-Instruct.jinja',
      opens: false,
      thinkingEnd: '<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n',
      plainEnd: '<|im_start|>assistant\n<think>\n\n</think>\n\n',
      completion: '<think>\nBecause.\n</think>\n\nSo.',
    },
    {
      file: 'meta-llama-Llama-3.1-8B-Instruct.jinja',
      opens: false,
      thinkingEnd:
        '<|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n',
      plainEnd: '<|start_header_id|>assistant<|end_header_id|>\n\n<think>\n\n</think>\n\n',
      completion: '<think>\nBecause.\n</think>\n\nSo.',
    },
    {
      file: 'ibm-granite-granite-3.3-2B-Instruct.jinja',
      opens: false,
      thinkingEnd: '<|start_of_role|>user<|end_of_role|>Why?<|end_of_text|>\n<|start_of_role|>assistant<|end_of_role|>',
      plainEnd: '<|start_of_role|>assistant<|end_of_role|>',
      completion: '<think>\nBecause.\n</think>\n\nSo.',
    },
  ]
  for (const { file, opens, thinkingEnd, plainEnd, completion } of cases) {
    it(`renders ${file} with and without thinking`, () => {
      const template = load(file)
      const prompt = template.renderPrompt(question, { thinking: true })
      expect(prompt.opensThought).toBe(opens)
      expect(prompt.text.endsWith(thinkingEnd)).toBe(true)
      const plain = template.renderPrompt(question, { thinking: false })
      expect(plain.opensThought).toBe(false)
      expect(plain.text.endsWith(plainEnd)).toBe(true)
      expect(template.renderCompletion(answer, { ...prompt, thinking: true })).toBe(completion)
      expect(template.renderCompletion(answer, { ...plain, thinking: false })).toBe('So.')
    })

    it(`splits what a model writes after ${file}`, () => {
      const template = load(file)
      for (const thinking of [true, false]) {
        const prompt = template.renderPrompt(question, { thinking })
        const split = splitThought(template.renderCompletion(answer, { ...prompt, thinking }), prompt)
        expect(split).toEqual(
          thinking ? { state: 'complete', ...answer } : { state: 'no-thought', thought: '', response: 'So.' },
        )
      }
    })
  }

  it('writes the begin token of Llama once', () => {
    const text = load('meta-llama-Llama-3.1-8B-Instruct.jinja').renderPrompt(question, { thinking: true }).text
    expect(text.split('<s>')).toHaveLength(2)
  })

  it('tells Granite to think, by its own flag', () => {
    const granite = load('ibm-granite-granite-3.3-2B-Instruct.jinja')
    const has = (thinking: boolean) =>
      granite.renderPrompt(question, { thinking }).text.includes('Write your thoughts between <think></think>')
    expect([has(true), has(false)]).toEqual([true, false])
  })

  it('reads the templates inside tokenizer_config.json', () => {
    const qwen3 = loadChatTemplate(join(shared, 'tokenizers/qwen3'), tokenizer)
    expect(qwen3.name).toBe('tokenizer_config.json')
    expect(qwen3.renderPrompt(question, { thinking: false }).text.endsWith('<think>\n\n</think>\n\n')).toBe(true)
    const minimind = loadChatTemplate(join(shared, 'tokenizers/minimind'), tokenizer)
    expect(minimind.renderPrompt(question, { thinking: true }).opensThought).toBe(true)
    expect(minimind.renderPrompt(question, { thinking: false }).opensThought).toBe(false)
  })
})
