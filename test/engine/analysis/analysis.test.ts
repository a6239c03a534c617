import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sumEntropies } from '../../../src/engine/analysis/entropy.ts'
import { cueCounter } from '../../../src/engine/analysis/reflection.ts'
import { segmentTokens } from '../../../src/engine/analysis/segments.ts'

describe('cueCounter', () => {
  it('counts the cues of a preset as whole words, whatever their case', () => {
    const text = 'Wait, let me check. But the waiter checked; WAIT - an error, alternatively not.'
    expect(cueCounter('r1')(text)).toBe(5) // Wait, check, But, WAIT, error
    expect(cueCounter('cyclic-reflex')(text)).toBe(4) // Wait, But, WAIT, alternatively
  })

  it('takes own lists, phrases and signs of patterns included', () => {
    const count = cueCounter(['hold on', 'no.', 'hmm'])
    expect(count('Hold\n on. Hmm no. nox')).toBe(3)
    expect(count('nox household once')).toBe(0)
  })

  it('knows letters beyond ASCII as parts of words', () => {
    expect(cueCounter(['but'])('début butée, but')).toBe(1)
  })

  it('counts the same again on the same text', () => {
    const count = cueCounter('r1')
    expect([count('wait but'), count('wait but'), count('')]).toEqual([2, 2, 0])
  })
})

describe('entropies', () => {
  it('sums a half-open range', () => {
    expect(sumEntropies(Float32Array.of(1, 2, 3, 4), { start: 1, end: 3 })).toEqual({ sum: 5, count: 2 })
    expect(sumEntropies(Float32Array.of(1), { start: 1, end: 1 })).toEqual({ sum: 0, count: 0 })
  })
})

describe('segmentTokens', () => {
  const tags = { open: '<think>', close: '</think>' }
  const segment = (pieces: string[], state: 'complete' | 'unfinished-thought' | 'no-thought') =>
    segmentTokens(Int32Array.from(pieces.keys()), state, tags, (tokens) =>
      Array.from(tokens, (id) => pieces[id]).join(''),
    )

  it('leaves tags of one token out of both parts', () => {
    expect(segment(['<think>', 'a', 'b', '</think>', 'c', 'd'], 'complete')).toEqual({
      thought: { start: 1, end: 3 },
      response: { start: 4, end: 6 },
    })
  })

  it('begins at once where the prompt has opened the thought', () => {
    expect(segment(['a', 'b', '</think>', 'c'], 'complete')).toEqual({
      thought: { start: 0, end: 2 },
      response: { start: 3, end: 4 },
    })
  })

  it('counts another thought right behind the first as thought', () => {
    const pieces = ['<think>', 'a', '</think>', '\n', '<think>', 'b', '</think>', 'c', '<think>', 'd', '</think>']
    expect(segment(pieces, 'complete')).toEqual({ thought: { start: 1, end: 6 }, response: { start: 7, end: 11 } })
  })

  it('finds tags of several tokens, and gives a mixed token to the tag', () => {
    const pieces = ['<th', 'ink>\n', 'a', '.</', 'th', 'ink>', 'c']
    expect(segment(pieces, 'complete')).toEqual({ thought: { start: 2, end: 3 }, response: { start: 6, end: 7 } })
  })

  it('gives all to the thought that never ends, and all to the response without a thought', () => {
    expect(segment(['a', 'b'], 'unfinished-thought')).toEqual({
      thought: { start: 0, end: 2 },
      response: { start: 2, end: 2 },
    })
    expect(segment(['a', '</think>'], 'no-thought')).toEqual({
      thought: { start: 0, end: 0 },
      response: { start: 0, end: 2 },
    })
  })

  it('agrees with the text, however it is cut into tokens', () => {
    const parts = fc.array(fc.constantFrom('a', 'bc', 'd '), { maxLength: 8 }).map((list) => list.join(''))
    fc.assert(
      fc.property(
        parts,
        parts,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (thought, response, sizes) => {
          const text = `<think>${thought}</think>${response}`
          const pieces: string[] = []
          for (let at = 0, i = 0; at < text.length; at += sizes[i++ % sizes.length])
            pieces.push(text.slice(at, at + sizes[i % sizes.length]))
          const segments = segment(pieces, 'complete')
          expect(thought).toContain(pieces.slice(segments.thought.start, segments.thought.end).join(''))
          expect(response.endsWith(pieces.slice(segments.response.start).join(''))).toBe(true)
          expect(segments.thought.end).toBeLessThanOrEqual(segments.response.start)
        },
      ),
    )
  })
})
