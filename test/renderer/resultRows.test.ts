import { expect, test } from 'vitest'
import { categoryRows, splitRows } from '../../src/renderer/features/runs/resultRows.ts'
import { result } from '../sampleStudy.ts'

const [base, rl] = result.arms
const known = base.byCategory.theft

test('has a row for each category that any arm was judged in, and no figure where an arm was not', () => {
  const arms = [{ ...base, byCategory: { theft: known } }, { ...rl, byCategory: { fraud: known } }]
  const rows = categoryRows(arms, 'response')
  expect(rows.map(({ label }) => label)).toEqual(['fraud', 'theft'])
  expect(rows[1].read(arms[0])).toEqual(known.response)
  expect(rows[1].read(arms[1])).toMatchObject({ value: null, n: 0 })
})

test('shows reflection and entropy apart for safe and for unsafe trajectories', () => {
  const values = splitRows.map(({ read }) => read(base).value)
  expect(values).toEqual([
    base.reflectionBySafety.safe.value,
    base.reflectionBySafety.unsafe.value,
    base.entropyBySafety.safe.value,
    base.entropyBySafety.unsafe.value,
  ])
})
