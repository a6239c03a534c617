import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { groupAdvantages } from '../../../../src/engine/train/policy/advantages.ts'

const reference = JSON.parse(
  readFileSync(new URL('../../../fixtures/rl-loss/expected.json', import.meta.url), 'utf8'),
).advantage_normalisation
const groups: number[][] = [0, 4, 8].map((start) => reference.rewards.slice(start, start + 4))

function expectClose(actual: (number | null)[][], expected: number[]): void {
  const flat = actual.flat()
  expect(flat).toHaveLength(expected.length)
  flat.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 12))
}

describe('groupAdvantages', () => {
  it.each([
    ['group', 'scale_group'],
    ['batch', 'scale_batch'],
    ['none', 'scale_none'],
  ] as const)('gives the reference numbers for rule %s', (rule, key) => {
    const { advantages, spreadless } = groupAdvantages(groups, rule)
    expectClose(advantages, reference[key])
    expect(spreadless).toEqual([2])
  })

  it('subtracts the mean of the others under leave-one-out', () => {
    const { advantages } = groupAdvantages([[1, 0, 0.5, 0.25]], 'leave-one-out')
    expectClose(advantages, [1 - 0.75 / 3, 0 - 1.75 / 3, 0.5 - 1.25 / 3, 0.25 - 1.5 / 3])
  })

  it('gives exactly zero when all rewards tie, also where their mean rounds', () => {
    const { advantages, spreadless } = groupAdvantages([[0.1, 0.1, 0.1], [0.7]], 'group')
    expect(advantages).toEqual([[0, 0, 0], [0]])
    expect(spreadless).toEqual([0, 1])
  })

  it('leaves unscorable samples out of the mean and gives them no advantage', () => {
    const { advantages, spreadless } = groupAdvantages(
      [
        [1, null, 0],
        [null, 1, null],
      ],
      'none',
    )
    expect(advantages).toEqual([
      [0.5, null, -0.5],
      [null, 0, null],
    ])
    expect(spreadless).toEqual([1])
  })

  it('refuses a reward that is not finite', () => {
    expect(() => groupAdvantages([[0, Number.NaN]], 'group')).toThrow('reward of group 0')
  })
})
