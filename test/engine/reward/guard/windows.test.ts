import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { loadTokenizer } from '../../../../src/engine/model/tokenizer.ts'
import { promptWindows } from '../../../../src/engine/reward/guard/windows.ts'
import { writeTinyGuard } from './tinyGuard.ts'
import { temporaryFolder } from '../../../temporaryFolder.ts'

const root = temporaryFolder()
const tokenizer = loadTokenizer(writeTinyGuard(join(root, 'guard')))
const make = (question: string, text: string) =>
  tokenizer.encode(`Q:${question}\nA:${text}`, { addSpecialTokens: false })
const decode = (tokens: Int32Array) => tokenizer.decode(tokens, { skipSpecialTokens: false })
const windowsOf = (question: string, text: string, limit: number) =>
  promptWindows(tokenizer, make, { question, text }, limit, 'guard').map(decode)

it('leaves a text that fits in one piece, whatever its question', () => {
  expect(windowsOf('How?', 'No.', 64)).toEqual(['Q:How?\nA:No.'])
})

it('shows every character of a text, in order, in parts that fit and overlap', () => {
  const unit = fc.constantFrom('a', 'b', ' ', '\n', 'é', '漢', '🎈')
  const letters = fc.string({ unit, minLength: 1, maxLength: 400 })
  fc.assert(
    fc.property(letters, letters, fc.integer({ min: 64, max: 200 }), (question, text, limit) => {
      const prompts = promptWindows(tokenizer, make, { question, text }, limit, 'guard')
      expect(Math.max(...prompts.map(({ length }) => length))).toBeLessThanOrEqual(limit)
      const parts = prompts.map((prompt) => decode(prompt).split('\nA:').slice(1).join('\nA:'))
      let seen = 0
      for (const part of parts) {
        // A part begins at or before the first character that was not shown yet.
        const start = text.lastIndexOf(part, seen)
        expect(start).toBeGreaterThanOrEqual(0)
        seen = Math.max(seen, start + part.length)
      }
      expect(seen).toBe(text.length)
      if (parts.length > 1) expect(parts.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(text.length)
    }),
  )
})

it('cuts a long question only where the text does not fit beside it', () => {
  const question = 'why '.repeat(30)
  expect(windowsOf(question, 'No.', 200)).toHaveLength(1)
  const windows = windowsOf(question, 'word '.repeat(40), 100)
  for (const window of windows) expect(window).toContain(`Q:${question.slice(0, 25)}\n`)
})
