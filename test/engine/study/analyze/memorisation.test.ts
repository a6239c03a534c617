/** Whether texts were seen: files in, figures out; what cannot be compared is said. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { safetyPairs } from '../../../../src/engine/harbor/corpus.ts'
import { analyze } from '../../../../src/engine/study/analyze/analyze.ts'
import { AnalysisRequest } from '../../../../src/shared/analysis.ts'
import type { AnalyzeRequest } from '../../../../src/shared/channel.ts'
import { pointsOf, titleOf } from './writtenRows.ts'
import { temporaryFolder } from '../../../temporaryFolder.ts'

const folder = temporaryFolder()

interface Row {
  prompt: string
  response: string
}

function file(name: string, rows: readonly Row[]) {
  const path = join(folder, `${name}.jsonl`)
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'))
  return { file: path, role: 'sft' as const }
}

async function asked(sources: object, changes: Partial<AnalyzeRequest> = {}) {
  const models = [{ kind: 'model', model: 'harbor' }]
  const analysis = AnalysisRequest.parse({ kind: 'memorisation', models, percents: [20, 60], ...sources })
  const request: AnalyzeRequest = {
    ...{ type: 'analyze', analysis, rows: null, asked: 0, arms: [], judge: null, device: 'cpu', threads: 1 },
    voices: [{ name: 'harbor', arm: null, folder: 'harbor', gain: null }],
    ...changes,
  }
  return analyze(request, { signal: new AbortController().signal, onProgress: () => undefined })
}

/** What the built-in model says by itself is likely to it, and the same words the wrong way round are not. */
const likely = safetyPairs(30, 0).map(({ prompt, response }) => ({ prompt, response }))
const unlikely = likely.map(({ response }, i) => ({ prompt: likely[(i + 1) % 30].prompt, response: response.split(' ').reverse().join(' ') }))

describe('texts of two sets', () => {
  test('that a model finds likely look seen beside those that it does not', async () => {
    const gain = { pairs: 60, value: 0.25, low: 0.1, high: 0.4, p: 0.01 }
    const result = await asked(
      { train: file('likely', likely), heldOut: file('unlikely', unlikely) },
      { voices: [0, 1].map((seed) => ({ name: `harbor, seed ${seed}`, arm: 'harbor', folder: 'harbor', gain })) },
    )
    const [, at60] = pointsOf(result, 'min-k-auc-held-out')
    expect(at60).toMatchObject({ x: 60, n: 60 })
    // Wholly apart: the interval is Wilson's for 30 of 30.
    expect(at60.low).toBeCloseTo(0.8865, 3)
    expect(titleOf(result, 'min-k-auc-held-out')).toContain('look seen in harbor, seed 0 (AUC ')
    expect(pointsOf(result, 'min-k-hits-held-out')[1].y).toBeGreaterThan(0.5)
    // The gain is that of both seeds together, and stands once.
    const gains = result.figures.find(({ id }) => id === 'safety-gain-by-memorisation')
    expect(gains?.series).toMatchObject([{ name: 'harbor', points: [{ x: at60.y, y: 0.25, low: 0.1, high: 0.4, n: 60 }] }])
    for (const id of ['min-k-scores-1', 'min-k-plus-scores-2']) expect(pointsOf(result, id).reduce((sum, { y }) => sum + (y ?? 0), 0)).toBeCloseTo(1, 6)
    expect(result.tables[0].rows).toHaveLength(4)
    expect(result.counts).toEqual({ asked: 120, used: 120, leftOut: [] })
  })

  test('that are the same are told apart by nothing: shared texts leave none to compare', async () => {
    const result = await asked({ train: file('same', likely), heldOut: file('same-again', likely) })
    expect(result.counts.leftOut).toContainEqual({ reason: 'held-out: the same text stands in train', count: 30 })
    expect(titleOf(result, 'min-k-auc-held-out')).toContain('not enough data in harbor')
    expect(result.figures.some(({ id }) => id === 'safety-gain-by-memorisation')).toBe(false)
    expect(result.notes.join(' ')).toContain('fewer than 20 held-out texts')
  })

  test('of other lengths are not compared, and a paraphrase is compared with both', async () => {
    const short = likely.slice(0, 5).map(({ prompt }) => ({ prompt, response: 'i' }))
    const result = await asked({ train: file('long', likely), heldOut: file('short', short), paraphrased: file('other-words', unlikely), texts: 25 })
    expect(result.tables[0].rows.map((row) => [row[1], row.at(-1)])).toEqual([
      ['train against held-out', 0], ['train against held-out', 0],
      ['train against paraphrased', 25], ['train against paraphrased', 25],
      ['paraphrased against held-out', 0], ['paraphrased against held-out', 0],
    ])
    // Of 55 that were asked for, the five short ones were compared with nothing.
    expect(result.counts).toMatchObject({ asked: 55, used: 50 })
    expect(result.counts.leftOut).toContainEqual({ reason: 'train: not taken, as 25 texts are enough', count: 5 })
    expect(result.counts.leftOut).toContainEqual({ reason: 'harbor: no text of the same length in the other set (train and held-out)', count: 30 })
  })
})

test('a text that does not fit the context is left out, and prompts alone are no texts', async () => {
  const long = [...likely.slice(0, 3), { prompt: likely[0].prompt, response: 'no '.repeat(5000) }]
  const result = await asked({ train: file('too-long', long), heldOut: file('fits', unlikely.slice(0, 4)) })
  expect(result.counts.leftOut).toContainEqual({ reason: 'train: longer than the context of harbor', count: 1 })
  const prompts = asked({ train: { harbor: 'benign', split: 'train', count: 5 }, heldOut: { harbor: 'sft', split: 'held-out', count: 5 } })
  await expect(prompts).rejects.toMatchObject({ code: 'bad-data', problem: expect.stringContaining('no texts to remember') })
})
