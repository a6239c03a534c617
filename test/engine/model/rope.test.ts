import { describe, expect, it } from 'vitest'
import { inverseFrequencies, ropeTables } from '../../../src/engine/model/rope.ts'

const plain = { theta: 10000, scaling: { type: 'none' } } as const

describe('inverseFrequencies', () => {
  it('falls geometrically from one', () => {
    expect([...inverseFrequencies(plain, 8)]).toEqual([1, 0.1, 0.01, 0.001].map((value) => expect.closeTo(value, 12)))
  })

  it('divides all of them by a linear factor', () => {
    const frequencies = inverseFrequencies({ theta: 10000, scaling: { type: 'linear', factor: 4 } }, 8)
    expect([...frequencies]).toEqual([0.25, 0.025, 0.0025, 0.00025].map((value) => expect.closeTo(value, 12)))
  })

  it('keeps short waves, stretches long ones and blends between, after llama3', () => {
    const scaling = {
      type: 'llama3',
      factor: 8,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalContextLength: 64,
    } as const
    const [kept, blended, stretched] = inverseFrequencies({ theta: 10000, scaling }, 8).subarray(0, 3)
    expect(kept).toBe(1) // 10.2 turns in 64 tokens
    const turns = 6.4 / (2 * Math.PI) // 1.0186: just above the lower bound
    const share = (turns - 1) / 3
    expect(blended).toBeCloseTo((1 - share) * 0.0125 + share * 0.1, 12)
    expect(stretched).toBeCloseTo(0.00125, 12)
  })
})

describe('ropeTables', () => {
  it('holds cosine and sine of position times frequency', () => {
    const { cos, sin } = ropeTables({ rope: plain, headSize: 4 }, 3)
    expect([...cos.subarray(0, 2)]).toEqual([1, 1])
    expect([...sin.subarray(0, 2)]).toEqual([0, 0])
    expect(cos[4]).toBe(Math.fround(Math.cos(2)))
    expect(sin[5]).toBe(Math.fround(Math.sin(0.02)))
  })
})
