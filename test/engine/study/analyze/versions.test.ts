/** The same records give the same answer, or the analysis has a new version: what was kept under the old one is then computed anew. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { analysisVersions, type AnalysisResult } from '../../../../src/shared/analysis.ts'
import { RandomStream } from '../../../../src/shared/random.ts'
import { analyzed, type Written } from './writtenRows.ts'

/** Version and digest of the answer. Whoever changes an answer raises its version in `analysisVersions`, and both here. */
const known = {
  reflection: [4, 'd48984fe7b42'],
  entropy: [4, 'e186aac50e04'],
  length: [4, '7c268997cba2'],
  advantage: [4, '34ed9902a93a'],
} as const

/** Numbers to nine digits, as far as machines agree. */
function digestOf(result: AnalysisResult): string {
  const text = JSON.stringify(result, (_, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(9)) : value))
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** Two arms on the same prompts, and a training of one of them, drawn at random. */
function rows(): Written[] {
  const random = new RandomStream(3, ['versions of analyses'])
  const some = (words: readonly string[], most: number) => Array.from({ length: 1 + random.integer(most) }, () => words[random.integer(words.length)]).join(' ')
  const drawn = (given: Written): Written => ({
    thought: some(['plan', 'i', 'wait', 'but', 'no'], 20),
    response: some(['no', 'i', 'plan'], 8),
    entropies: Array.from({ length: 60 }, () => random.uniform()),
    whole: random.uniform() < 0.5 ? 'safe' : 'unsafe',
    category: random.uniform() < 0.5 ? 'theft' : 'fraud',
    ...given,
  })
  const evaluation = [0, 1].flatMap((arm) => Array.from({ length: 30 }, (_, i) => drawn({ arm, prompt: `p${i}` })))
  const training = [1, 2, 3].flatMap((step) =>
    Array.from({ length: 20 }, (_, i) => drawn({ arm: 1, phase: 'train', step, prompt: `t${i}`, advantage: random.uniform() - 0.5 })),
  )
  return [...evaluation, ...training]
}

test.each(Object.keys(known) as (keyof typeof known)[])('%s answers as its version did', async (kind) => {
  const asked = kind === 'entropy' ? { kind, sameTexts: 0 } : { kind }
  const result = await analyzed({ ...asked, runId: 'r' }, rows())
  expect([analysisVersions[kind], digestOf(result)]).toEqual(known[kind])
})
