import { describe, expect, it } from 'vitest'
import { drawPrompts, redraw } from '../../../../src/engine/train/policy/promptDraw.ts'
import { RandomStream } from '../../../../src/shared/random.ts'
import { wordPrompt } from './tinySampler.ts'

const sources = { small: [0, 1, 2].map(wordPrompt), large: Array.from({ length: 20 }, (_, i) => wordPrompt(100 + i)) }
const random = new RandomStream(3)

describe('drawPrompts', () => {
  it('takes from each source as many as asked, and every prompt once before any comes again', () => {
    const steps = [0, 1, 2, 3].map((step) => drawPrompts(sources, { small: 1, large: 5 }, step, random))
    for (const draws of steps) expect(draws.map(({ source }) => source)).toEqual(['small', ...Array(5).fill('large')])
    const large = steps.flat().filter(({ source }) => source === 'large')
    expect(new Set(large.map(({ prompt }) => prompt.id)).size).toBe(20)
    const small = steps
      .slice(0, 3)
      .flat()
      .filter(({ source }) => source === 'small')
    expect(new Set(small.map(({ prompt }) => prompt.id)).size).toBe(3)
  })

  it('goes on with the next epoch where a source is smaller than what a step asks for', () => {
    const drawn = drawPrompts(sources, { small: 7 }, 0, random).map(({ prompt }) => prompt.id)
    expect(new Set(drawn.slice(0, 3)).size).toBe(3)
    expect(new Set(drawn.slice(3, 6)).size).toBe(3)
  })

  it('draws the same for the same step and seed', () => {
    expect(drawPrompts(sources, { large: 5 }, 9, random)).toEqual(
      drawPrompts(sources, { large: 5 }, 9, new RandomStream(3)),
    )
    expect(drawPrompts(sources, { large: 5 }, 9, random)).not.toEqual(
      drawPrompts(sources, { large: 5 }, 9, new RandomStream(4)),
    )
  })
})

describe('redraw', () => {
  it('takes unused prompts of the same source, and fewer where there are no more', () => {
    const unwanted = [...drawPrompts(sources, { small: 2, large: 2 }, 0, random)]
    const used = new Set(unwanted.map(({ prompt }) => prompt))
    const fresh = redraw(sources, unwanted, used, random)
    expect(fresh.map(({ source }) => source)).toEqual(['small', 'large', 'large'])
    expect(fresh.some(({ prompt }) => used.has(prompt))).toBe(false)
  })
})
