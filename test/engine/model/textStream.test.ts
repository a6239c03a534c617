/** Text of tokens as they come is the text of them all. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textStream } from '../../../src/engine/model/textStream.ts'
import { loadTokenizer } from '../../../src/engine/model/tokenizer.ts'

const shared = process.env['REFLECTORY_SHARED'] ?? '../shared'
const folders = { bytes: 'tokenizers/minimind', fallback: 'models/stories260K-hf' }
const missing = Object.values(folders).some((folder) => !existsSync(join(shared, folder)))
const why = missing ? ` (skipped: ${shared} is not there)` : ''

/** Tokens from 1 to 255 are bytes, and 0 has no text. */
const decodeBytes = (ids: ArrayLike<number>) => new TextDecoder().decode(Uint8Array.from(ids).filter((id) => id > 0))

function streamed(tokens: readonly number[], decode: (ids: ArrayLike<number>) => string): string[] {
  const stream = textStream(decode)
  return [...tokens.map((token) => stream.push(token)), stream.end()]
}

describe('textStream', () => {
  it('holds a character back until its last byte, and shows half of one at the end as such', () => {
    expect(streamed([97, ...Buffer.from('€'), 98], decodeBytes)).toEqual(['a', '', '', '€', 'b', ''])
    expect(streamed([97, ...Buffer.from('🙂').subarray(0, 3)], decodeBytes)).toEqual(['a', '', '', '', '\ufffd'])
    expect(streamed([], decodeBytes)).toEqual([''])
  })

  it('gives the same text for any bytes, broken ones and tokens without text included', () => {
    const bytes = fc.array(fc.constantFrom(0, 97, 32, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xef, 0xbf, 0xbd, 0xff))
    fc.assert(
      fc.property(bytes, (tokens) => {
        expect(streamed(tokens, decodeBytes).join('')).toBe(decodeBytes(tokens))
      }),
      { numRuns: 2000 },
    )
  })

  it('does not grow slower on bytes that never become a character', () => {
    let decoded = 0
    const counting = (ids: ArrayLike<number>) => {
      decoded += ids.length
      return decodeBytes(ids)
    }
    streamed(Array<number>(5000).fill(0xff), counting)
    expect(decoded).toBeLessThan(5000 * 30)
  })
})

describe.skipIf(missing)(`textStream on published tokenizers${why}`, () => {
  it.each(Object.entries(folders))('brings any text back: %s', (_, folder) => {
    const tokenizer = loadTokenizer(join(shared, folder))
    const decode = (ids: ArrayLike<number>) => tokenizer.decode(ids, { skipSpecialTokens: true })
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
        const tokens = [...tokenizer.encode(` two  words ${text}\n`, { addSpecialTokens: true })]
        const pieces = streamed(tokens, decode)
        expect(pieces.join('')).toBe(decode(tokens))
        if (!text.includes('\ufffd')) expect(pieces.join('')).not.toContain('\ufffd')
      }),
      { numRuns: 200 },
    )
  })
})
