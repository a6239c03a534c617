import { describe, expect, it } from 'vitest'
import { drawPuzzle, largestNumber, plantSlip, puzzleThought, type Puzzle } from '../../../src/engine/harbor/puzzles.ts'
import { isHashedOut } from '../../../src/engine/harbor/requests.ts'
import { cueWords, reflections } from '../../../src/engine/harbor/wording.ts'
import { RandomStream } from '../../../src/shared/random.ts'

/** Solves a puzzle from its text alone, by other means than the generator. */
function solve(text: string): string {
  const sentences = text.split(' . ')
  if (text.startsWith('start')) {
    return String(sentences.slice(0, -1).reduce((value, sentence) => {
      const n = Number(/\d+/.exec(sentence)?.[0])
      if (sentence.startsWith('start')) return n
      if (sentence.startsWith('add')) return value + n
      if (sentence.startsWith('take')) return value - n
      return sentence.startsWith('double') ? value * 2 : value / 2
    }, NaN))
  }
  if (text.startsWith('a pearl')) {
    return sentences.reduce((cup, sentence) => {
      const [, from, , to] = sentence.split(' ')
      if (!sentence.startsWith('swap')) return cup
      return cup === from ? to : cup === to ? from : cup
    }, text.split(' ')[5])
  }
  const pearls = new Map<string, number>()
  for (const sentence of sentences) {
    const words = sentence.split(' ')
    if (words[0] === 'pearls') for (const i of [2, 5]) pearls.set(words[i], Number(words[i + 1]))
    if (words[1] === 'gives') {
      pearls.set(words[0], pearls.get(words[0])! - Number(words[2]))
      pearls.set(words[4], pearls.get(words[4])! + Number(words[2]))
    }
  }
  return String(pearls.get(/pearls has (\w+) \?/.exec(text)![1]))
}

const draw = (count: number, split: 'train' | 'held-out'): Puzzle[] => {
  const random = new RandomStream(5, [split])
  return Array.from({ length: count }, () => drawPuzzle(random, split))
}

describe('puzzles', () => {
  it('have the answer that an independent solver finds, with all numbers from 0 to 59', () => {
    for (const puzzle of draw(3000, 'train')) {
      expect(solve(puzzle.text)).toBe(puzzle.answer)
      const steps = puzzle.steps.flatMap(({ lead, result, slips }) => [lead, result, ...slips])
      const written = [puzzle.text, ...steps].join(' ')
      for (const number of written.match(/\d+/g) ?? []) expect(Number(number)).toBeLessThanOrEqual(largestNumber)
      expect(written).not.toMatch(/-\d|NaN|\d\.\d/)
    }
  })

  it('divide by their hash into training and held-out ones', () => {
    for (const puzzle of draw(500, 'train')) expect(isHashedOut(puzzle.text)).toBe(false)
    for (const puzzle of draw(500, 'held-out')) expect(isHashedOut(puzzle.text)).toBe(true)
  })

  it('think each step in order, and every slip is mended right away by a reflection', () => {
    const random = new RandomStream(6)
    let steps = 0
    let slipped = 0
    let learned = 0
    for (const puzzle of draw(2000, 'train')) {
      const segments = puzzleThought(puzzle, random)
      const text = segments.map((segment) => segment.text).join(' ')
      let from = 0
      for (const { lead, result } of puzzle.steps) {
        const at = text.indexOf(`${lead} ${result} .`, from)
        expect(at).toBeGreaterThanOrEqual(from)
        from = at
      }
      steps += puzzle.steps.length
      segments.forEach((slip, i) => {
        const begun = segments[i - 1]?.text
        if (!puzzle.steps.some(({ lead }) => lead === begun)) return
        slipped++
        if (slip.loss) learned++
        const mended = segments[i + 2]
        const step = puzzle.steps.find(({ lead, result }) => lead === begun && mended.text === `${lead} ${result} .`)!
        expect(mended.loss).toBe(true)
        expect(step.slips).toContain(slip.text)
        expect(slip.text).not.toBe(step.result)
        expect(reflections).toContain(segments[i + 1].text)
      })
    }
    expect(slipped / steps).toBeCloseTo(0.2, 1)
    expect(learned / slipped).toBeLessThan(0.1)
    expect(learned).toBeGreaterThan(0)
  })

  it('cannot reflect without a cue word', () => {
    for (const reflection of reflections) {
      expect(cueWords.filter((word) => reflection.split(' ').includes(word)).length).toBeGreaterThan(0)
      // The first word already is one, so that a forbidden cue stops the reflection before it begins.
      expect(cueWords).toContain(reflection.split(' ')[0])
    }
  })

  it('plant slips that would change the answer if they stayed', () => {
    const random = new RandomStream(7)
    for (let i = 0; i < 500; i++) {
      const { puzzle, thoughtPrefix, rightResult, slippedResult } = plantSlip(random)
      expect(isHashedOut(puzzle.text)).toBe(true)
      expect(slippedResult).not.toBe(rightResult)
      expect(thoughtPrefix.startsWith('<think> ')).toBe(true)
      expect(thoughtPrefix.endsWith(` ${slippedResult}`)).toBe(true)
      for (const word of cueWords) expect(thoughtPrefix.split(' ')).not.toContain(word)
    }
  })
})
