import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadTokenizer } from '../../../src/engine/model/tokenizer.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

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

  it('reads a token whole that is special by its role alone', () => {
    const folder = tinyTokenizer()
    const file = join(folder, 'tokenizer.json')
    const contents = JSON.parse(readFileSync(file, 'utf8'))
    contents.added_tokens = []
    contents.model.vocab = { ...contents.model.vocab, '<s>': 4, '</s>': 5 }
    writeFileSync(file, JSON.stringify(contents))
    const tokenizer = loadTokenizer(folder)
    expect([...tokenizer.encode('<s>ab</s>', bare)]).toEqual([4, 3, 5])
    expect(tokenizer.decode([4, 3, 5], { skipSpecialTokens: true })).toBe('ab')
  })

  it('keeps thought tags in the text even where they are special tokens', () => {
    expect(loadTokenizer(tinyTokenizer()).decode([4, 6, 0, 7, 1, 5], { skipSpecialTokens: true })).toBe(
      '<think>a</think>b',
    )
  })

  it('keeps the tags of thoughts of other families, and drops what else is special', () => {
    const folder = tinyTokenizer({ eos_token: null })
    const file = join(folder, 'tokenizer.json')
    const text = readFileSync(file, 'utf8')
    const tagged = text.replaceAll('<think>', '[THINK]').replaceAll('</think>', '[/THINK]')
    writeFileSync(file, tagged.replaceAll('</s>', '<|x|>'))
    const tokenizer = loadTokenizer(folder)
    expect(tokenizer.decode([4, 6, 0, 7, 5, 1], { skipSpecialTokens: true })).toBe('[THINK]a[/THINK]b')
    expect(tokenizer.addedTokens.map(({ text }) => text)).toEqual(['<s>', '<|x|>', '[THINK]', '[/THINK]'])
  })

  it('adds the tokens that only tokenizer_config.json lists, under their ids', () => {
    const folder = tinyTokenizer({
      added_tokens_decoder: { 5: { content: '</s>' }, 8: { content: '<|end|>', special: true }, 3: { content: 'ab' } },
      eos_token: '<|end|>',
    })
    const tokenizer = loadTokenizer(folder, 9)
    expect(tokenizer).toMatchObject({ vocabularySize: 9, eos: { text: '<|end|>', id: 8 } })
    expect([...tokenizer.encode('a<|end|>', bare)]).toEqual([0, 8])
    expect(tokenizer.decode([0, 8], { skipSpecialTokens: true })).toBe('a')
  })

  it('refuses a configuration of another tokenizer', () => {
    const folder = tinyTokenizer({ added_tokens_decoder: { 5: { content: '<|im_end|>', special: true } } })
    expect(() => loadTokenizer(folder)).toThrow(
      expect.objectContaining({
        code: 'bad-model',
        place: `${join(folder, 'tokenizer_config.json')}:added_tokens_decoder`,
        problem: 'token 5 is "<|im_end|>" here and "</s>" in tokenizer.json',
      }),
    )
  })

  it.each([
    ['tokenizer_config.json', 'eos_token', '<|im_end|>'],
    ['tokenizer_config.json', 'bos_token', { content: '<|start|>' }],
    ['special_tokens_map.json', 'eos_token', '<|im_end|>'],
  ])('refuses a tokenizer without the token that %s names as %s', (name, role, token) => {
    const folder = tinyTokenizer({ eos_token: null, bos_token: null })
    const file = join(folder, name)
    const rest: object = name === 'tokenizer_config.json' ? JSON.parse(readFileSync(file, 'utf8')) : {}
    writeFileSync(file, JSON.stringify({ ...rest, [role]: token }))
    expect(() => loadTokenizer(folder)).toThrow(
      expect.objectContaining({
        code: 'bad-model',
        place: join(folder, 'tokenizer.json'),
        problem: expect.stringMatching(new RegExp(`no token "<\\|.*", which ${name} names as ${role}`)),
        remedy: expect.stringMatching(/same model/),
      }),
    )
  })

  it('does without a padding token that does not exist', () => {
    expect(loadTokenizer(tinyTokenizer({ pad_token: '<pad>' })).pad).toBeNull()
  })

  it('knows words that are names of JavaScript', () => {
    const folder = tinyTokenizer()
    const file = join(folder, 'tokenizer.json')
    const text = readFileSync(file, 'utf8').replace('"ab":3', '"__proto__":3,"constructor":8').replace('"a b"', '')
    writeFileSync(file, text)
    const tokenizer = loadTokenizer(folder)
    expect([tokenizer.tokenId('__proto__'), tokenizer.tokenId('constructor')]).toEqual([3, 8])
    expect([tokenizer.tokenId('toString'), tokenizer.tokenId('valueOf')]).toEqual([null, null])
    expect(tokenizer.decode([3, 8], { skipSpecialTokens: true })).toBe('__proto__constructor')
  })

  it('refuses an id that no vocabulary reaches before making room for it', () => {
    const folder = tinyTokenizer()
    const file = join(folder, 'tokenizer.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"id":7', '"id":4000000000'))
    expect(() => loadTokenizer(folder)).toThrow(expect.objectContaining({ place: `${file}:added_tokens.3.id` }))
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
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, -100))
    expect(() => loadTokenizer(folder)).toThrow(/tokenizer\.json: the file is not JSON .*Download the model folder/)
    cpSync(tinyTokenizer(), folder, { recursive: true })
    writeFileSync(file, readFileSync(file, 'utf8').replace('"BPE"', '"Morse"'))
    expect(() => loadTokenizer(folder)).toThrow(
      expect.objectContaining({
        code: 'bad-model',
        place: `${file}:model.type`,
        problem: 'tokenizers of type "Morse" are not supported (BPE, Unigram, WordPiece, WordLevel are)',
      }),
    )
    cpSync(tinyTokenizer(), folder, { recursive: true })
    writeFileSync(file, readFileSync(file, 'utf8').replace('"type":"ByteLevel"', '"type":"Morse"'))
    expect(() => loadTokenizer(folder)).toThrow(/kind that is not supported.*Morse/)
  })
})

describe('words merged each by itself', () => {
  /** SentencePiece's way: no words at all, spaces are letters. */
  function spaceTokenizer(merges: string[][]): string {
    const folder = temporaryFolder()
    const pieces = ['<unk>', ...'▁ab', ...merges.map((pair) => pair.join(''))]
    const vocab = Object.fromEntries(pieces.map((piece, id) => [piece, id]))
    const tokenizer = {
      added_tokens: [],
      normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      pre_tokenizer: null,
      post_processor: null,
      decoder: { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
      model: { type: 'BPE', vocab, merges, unk_token: '<unk>' },
    }
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer))
    return folder
  }

  it.each([
    ['within words', [['▁', 'a'], ['a', 'b'], ['▁', '▁'], ['▁▁', '▁'], ['▁a', 'b']]],
    ['across words', [['a', '▁'], ['▁', 'a'], ['b', '▁a'], ['▁', 'b'], ['a▁', 'b']]],
  ])('are merged as all of the text is, where merges stay %s', (_, merges) => {
    const tokenizer = loadTokenizer(spaceTokenizer(merges))
    const byHand = bytePairs(merges)
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 30 }), (text) => {
        const pieces = byHand(text.replaceAll(' ', '▁'))
        expect([...tokenizer.encode(text, bare)]).toEqual(pieces.map((piece) => tokenizer.tokenId(piece)))
      }),
      { numRuns: 1000 },
    )
  })
})

/**
 * The definition, as slow as it is: of all neighbours the pair that was merged first in training, the leftmost of it.
 */
function bytePairs(merges: readonly (readonly string[])[]): (word: string) => string[] {
  const ranks = new Map(merges.map((pair, rank) => [pair.join('\0'), rank]))
  return (word) => {
    const pieces = [...word]
    for (;;) {
      const scores = pieces.slice(1).map((piece, i) => ranks.get(`${pieces[i]}\0${piece}`) ?? Infinity)
      const best = Math.min(...scores)
      if (best === Infinity) return pieces
      const at = scores.indexOf(best)
      pieces.splice(at, 2, pieces[at] + pieces[at + 1])
    }
  }
}

withShared(`published tokenizers${why}`, () => {
  const Published = z.object({
    model: z.object({ vocab: z.record(z.string(), z.number()), merges: z.array(z.array(z.string())) }),
    added_tokens: z.array(z.object({ content: z.string(), id: z.number() })),
  })
  /**
   * Each byte as the letter that stands for it in the vocabulary: printable ones as they are, others from U+0100 on.
   */
  const byteLetters = (() => {
    const printable = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte < 256 && byte !== 173)
    let others = 0
    return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : 256 + others++))
  })()
  const words: Record<string, RegExp> = {
    'qwen2.5': new RegExp(
      "'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|" +
        ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
      'gu',
    ),
    minimind: /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu,
  }

  it.each(Object.keys(words))('are encoded as the definition of byte-pair encoding says: %s', (name) => {
    const folder = join(shared, 'tokenizers', name)
    const tokenizer = loadTokenizer(folder)
    const { model, added_tokens: added } = Published.parse(
      JSON.parse(readFileSync(join(folder, 'tokenizer.json'), 'utf8')),
    )
    const byHand = bytePairs(model.merges)
    const encodePlain = (text: string): number[] =>
      (text.match(words[name]) ?? []).flatMap((word) =>
        byHand([...new TextEncoder().encode(word)].map((byte) => byteLetters[byte]).join('')).map((piece) => {
          expect(model.vocab[piece], piece).toBeDefined()
          return model.vocab[piece]
        }),
      )
    const form = fc.constantFrom(
      ...['Hello', ' world', "'s", "don't", '  ', '\n\n', '\t', '12345', ' 3.14', '{"a": [1]}', '</s>', '\r\n', '—'],
      ...['Größe', '你好,世界', '🙂', 'naïve', 'العربية', 'ไทย', 'е́', '\u00a0'],
      ...['<think', 'x = y;', '    return', '\\boxed{7}', '#### 5'],
    )
    const text = fc.array(fc.oneof(form, fc.string({ unit: 'grapheme', maxLength: 8 })), { maxLength: 12 })
    fc.assert(
      fc.property(text, (parts) => {
        // Qwen composes accents first; the markers of tokens are the next test's.
        const whole = name === 'qwen2.5' ? parts.join('').normalize('NFC') : parts.join('')
        fc.pre(!added.some(({ content }) => whole.includes(content)))
        expect([...tokenizer.encode(parts.join(''), bare)]).toEqual(encodePlain(whole))
        expect(tokenizer.decode(tokenizer.encode(whole, bare), { skipSpecialTokens: true })).toBe(whole)
      }),
      { numRuns: 300 },
    )
  })

  it.each(Object.keys(words))('keep every added token in one piece, within a text too: %s', (name) => {
    const folder = join(shared, 'tokenizers', name)
    const tokenizer = loadTokenizer(folder)
    expect(tokenizer.addedTokens.length).toBeGreaterThan(20)
    for (const { text, id, isSpecial } of tokenizer.addedTokens) {
      expect([...tokenizer.encode(text, bare)]).toEqual([id])
      const around = tokenizer.encode(`a ${text}b`, bare)
      expect(around).toContain(id)
      expect(tokenizer.decode(around, { skipSpecialTokens: false })).toBe(`a ${text}b`)
      if (isSpecial) expect(tokenizer.decode(around, { skipSpecialTokens: true })).toBe('a b')
    }
  })

  it('write a character without a token as its bytes, and read it back', () => {
    const tokenizer = loadTokenizer(stories, 512)
    const ids = tokenizer.encode('a🙂b', bare)
    expect([...Buffer.from('🙂')].map((byte) => tokenizer.tokenId(`<0x${byte.toString(16).toUpperCase()}>`))).toEqual(
      [...ids].slice(-5, -1),
    )
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe('a🙂b')
    expect(tokenizer.decode(ids.subarray(0, -2), { skipSpecialTokens: true })).toBe('a\ufffd')
  })

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
