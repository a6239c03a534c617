import { describe, expect, it } from 'vitest'
import { philox, RandomStream } from '../../src/shared/random.ts'

describe('philox', () => {
  // Known answers published with the reference implementation (Random123, kat_vectors).
  it.each([
    [[0, 0], [0, 0, 0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0xa4093822, 0x299f31d0],
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('gives the published answer for key %j', (key, counter, answer) => {
    const out = new Uint32Array(4)
    philox(key[0], key[1], counter[0], counter[1], counter[2], counter[3], out)
    expect([...out]).toEqual(answer)
  })
})

describe('RandomStream', () => {
  it('goes on from a stored position as if it had never stopped', () => {
    const whole = new RandomStream(7, ['rollout', 3])
    const numbers = Array.from({ length: 11 }, () => whole.uniform())
    const first = new RandomStream(7, ['rollout', 3])
    for (let i = 0; i < 5; i++) first.uniform()
    const second = new RandomStream(7, ['rollout', 3], first.position)
    expect(Array.from({ length: 6 }, () => second.uniform())).toEqual(numbers.slice(5))
  })

  it('gives forks of different names different numbers', () => {
    const stream = new RandomStream(0)
    expect(stream.fork('a').uint32()).not.toBe(stream.fork('b').uint32())
    expect(stream.fork(1).uint32()).not.toBe(stream.fork('1').uint32())
  })

  it('has the mean and variance of a uniform', () => {
    const stream = new RandomStream(1)
    let sum = 0
    let squares = 0
    const count = 20000
    for (let i = 0; i < count; i++) {
      const u = stream.uniform()
      sum += u
      squares += u * u
    }
    expect(sum / count).toBeCloseTo(0.5, 2)
    expect(squares / count - (sum / count) ** 2).toBeCloseTo(1 / 12, 2)
  })

  it('shuffles without losing anything', () => {
    const shuffled = new RandomStream(2).shuffle([1, 2, 3, 4, 5, 6, 7, 8])
    expect([...shuffled].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(shuffled).not.toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })
})
