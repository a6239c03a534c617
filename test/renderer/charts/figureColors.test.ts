import { describe, expect, test } from 'vitest'
import { seriesKinds } from '../../../src/renderer/charts/figureColors.ts'
import { lineStyle } from '../../../src/renderer/charts/lineStyle.ts'
import type { Figure } from '../../../src/shared/figure.ts'

const arms = ['base', 'sft', 'rl']
const drawn = (kind: Figure['kind'], names: string[], known = arms) =>
  seriesKinds({ kind, series: names.map((name) => ({ name, points: [] })) }, known)
const colors = (kind: Figure['kind'], names: string[]) => drawn(kind, names).map((each) => lineStyle(each, false).color)

describe('the look of a series', () => {
  test('is the same for an arm, whoever stands beside it', () => {
    const [, sft, rl] = colors('bars', arms)
    expect(colors('bars', ['sft', 'rl'])).toEqual([sft, rl])
    expect(colors('lines', ['rl'])).toEqual([rl])
  })

  test.each([
    ['rl: safe', 'rl: unsafe'],
    ['rl (seed 0)', 'rl (seed 1)'],
  ])('tells %s and %s apart by dashes, not by colour', (...names) => {
    const [safe, unsafe] = drawn('lines', names)
    expect([safe.arm, unsafe.arm]).toEqual([2, 2])
    expect(lineStyle(safe, false).dash).not.toEqual(lineStyle(unsafe, false).dash)
  })

  test('differs from all arms where it is none, and between any two series of a figure', () => {
    const parts = colors('bars', ['Thought', 'Answer', 'Both'])
    expect(new Set([...parts, ...colors('bars', arms)]).size).toBe(6)
    const against = drawn('bars', ['sft against base', 'sft against rl'])
    expect(against[0]).not.toEqual(against[1])
    expect(drawn('lines', ['a', 'b'], [])).toEqual([
      { arm: 0, seed: 0 },
      { arm: 1, seed: 1 },
    ])
  })
})
