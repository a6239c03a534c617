import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadChatTemplate, makeChatTemplate } from '../../../src/engine/model/chatTemplate.ts'
import { splitThought } from '../../../src/engine/model/thoughtSplit.ts'
import type { Tokenizer } from '../../../src/engine/model/tokenizer.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const shared = process.env['REFLECTORY_SHARED'] ?? '../shared'
const templates = join(shared, 'tokenizers/chat-templates')
const missing = !existsSync(templates)
const withShared = missing ? describe.skip : describe
const why = missing ? ` (skipped: ${shared} is not there)` : ''

const tokens = { bos: { text: '<s>', id: 1 }, eos: { text: '</s>', id: 2 }, pad: null, addedTokens: [] }
const made = (source: string) => makeChatTemplate(source, { name: 'made', place: 'made' }, tokens)
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

  it('reads chat_template.json before tokenizer_config.json, and names it', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ chat_template: 'from the configuration' }))
    expect(loadChatTemplate(folder, tokenizer).name).toBe('tokenizer_config.json')
    const file = join(folder, 'chat_template.json')
    writeFileSync(file, JSON.stringify({ chat_template: 'from its own file' }))
    const template = loadChatTemplate(folder, tokenizer)
    expect(template.name).toBe('chat_template.json')
    expect(template.renderPrompt(question, { thinking: true }).text).toBe('from its own file')
    writeFileSync(file, JSON.stringify({ chat_template: '\n{{ wat() }}' }))
    expect(() => loadChatTemplate(folder, tokenizer)).toThrow(
      expect.objectContaining({
        code: 'bad-model',
        place: `${file}:chat_template, line 2 of the template`,
        problem: expect.stringMatching(/wat/),
        remedy: expect.stringMatching(/chat_template\.jinja/),
      }),
    )
  })

  it('refuses a link that leads nowhere instead of taking the default', () => {
    const folder = temporaryFolder()
    symlinkSync(join(folder, 'gone'), join(folder, 'chat_template.jinja'))
    expect(() => loadChatTemplate(folder, tokenizer)).toThrow(/chat_template\.jinja: the file is a link to .*gone/)
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
      expect.objectContaining({
        code: 'bad-model',
        place: `${join(folder, 'chat_template.jinja')}, line 1 of the template`,
      }),
    )
  })
})

describe('makeChatTemplate', () => {
  it('passes on what a template raises', () => {
    expect(() => made("{{ raise_exception('system first') }}")).toThrow(/system first/)
  })

  it('takes the white space around tags from the empty thought of the template', () => {
    const words = "{{ messages[0].content + ' <think>' }}{% if not enable_thinking %}{{ ' </think> ' }}{% endif %}"
    const template = made(words)
    const prompt = template.renderPrompt(question, { thinking: true })
    expect(prompt).toEqual({ text: 'Why? <think>', opensThought: true })
    expect(template.renderCompletion(answer, { ...prompt, thinking: true })).toBe('Because. </think> So.')
  })

  it('finds the switch by any name, and tells the template nothing else of thinking', () => {
    const template = made(
      "{% set thoughts = '' %}{{ messages[0].content }}{% if use_reasoning %}{{ '<|begin_of_thought|>' }}" +
        "{% elif thinking_budget is defined %}{{ 'budget' }}{% endif %}",
    )
    expect(template).toMatchObject({
      switches: ['use_reasoning'],
      tags: { open: '<|begin_of_thought|>', close: '<|end_of_thought|>' },
    })
    expect(template.renderPrompt(question, { thinking: true })).toEqual({
      text: 'Why?<|begin_of_thought|>',
      opensThought: true,
    })
    expect(template.renderPrompt(question, { thinking: false }).text).toBe('Why?')
  })

  it('closes a thought that the template opens even with thinking off', () => {
    const template = made("{{ 'Think.' if thinking else 'Be quick.' }}{{ '<think>' }}")
    expect(template.renderPrompt(question, { thinking: false })).toEqual({
      text: 'Be quick.<think></think>\n\n',
      opensThought: false,
    })
  })

  it('turns thinking off by the end of a thought alone, where a template does', () => {
    const template = made("{{ messages[0].content + ('<think>' if thinking else '</think>') }}")
    const prompt = template.renderPrompt(question, { thinking: true })
    expect(prompt).toEqual({ text: 'Why?<think>', opensThought: true })
    expect(template.renderCompletion(answer, { ...prompt, thinking: true })).toBe('Because.</think>So.')
    expect(template.renderPrompt(question, { thinking: false })).toEqual({ text: 'Why?</think>', opensThought: false })
  })

  it('takes tags and white space from how an earlier thought is written', () => {
    const template = made(
      "{% for m in messages %}{{ '[' + m.role + ']' }}{% if m.reasoning_content %}" +
        "{{ '[THINK] ' + m.reasoning_content + ' [/THINK]\n' }}{% endif %}{{ m.content }}{% endfor %}",
    )
    expect(template).toMatchObject({ tagsFound: 'earlier thought', tags: { open: '[THINK]', close: '[/THINK]' } })
    const prompt = template.renderPrompt(question, { thinking: true })
    expect(template.renderCompletion(answer, { ...prompt, thinking: true })).toBe('[THINK] Because. [/THINK]\nSo.')
  })

  it('takes tags from the tokens where the template shows none', () => {
    const added = ['<s>', '<|im_end|>', '[THINK]', '[/THINK]'].map((text, id) => ({ text, id, isSpecial: true }))
    const template = makeChatTemplate(
      '{{ messages[0].content }}',
      { name: 'made', place: 'made' },
      { ...tokens, addedTokens: added },
    )
    expect(template).toMatchObject({ tagsFound: 'tokens', tags: { open: '[THINK]', close: '[/THINK]' } })
  })

  it('writes the same prompt on every day', () => {
    const template = made("{{ strftime_now('%d %B %Y') }}")
    expect(template.renderPrompt(question, { thinking: true }).text).toBe('01 January 2025')
  })

  it('is not fooled by a question that ends in a tag', () => {
    const template = loadChatTemplate(temporaryFolder(), tokenizer)
    const tagged = [{ role: 'user', content: 'What is <think>' }] as const
    const plain = made("{{ messages[0].content + '\n' }}{% if add_generation_prompt %}{{ 'A:' }}{% endif %}")
    expect(plain.renderPrompt(tagged, { thinking: true }).opensThought).toBe(false)
    expect(template.renderPrompt(tagged, { thinking: false }).opensThought).toBe(false)
  })
})

withShared(`published templates${why}`, () => {
  const load = (file: string) => made(readFileSync(join(templates, file), 'utf8'))
  const cases: {
    file: string
    opens: boolean
    found: string
    switches: string[]
    thinkingEnd: string
    plainEnd: string
    completion: string
  }[] = [
    {
      file: 'deepseek-ai-DeepSeek-R1-Distill-Qwen-32B.jinja',
      opens: true,
      found: 'prompt',
      switches: [],
      thinkingEnd: '<s><｜User｜>Why?<｜Assistant｜><think>\n',
      plainEnd: '<｜Assistant｜><think>\n\n</think>\n\n',
      completion: 'Because.\n</think>\n\nSo.',
    },
    {
      file: 'Qwen-QwQ-32B.jinja',
      opens: true,
      found: 'prompt',
      switches: [],
      thinkingEnd: '<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n<think>\n',
      plainEnd: '<|im_start|>assistant\n<think>\n\n</think>\n\n',
      completion: 'Because.\n</think>\n\nSo.',
    },
    {
      file: 'Qwen-Qwen3-0.6B.jinja',
      opens: false,
      found: 'empty thought',
      switches: ['enable_thinking'],
      thinkingEnd: '<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n',
      plainEnd: '<|im_start|>assistant\n<think>\n\n</think>\n\n',
      completion: '<think>\nBecause.\n</think>\n\nSo.',
    },
    {
      file: 'Qwen-Qwen2.5-7B-Instruct.jinja',
      opens: false,
      found: 'assumed',
      switches: [],
      thinkingEnd: '<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n',
      plainEnd: '<|im_start|>assistant\n<think>\n\n</think>\n\n',
      completion: '<think>\nBecause.\n</think>\n\nSo.',
    },
    {
      file: 'meta-llama-Llama-3.1-8B-Instruct.jinja',
      opens: false,
      found: 'assumed',
      switches: [],
      thinkingEnd:
        '<|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n',
      plainEnd: '<|start_header_id|>assistant<|end_header_id|>\n\n<think>\n\n</think>\n\n',
      completion: '<think>\nBecause.\n</think>\n\nSo.',
    },
    {
      file: 'ibm-granite-granite-3.3-2B-Instruct.jinja',
      opens: false,
      found: 'instructions',
      switches: ['thinking'],
      thinkingEnd: '<|start_of_role|>user<|end_of_role|>Why?<|end_of_text|>\n<|start_of_role|>assistant<|end_of_role|>',
      plainEnd: '<|start_of_role|>assistant<|end_of_role|>',
      completion: '<think>\nBecause.\n</think>\n\n<response>So.</response>',
    },
  ]
  for (const { file, opens, found, switches, thinkingEnd, plainEnd, completion } of cases) {
    it(`renders ${file} with and without thinking`, () => {
      const template = load(file)
      expect(template).toMatchObject({ tagsFound: found, switches, tags: { open: '<think>', close: '</think>' } })
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
        const written = template.renderCompletion(answer, { ...prompt, thinking })
        const split = (text: string) => splitThought(text, { opensThought: prompt.opensThought, tags: template.tags })
        const plain = { state: 'no-thought', thought: '', response: 'So.' }
        const whole = thinking ? { state: 'complete', ...answer } : plain
        expect(split(written)).toEqual(whole)
        expect(split(`\n ${written}\n`)).toEqual(whole)
        if (!thinking) continue
        const cut = written.slice(0, written.indexOf('</think>') - 2)
        expect(split(cut)).toEqual({ state: 'unfinished-thought', thought: 'Because', response: '' })
        const quoting = template.renderCompletion(
          { ...answer, response: 'Write </think> or <think>x</think>.' },
          { ...prompt, thinking },
        )
        expect(split(quoting)).toEqual({ ...whole, response: 'Write </think> or <think>x</think>.' })
        const again = written.replace('</think>', '</think>\n<think>\nTwice.\n</think>')
        expect(split(again)).toEqual({ ...whole, thought: 'Because.\n\nTwice.' })
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
    expect(minimind).toMatchObject({ tagsFound: 'prompt', switches: ['open_thinking'] })
    expect(minimind.renderPrompt(question, { thinking: true }).opensThought).toBe(true)
    expect(minimind.renderPrompt(question, { thinking: false }).opensThought).toBe(false)
  })
})
