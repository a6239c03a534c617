import { describe, expect, test } from 'vitest'
import { chunksOf, heatLevel } from '../../../src/renderer/features/trajectories/tokenChunks.ts'

const covers = (texts: string[]) => {
  const chunks = chunksOf(texts, 0, texts.length)
  return chunks.every(({ start }, i) => start === (i === 0 ? 0 : chunks[i - 1].end)) && chunks.at(-1)?.end === texts.length
}

describe('pieces of a long text', () => {
  test('leave a short text whole and an empty one without pieces', () => {
    expect(chunksOf(Array(300).fill(' a'), 0, 300)).toEqual([{ start: 0, end: 300 }])
    expect(chunksOf([], 0, 0)).toEqual([])
  })
  test('hold every token once', () => {
    expect(covers(Array(16_000).fill(' word'))).toBe(true)
    expect(covers(Array(1000).fill(''))).toBe(true)
  })
  test('end with a line where there is one, else with a sentence', () => {
    const texts = Array<string>(1000).fill(' a')
    texts[200] = '.\n'
    texts[300] = '.'
    expect(chunksOf(texts, 0, 1000)[0].end).toBe(201)
    texts[200] = ' a'
    expect(chunksOf(texts, 0, 1000)[0].end).toBe(301)
  })
})

describe('heat', () => {
  test('rises with entropy, and with how unlikely a token was', () => {
    expect([0, 0.1, 0.6, 1.5, 9].map((entropy) => heatLevel('entropy', entropy, -1))).toEqual([0, 1, 2, 3, 4])
    expect([0, -0.5, -1, -3, -9].map((log) => heatLevel('surprise', 9, log))).toEqual([0, 1, 2, 3, 4])
  })
  test('is none on a token that was given, and where it is turned off', () => {
    expect(heatLevel('entropy', null, null)).toBe(0)
    expect(heatLevel('none', 9, -9)).toBe(0)
  })
})
