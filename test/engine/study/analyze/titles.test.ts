/** What comparisons say: clear only where interval and test agree. */
import { expect, test } from 'vitest'
import { comparedPairs, comparisonTitle, medianTitle } from '../../../../src/engine/study/analyze/titles.ts'

const words = { more: 'more', less: 'less', unclear: 'no clear difference' }
const outcomeOf = (low: number | null, high: number | null, p: number, pairs = 20, value = -0.3) =>
  comparedPairs('rl', { value, low, high, p, pairs }, String)

test('a paired difference is clear where its interval and its test say so, and perhaps there where they disagree', () => {
  expect(outcomeOf(-0.5, -0.1, 0.01).outcome).toBe('less')
  expect(outcomeOf(-0.5, 0.1, 0.2).outcome).toBe('unclear')
  expect(outcomeOf(-0.5, 0, 0.01).outcome).toBe('perhaps less')
  expect(outcomeOf(-0.5, -1e-17, 0.06).outcome).toBe('unclear')
  const doubtful = outcomeOf(-0.567, -0.0167, 0.0547)
  expect(comparisonTitle('Tokens', [doubtful], words)).toBe('Tokens: perhaps less in rl (-0.3, p = 0.055).')
})

test('where all prompts differ alike the test speaks alone, and so it does of few prompts', () => {
  expect(outcomeOf(null, null, 2 / 4096).outcome).toBe('less')
  expect(outcomeOf(null, null, 1, 20, 0).outcome).toBe('unclear')
  expect(outcomeOf(null, null, 0.01, 8).outcome).toBe('less')
  expect(outcomeOf(null, null, 0.0625, 5).outcome).toBe('missing')
})

test('names arms as a sentence does, and the half of each where they differ', () => {
  const unclear = ['sft', 'rl', 'rl-whole'].map((name) => ({ name, outcome: 'unclear' as const, numbers: '' }))
  expect(comparisonTitle('Tokens', unclear, words)).toBe('Tokens: no clear difference in sft, rl and rl-whole.')
  const medians = (a: number, b: number) => medianTitle('Tokens', [{ name: 'sft', value: a }, { name: 'rl', value: b }], 'count')
  expect(medians(43, 43)).toBe('Tokens: half lie below about 43 in sft and rl.')
  expect(medians(43, 40)).toBe('Tokens: half lie below about 40 in rl, and up to about 43 in sft.')
})
