/** Tokens as texts: spaces, characters of several tokens, parts and cues. */
import { expect, test } from 'vitest'
import { tokenTexts } from '../../../src/engine/study/tokenTexts.ts'

const tags = { open: '<think>', close: '</think>' }

/** Words with spaces between them, as a word-level tokenizer decodes; numbers from 200 on are bytes of UTF-8. */
const words = ['<think>', '</think>', 'but', 'wait', 'it', 'is', 'safe', 'waiting']
function decode(ids: ArrayLike<number>): string {
  let text = ''
  let bytes: number[] = []
  const flush = () => {
    text += new TextDecoder().decode(Uint8Array.from(bytes))
    bytes = []
  }
  for (const id of Array.from(ids)) {
    if (id >= 200) {
      bytes.push(id - 200)
      continue
    }
    flush()
    text += (text === '' ? '' : ' ') + words[id]
  }
  flush()
  return text
}
const shown = (tokens: number[], state: 'complete' | 'unfinished-thought' | 'no-thought' = 'complete') =>
  tokenTexts(Int32Array.from(tokens), { state }, tags, { decode }, 'r1')

test('together they are what was written, and cues are found in the thought only', () => {
  const tokens = [0, 7, 3, 2, 4, 1, 2, 6]
  const { texts, thought, response, cues } = shown(tokens)
  expect(texts).toEqual(['<think>', ' waiting', ' wait', ' but', ' it', ' </think>', ' but', ' safe'])
  expect(texts.join('')).toBe(decode(tokens))
  expect([thought, response]).toEqual([{ start: 1, end: 5 }, { start: 6, end: 8 }])
  expect(cues).toEqual([{ start: 2, end: 3 }, { start: 3, end: 4 }])
})

test('a character of several tokens stands with its last one, and half of one at the end is shown as such', () => {
  const euro = [...new TextEncoder().encode('€')].map((byte) => byte + 200)
  expect(shown([4, ...euro, 5], 'no-thought').texts).toEqual(['it', '', '', '€', ' is'])
  expect(shown([4, ...euro.slice(0, 2)], 'no-thought').texts.join('')).toBe('it\uFFFD')
})

test('of nothing there is nothing', () => {
  expect(shown([], 'no-thought')).toEqual({
    texts: [],
    thought: { start: 0, end: 0 },
    response: { start: 0, end: 0 },
    cues: [],
  })
})
