import { describe, expect, it } from 'vitest'
import { seedSpread } from '../../src/shared/seedSpread.ts'

const none = { thought: null, response: null, hiddenRisk: null, overRefusal: null, reasoning: null }

describe('seedSpread', () => {
  it('gives mean, smallest and largest value over the seeds', () => {
    const bySeed = [0.7, 0.6, 0.8].map((whole, seed) => ({ ...none, seed, whole }))
    expect(seedSpread({ bySeed }, 'whole')).toEqual({ mean: expect.closeTo(0.7, 12), low: 0.6, high: 0.8 })
  })

  it('says nothing of one seed, or of a figure that no seed has', () => {
    const bySeed = [0.7, 0.6].map((whole, seed) => ({ ...none, seed, whole }))
    expect(seedSpread({ bySeed: bySeed.slice(0, 1) }, 'whole')).toBeNull()
    expect(seedSpread({ bySeed }, 'thought')).toBeNull()
  })

  it('leaves out seeds in which nothing was scored', () => {
    const bySeed = [0.7, null].map((whole, seed) => ({ ...none, seed, whole }))
    expect(seedSpread({ bySeed }, 'whole')).toEqual({ mean: 0.7, low: 0.7, high: 0.7 })
  })
})
