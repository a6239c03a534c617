import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadTokenizer } from '../../../src/engine/model/tokenizer.ts'
import { temporaryFolder } from './temporaryFolder.ts'

const shared = process.env['REFLECTORY_SHARED'] ?? '../shared'
const stories = join(shared, 'models/stories260K-hf')
const missing = !existsSync(stories)
const withShared = missing ? describe.skip : describe
const why = missing ? ` (skipped: ${shared} is not there)` : ''
const bare = { addSpecialTokens: false }

/** A byte-level tokenizer small enough to read. */
function tinyTokenizer(config: object = {}): string {
  const folder = temporaryFolder()
  const special = (id: number, content: string) => ({
    id,
    content,
    special: true,
    normalized: false,
    single_word: false,
    lstrip: false,
    rstrip: false,
  })
  const tokenizer = {
    version: '1.0',
    added_tokens: [special(4, '<s>'), special(5, '</s>'), special(6, '<think>'), special(7, '</think>')],
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      vocab: { a: 0, b: 1, Ġ: 2, ab: 3 },
      merges: ['a b'],
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
    },
  }
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer))
  writeFileSync(
    join(folder, 'tokenizer_config.json'),
    JSON.stringify({ bos_token: '<s>', eos_token: { content: '</s>' }, ...config }),
  )
  return folder
}

describe('loadTokenizer', () => {
  it('encodes, decodes and knows its special tokens', () => {
    const tokenizer = loadTokenizer(tinyTokenizer())
    expect([...tokenizer.encode('<s>ab a</s>', bare)]).toEqual([4, 3, 2, 0, 5])
    expect(tokenizer.decode([4, 3, 2, 0, 5], { skipSpecialTokens: true })).toBe('ab a')
    expect(tokenizer.decode(Int32Array.of(4, 3), { skipSpecialTokens: false })).toBe('<s>ab')
    expect(tokenizer).toMatchObject({
      vocabularySize: 8,
      bos: { text: '<s>', id: 4 },
      eos: { text: '</s>', id: 5 },
      pad: null,
    })
    expect(tokenizer.tokenId('ab')).toBe(3)
    expect(tokenizer.tokenId('abc')).toBeNull()
  })

  it('keeps thought tags in the text even where they are special tokens', () => {
    expect(loadTokenizer(tinyTokenizer()).decode([4, 6, 0, 7, 1, 5], { skipSpecialTokens: true })).toBe(
      '<think>a</think>b',
    )
  })

  it('decodes nothing, and ids that have no text, to nothing', () => {
    const tokenizer = loadTokenizer(tinyTokenizer())
    expect(tokenizer.decode([], { skipSpecialTokens: true })).toBe('')
    expect(tokenizer.decode([0, 99, 1], { skipSpecialTokens: true })).toBe('ab')
  })

  it('leaves the spaces of decoded text as the tokens have them', () => {
    const folder = tinyTokenizer({ clean_up_tokenization_spaces: true })
    const file = join(folder, 'tokenizer.json')
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace('"b":1', '".":1').replace('"ab":3', '"a.":3').replace('"a b"', '"a ."'),
    )
    const tokenizer = loadTokenizer(folder)
    expect(tokenizer.decode(tokenizer.encode('a .', bare), { skipSpecialTokens: true })).toBe('a .')
  })

  it('drops text that a vocabulary without unknown token has no token for', () => {
    expect([...loadTokenizer(tinyTokenizer()).encode('azb', bare)]).toEqual([0, 1])
  })

  it('gives unknown words of a word-level vocabulary the unknown token that tokenizer.json names', () => {
    const folder = temporaryFolder()
    const model = { type: 'WordLevel', vocab: { '[UNK]': 0, yes: 1, no: 2 }, unk_token: '[UNK]' }
    writeFileSync(
      join(folder, 'tokenizer.json'),
      JSON.stringify({
        added_tokens: [],
        normalizer: null,
        pre_tokenizer: { type: 'WhitespaceSplit' },
        post_processor: null,
        decoder: null,
        model,
      }),
    )
    expect([...loadTokenizer(folder).encode('yes maybe no', bare)]).toEqual([1, 0, 2])
  })

  it('refuses to serve a model with fewer embeddings than tokens', () => {
    const folder = tinyTokenizer()
    expect(loadTokenizer(folder, 8).vocabularySize).toBe(8)
    expect(() => loadTokenizer(folder, 7)).toThrow(
      /tokenizer\.json: token "<\/think>" has id 7, but the model has only 7 embeddings/,
    )
  })

  it('names a missing file, broken JSON, and a kind of tokenizer that it does not know', () => {
    const folder = temporaryFolder()
    expect(() => loadTokenizer(folder)).toThrow(/tokenizer\.json: the file does not exist/)
    writeFileSync(join(folder, 'tokenizer.json'), '{')
    expect(() => loadTokenizer(folder)).toThrow(/not JSON/)
    cpSync(tinyTokenizer(), folder, { recursive: true })
    const file = join(folder, 'tokenizer.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"BPE"', '"Morse"'))
    expect(() => loadTokenizer(folder)).toThrow(
      expect.objectContaining({ code: 'bad-model', place: `${file}:model.type` }),
    )
    cpSync(tinyTokenizer(), folder, { recursive: true })
    writeFileSync(file, readFileSync(file, 'utf8').replace('"type":"ByteLevel"', '"type":"Morse"'))
    expect(() => loadTokenizer(folder)).toThrow(/kind that is not supported.*Morse/)
  })
})

withShared(`published tokenizers${why}`, () => {
  it('gives the ids that are expected of stories260K for every text', () => {
    const tokenizer = loadTokenizer(stories, 512)
    const expected: { text: string; ids_without_bos: number[] }[] = JSON.parse(
      readFileSync(join(stories, 'tokenization_expected.json'), 'utf8'),
    )
    expect(expected.length).toBe(68)
    for (const { text, ids_without_bos: ids } of expected) {
      expect([...tokenizer.encode(text, bare)]).toEqual(ids)
      expect([...tokenizer.encode(text, { addSpecialTokens: true })]).toEqual([1, ...ids])
    }
  })

  for (const [name, size, eos] of [
    ['qwen2.5', 151665, 151645],
    ['minimind', 6400, 2],
  ] as const) {
    it(`brings texts back through ${name}`, () => {
      const tokenizer = loadTokenizer(join(shared, 'tokenizers', name))
      expect(tokenizer.vocabularySize).toBe(size)
      expect(tokenizer.eos).toEqual({ text: '<|im_end|>', id: eos })
      for (const text of [
        'Hello, world!',
        ' two  spaces\n\nand lines\t',
        "don't — 12345",
        'Größe 你好 🙂',
        '<think>\nwait\n</think>\n\nno',
      ]) {
        expect(tokenizer.decode(tokenizer.encode(text, bare), { skipSpecialTokens: true })).toBe(text)
      }
      const chat = '<|im_start|>user\nHi<|im_end|>'
      expect(tokenizer.decode(tokenizer.encode(chat, bare), { skipSpecialTokens: false })).toBe(chat)
      expect(tokenizer.decode(tokenizer.encode(chat, bare), { skipSpecialTokens: true })).toBe('user\nHi')
    })
  }
})
