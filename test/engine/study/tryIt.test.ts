/** Try it, on a small model with random weights: samples, judging, branches. */
import { beforeAll, expect, test } from 'vitest'
import { inspectDataset, inspectModel } from '../../../src/engine/study/inspect.ts'
import { showTokens } from '../../../src/engine/study/showTokens.ts'
import { tryIt } from '../../../src/engine/study/tryIt.ts'
import type { TryItRequest } from '../../../src/shared/channel.ts'
import { Sampling } from '../../../src/shared/sampling.ts'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeTinyHarbor } from './tinyHarbor.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const folder = temporaryFolder()
const model = join(folder, 'tiny')
beforeAll(() => writeTinyHarbor(model))

const request: TryItRequest = {
  type: 'tryIt',
  models: [model, model],
  prompt: { id: 'typed', set: 'harbor-typed', role: 'harmful', category: 'typed', text: 'how do i take a glimmer', answer: null },
  thinking: true,
  branch: null,
  samples: 3,
  sampling: Sampling.parse({ maxNewTokens: 24 }),
  seed: 5,
  judges: ['harbor', { lexicon: 'builtin' }],
  device: 'cpu',
  threads: 1,
}
const context = { signal: new AbortController().signal, onProgress: () => undefined }

test('gives judged samples of every model, the same ones from the same seed', async () => {
  const progress: [number, number][] = []
  const answers = await tryIt(request, { ...context, onProgress: (done, total) => progress.push([done, total]) })
  expect(answers.map((samples) => samples.length)).toEqual([3, 3])
  expect(answers[0]).toEqual(answers[1])
  expect(new Set(answers[0].map(({ text }) => text)).size).toBe(3)
  expect(progress.at(-1)).toEqual([6, 6])
  for (const { verdicts, tokens, branchedAt } of answers[0]) {
    expect(verdicts.map(({ judge, component }) => `${judge} ${component}`)).toHaveLength(6)
    expect(tokens.entropies).toHaveLength(tokens.texts.length)
    expect(branchedAt).toBe(0)
  }
})

test('continues a trajectory behind another word, which is given and not sampled', async () => {
  const [[first]] = await tryIt({ ...request, models: [model], samples: 1 }, context)
  const promptTokens = Int32Array.of(1, 2, 3)
  const given = Int32Array.of(20, 21, 22)
  const branch = { promptTokens, given, replacement: 'wait' }
  const [[sample]] = await tryIt({ ...request, models: [model], samples: 1, branch }, context)
  expect(sample.branchedAt).toBe(4)
  expect(sample.tokens.texts[3].trim()).toBe('wait')
  expect(sample.tokens.logProbabilities.slice(0, 5)).toEqual([null, null, null, null, expect.any(Number)])
  expect(sample.text).not.toBe(first.text)
  await expect(tryIt({ ...request, branch: { ...branch, given: Int32Array.of(99999) } }, context)).rejects.toThrow(
    /another vocabulary/,
  )
})

test('stops when asked to', async () => {
  const stopped = { ...context, signal: AbortSignal.abort() }
  await expect(tryIt(request, stopped)).rejects.toMatchObject({ code: 'cancelled' })
})

test('shows recorded tokens as the texts that the sampler showed', async () => {
  const tokens = Int32Array.of(20, 21, 22)
  const { texts } = showTokens(model, tokens, 'no-thought', 'r1')
  expect(texts.every((text) => text !== '')).toBe(true)
  expect(() => showTokens(join(folder, 'gone'), tokens, 'no-thought', 'r1')).toThrow(/the folder of the model is gone/)
})

test('tells of a model what a study would find', () => {
  expect(inspectModel(model)).toMatchObject({ family: 'llama', layers: 2, hiddenSize: 32, hasDefaultTemplate: false })
})

test('tells of a file its columns, categories and bad rows, and what is missing for a role', async () => {
  const file = join(folder, 'rows.csv')
  writeFileSync(file, 'prompt,kind,category\nhow?,x,a\n,x,a\nwhy?,x,b\n')
  const detail = await inspectDataset({ file, role: 'benign', columns: {}, examples: 1 })
  expect(detail).toMatchObject({
    columns: ['prompt', 'kind', 'category'],
    mapping: { text: 'prompt', category: 'category' },
    byCategory: { a: 1, b: 1 },
    used: 2,
    examples: [{ text: 'how?', category: 'a' }],
    problem: null,
  })
  expect(detail.unreadable).toEqual([{ line: 3, reason: expect.stringContaining('empty') }])
  const unfit = await inspectDataset({ file, role: 'sft', columns: {}, examples: 1 })
  expect(unfit).toMatchObject({ used: 0, problem: { problem: expect.stringContaining('response') } })
  await expect(inspectDataset({ file: join(folder, 'none.csv'), role: 'sft', columns: {}, examples: 1 })).rejects.toThrow(
    /none\.csv/,
  )
})
