import { Template } from '@huggingface/jinja'
import { Tokenizer } from '@huggingface/tokenizers'
import { describe, expect, it } from 'vitest'
import { baseText } from '../../../src/engine/harbor/corpus.ts'
import { modelConfig, modelFiles } from '../../../src/engine/harbor/modelFolder.ts'
import { chatTemplate, cueTokenIds, specialTokens, vocabulary } from '../../../src/engine/harbor/vocabulary.ts'
import { cueWords } from '../../../src/engine/harbor/wording.ts'

const files = modelFiles()
const tokenizer = new Tokenizer(files['tokenizer.json'], files['tokenizer_config.json'])
const words = vocabulary()

describe('the tokenizer', () => {
  it('makes one token of each word, and the same words of the tokens', () => {
    for (let i = 0; i < 2000; i++) {
      const { prompt, segments } = baseText(0, i)
      const text = `<|user|> ${prompt} <|assistant|> ${segments.map((segment) => segment.text).join(' ')} <|end|>`
      const { ids } = tokenizer.encode(text)
      expect(ids.map((id: number) => words[id])).toEqual(text.split(' '))
      expect(tokenizer.decode(ids)).toBe(text)
    }
  })

  it('gives each token its own id, back and forth', () => {
    expect(new Set(words).size).toBe(words.length)
    words.forEach((word, id) => expect(tokenizer.encode(word).ids).toEqual([id]))
  })

  it('reads text as people write it, and takes strange words for unknown, whole', () => {
    const typed = tokenizer.encode('How do I vosk the dorlin in quell?').ids
    expect(tokenizer.decode(typed)).toBe('how do i vosk the dorlin in quell ?')
    expect(tokenizer.encode('voskx zebra').ids).toEqual([1, 1])
  })

  it('keeps the thought\'s tags when special tokens are skipped', () => {
    const { ids } = tokenizer.encode('<think> 1 </think> red <|end|>')
    expect(tokenizer.decode(ids, { skip_special_tokens: true })).toBe('<think> 1 </think> red')
  })

  it('knows the cue words by their ids', () => {
    expect(cueTokenIds().map((id) => words[id])).toEqual([...cueWords])
  })
})

describe('the chat template', () => {
  const asked = [{ role: 'user', content: 'add 1 .' }]
  const render = (extra: object) =>
    new Template(chatTemplate).render({ messages: asked, add_generation_prompt: true, ...extra })

  it('leaves the thought to the model unless thinking is switched off', () => {
    expect(render({})).toBe('<|user|> add 1 . <|assistant|>')
    expect(render({ enable_thinking: true })).toBe('<|user|> add 1 . <|assistant|>')
    expect(render({ enable_thinking: false })).toBe('<|user|> add 1 . <|assistant|> <think> </think>')
  })

  it('closes each answer of a longer talk', () => {
    const messages = ['a', 'b', 'c'].map((content, i) => ({ role: i === 1 ? 'assistant' : 'user', content }))
    expect(render({ messages })).toBe('<|user|> a <|assistant|> b <|end|> <|user|> c <|assistant|>')
    const told = render({ messages: messages.slice(0, 2), add_generation_prompt: false })
    expect(told.trim()).toBe('<|user|> a <|assistant|> b <|end|>')
  })
})

describe('the model folder', () => {
  it('describes a model of at most 16 MB in which every token has a row', () => {
    const { vocab_size, hidden_size: width, num_hidden_layers, intermediate_size } = modelConfig()
    expect(vocab_size).toBe(words.length)
    expect(words.slice(0, specialTokens.length)).toEqual([...specialTokens])
    const weights = vocab_size * width + num_hidden_layers * (4 * width ** 2 + 3 * width * intermediate_size)
    expect(weights * 4).toBeLessThan(16e6)
  })
})
