import { describe, expect, test } from 'vitest'
import { conditionCount, filterFromQuery, queryFromFilter } from '../../../src/renderer/features/trajectories/filterQuery.ts'
import type { TrajectoryFilter } from '../../../src/shared/rpc/trajectories.ts'

const filter: TrajectoryFilter = {
  runId: 'r',
  arm: 'rl',
  seed: 0,
  step: 12,
  verdicts: { thought: 'unsafe', response: 'safe' },
  rewardFrom: -0.5,
  search: 'wait, why',
}

describe('a filter in the address', () => {
  test('comes back as it was', () => {
    const query = Object.fromEntries(Object.entries(queryFromFilter(filter)).map(([name, value]) => [name, String(value)]))
    expect(filterFromQuery(query)).toEqual(filter)
  })
  test('leaves out what cannot be understood', () => {
    expect(filterFromQuery({ step: 'soon', thought: 'perhaps', phase: 'train', other: '1' })).toEqual({ phase: 'train' })
  })
  test('does not count the search among its conditions', () => {
    expect(conditionCount({ search: 'wait' })).toBe(0)
    expect(conditionCount(filter)).toBe(7)
  })
})
