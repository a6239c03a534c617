/** The estimate of what a study's records take. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkDiskSpace, estimateRecords } from '../../src/host/diskSpace.ts'
import { StudyConfig } from '../../src/shared/study.ts'
import { study } from '../sampleStudy.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

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

test('counts the rows of a file that has no limit', () => {
  const folder = temporaryFolder()
  const sizeOf = (name: string, text: string, limit?: number) => {
    const file = join(folder, name)
    writeFileSync(file, text)
    const data = { asked: { file, role: 'harmful', ...(limit === undefined ? {} : { limit }) } }
    return estimateRecords(StudyConfig.parse({ name: 'a', arms: [{ name: 'base', method: 'base' }], data, evaluation: { sources: ['asked'] } }))
  }
  const one = sizeOf('few.csv', 'prompt\n', 1)
  const rows = (count: number) => `prompt\n${'a\n'.repeat(count)}`
  expect(sizeOf('many.csv', rows(60_000)) / one).toBeGreaterThanOrEqual(60_000)
  expect(sizeOf('many.csv', rows(60_000), 500) / one).toBeCloseTo(500, 5)
  const objects = JSON.stringify(Array.from({ length: 3000 }, () => ({ prompt: 'a' })))
  expect(sizeOf('many.json', objects) / one).toBeGreaterThanOrEqual(3000)
})
