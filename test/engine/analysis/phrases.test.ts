import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { phrasePattern } from '../../../src/engine/analysis/phrases.ts'

const found = (phrases: string[], text: string) => [...text.matchAll(phrasePattern(phrases))].map(([match]) => match)

describe('phrasePattern', () => {
  it('finds the longest of phrases that begin together', () => {
    const phrases = ['I can', 'I can not', 'I can not help', "I can't", 'I']
    expect(found(phrases, 'I can not help, I  can not say, I can’t, i can, I will')).toEqual([
      'I can not help',
      'I  can not',
      'I can’t',
      'i can',
      'I',
    ])
  })

  it('reads whole words only, and signs as they are', () => {
    expect(found(['rob', 'first,', 'a.b'], 'robot Rob first, firsts a.b axb problem über-rob')).toEqual([
      'Rob',
      'first,',
      'a.b',
      'rob',
    ])
  })

  it('finds words of scripts without spaces where they stand, and others not inside of longer words', () => {
    expect(found(['等等', '但是', 'รอ'], '我想等等再说,但是不行。โปรดรอสักครู่')).toEqual(['等等', '但是', 'รอ'])
    // A vowel sign is a part of the word.
    expect(found(['मगर', 'रुको'], 'मगरा, मगर। रुको')).toEqual(['मगर', 'रुको'])
    expect(found(['잠깐'], '잠깐, 잠깐만')).toEqual(['잠깐'])
  })

  it('asks for no edge where a phrase begins or ends with a sign', () => {
    expect(found(['?!', '🤔', 'hmm...'], 'what?! ok🤔but hmm...no')).toEqual(['?!', '🤔', 'hmm...'])
    expect(found(['wait', 'wait...', 'wait... no'], 'wait, waiter, wait...now, wait... no')).toEqual(['wait', 'wait...', 'wait... no'])
  })

  it('finds blank phrases nowhere, and the others beside them', () => {
    expect(found([' ', '\n'], 'a b, c')).toEqual([])
    expect(found([' ', 'b'], 'a b, c')).toEqual(['b'])
    expect(found([], 'a b')).toEqual([])
  })

  it('takes ten thousand words, and one of ten thousand characters', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => `word${i}`)
    expect(found([...many, '('.repeat(10_000)], `word7 word77777 ${'('.repeat(10_000)}`)).toHaveLength(2)
  })

  it('finds what a plain list of alternatives finds', () => {
    const words = fc.constantFrom('a', 'b', "a'", 'ab', 'a,', 'c')
    const phrase = fc.array(words, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(' '))
    fc.assert(
      fc.property(fc.array(phrase, { minLength: 1, maxLength: 8 }), fc.array(words), (phrases, text) => {
        const longestFirst = [...phrases].sort((a, b) => b.length - a.length)
        const plain = new RegExp(`(?<![\\p{L}\\p{N}])(?:${longestFirst.join('|')})(?![\\p{L}\\p{N}])`, 'gu')
        expect(found(phrases, text.join(' '))).toEqual(text.join(' ').match(plain) ?? [])
      }),
      { numRuns: 300 },
    )
  })
})
