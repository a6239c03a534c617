/** The estimate of what a study's records take. */
import { expect, test } from 'vitest'
import { checkDiskSpace, estimateRecords } from '../../src/host/diskSpace.ts'
import { StudyConfig } from '../../src/shared/study.ts'
import { study } from '../sampleStudy.ts'

test('grows with steps, samples, seeds and length', () => {
  const sizeOf = (changes: object) =>
    estimateRecords(StudyConfig.parse({ name: 'a', seeds: [0], arms: [{ name: 'rl', method: 'rl', ...changes }] }))
  expect(sizeOf({ steps: 20 })).toBeGreaterThan(sizeOf({ steps: 10 }))
  expect(sizeOf({ sampling: { maxNewTokens: 1000 } })).toBeGreaterThan(sizeOf({ sampling: { maxNewTokens: 100 } }))
  expect(estimateRecords({ ...study, seeds: [0, 1, 2] })).toBe(3 * estimateRecords({ ...study, seeds: [0] }))
})

test('refuses before the start where the records would not fit, with both sizes', () => {
  expect(() => checkDiskSpace('/s.sqlite', study, 200_000_000)).toThrow(
    /^\/s\.sqlite: the records of this study may take [\d.]+ GB beside 0\.27 GB that stay free, and 0\.20 GB are free there\. Make room/,
  )
  expect(() => checkDiskSpace('/s.sqlite', study, 1e12)).not.toThrow()
})
