import { expect, test } from 'vitest'
import { lineStyle, signPlaces } from '../../src/renderer/charts/lineStyle.ts'

test('gives the seeds of an arm one colour and sign, and dashes of their own', () => {
  const [first, second] = [0, 1].map((seed) => lineStyle({ arm: 2, seed }, false))
  expect([second.color, second.sign]).toEqual([first.color, first.sign])
  expect(second.dash).not.toEqual(first.dash)
})

test('tells arms apart by colour and by sign, in either theme', () => {
  for (const isDark of [false, true]) {
    const styles = Array.from({ length: 8 }, (_, arm) => lineStyle({ arm, seed: 0 }, isDark))
    expect(new Set(styles.map(({ color }) => color)).size).toBe(8)
    expect(new Set(styles.map(({ sign }) => sign)).size).toBe(8)
  }
})

test('puts a few signs on a long line, one on a single point, and those of other arms elsewhere', () => {
  expect(signPlaces(1, { arm: 3, seed: 0 })).toEqual([0])
  expect(signPlaces(0, { arm: 3, seed: 0 })).toEqual([])
  const [one, other] = [0, 1].map((arm) => signPlaces(300, { arm, seed: 0 }))
  expect(one.length).toBe(5)
  expect(one.every((place) => place < 300 && !other.includes(place))).toBe(true)
})
