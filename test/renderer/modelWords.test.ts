import { expect, test } from 'vitest'
import {
  adapterText,
  briefLines,
  memoryLines,
  modelLines,
  thinkingText,
  tokenLines,
} from '../../src/renderer/features/models/modelWords.ts'
import type { ModelDescription, TemplateDescription } from '../../src/shared/modelDescription.ts'

const template: TemplateDescription = {
  source: 'chat_template.jinja',
  isDefault: false,
  switches: [],
  tags: { open: '<think>', close: '</think>', answer: null, found: 'the end of the prompt', areTokens: true },
  examples: [
    { thinking: true, text: 'Q <think>', opensThought: true },
    { thinking: false, text: 'Q', opensThought: false },
  ],
  split: { thinking: [], plain: [] },
}
const model: ModelDescription = {
  folder: '/models/m',
  family: 'qwen2',
  architecture: 'Qwen2ForCausalLM',
  layers: 24,
  hiddenSize: 896,
  parameters: 494_000_000,
  contextTokens: 32768,
  scores: null,
  vocabularySize: 151936,
  weights: { files: 1, bytes: 988e6, dtypes: { BF16: 494_000_000 } },
  tokenizer: {
    tokens: 151665,
    ends: [{ id: 7, text: null }],
    bos: null,
    pad: { id: 0, text: '<pad>' },
    special: Array.from({ length: 7 }, (_, id) => ({ id, text: `<s${id}>` })),
  },
  template,
  adapters: [],
  memory: {
    weights: 1976e6,
    free: 4e9,
    uses: [
      { use: 'sampling', sequences: 16, tokens: 1024, bytes: 3e9, longest: 2048 },
      { use: 'whole', sequences: 1, tokens: 1024, bytes: 9e9, longest: null },
    ],
  },
  notes: [],
  problems: [],
}
const valueOf = (facts: { name: string; value: string }[], wanted: string) =>
  facts.find(({ name }) => name === wanted)?.value

test('names the type of the weights, with shares where there are several', () => {
  expect(valueOf(modelLines(model), 'On disk')).toMatch(/ in 1 file, stored as BF16$/)
  const mixed = { ...model, weights: { ...model.weights, dtypes: { BF16: 370_500_000, F32: 123_500_000 } } }
  expect(valueOf(modelLines(mixed), 'On disk')).toMatch(/stored as BF16 \(75%\) and F32 \(25%\)$/)
})

test('names a few of the special tokens, and a token without a text by its number', () => {
  const lines = tokenLines(model, model.tokenizer!)
  expect(valueOf(lines, 'Special')).toBe('<s0>, <s1>, <s2>, <s3>, <s4>, and 2 more')
  expect(valueOf(lines, 'Ends a text')).toBe('(no text) (7)')
  expect(valueOf(lines, 'Begins a text')).toBe('none')
})

test('says which use takes more than is free, and that not even a short text fits', () => {
  expect(memoryLines(model)).toMatchObject([
    { use: 'sampling', isTooMuch: false, longest: '2,048 tokens' },
    { use: 'whole', isTooMuch: true, longest: 'nothing fits' },
  ])
})

test('says how a model thinks by what its template does', () => {
  const told = (changes: Partial<TemplateDescription>) =>
    thinkingText({ ...model, template: { ...template, ...changes } })
  expect(told({})).toBe('Yes: its prompt opens the thought with <think>')
  expect(told({ switches: ['enable_thinking'] })).toBe('Yes, and it can be switched off (enable_thinking)')
  expect(told({ examples: [], isDefault: true })).toBe('Its folder says nothing of thoughts')
  expect(told({ examples: [] })).toBe('It can: thoughts stand in <think> … </think>')
  expect(thinkingText({ ...model, template: null })).toMatch(/^Unknown/)
  expect(thinkingText({ ...model, template: null, scores: ['safe'] })).toMatch(/writes nothing/)
})

test('tells rank and size of an adapter', () => {
  const adapter = { folder: '/a', base: '../m', ranks: [4, 8], modules: 1, parameters: 2500, trouble: null }
  expect(adapterText(adapter)).toBe('Fits: rank 4, 8 over 1 module, 2,500 parameters, made for ../m')
})

test('says in brief what fits and what does not', () => {
  expect(valueOf(briefLines(model), 'Sampling')).toBe('fits, up to 2,048 tokens')
  expect(valueOf(briefLines(model), 'Training all weights')).toBe('does not fit')
  expect(valueOf(briefLines(model), 'Family')).toBe('qwen2, 494 million parameters')
})
