/** Given texts under a model: the numbers of several at once are those of each alone, and those that the vocabulary gives. */
import { expect, test } from 'vitest'
import { createGraph } from '../../../src/engine/autodiff/graph.ts'
import { tokenDistributions } from '../../../src/engine/model/tokenDistributions.ts'
import { compile } from '../../../src/engine/onnx/program.ts'
import { CompletionScorer } from '../../../src/engine/rollout/completionScorer.ts'
import { TextScorer } from '../../../src/engine/train/textScorer.ts'
import { openStudyModel } from '../../../src/engine/study/studyModel.ts'
import { RandomStream } from '../../../src/shared/random.ts'
import { writeTinyHarbor } from '../study/tinyHarbor.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const folder = temporaryFolder()
writeTinyHarbor(folder)

const options = { device: 'cpu', threads: 1 } as const
const watch = { signal: new AbortController().signal, onProgress: () => undefined }

test('mean and deviation of log p are those of the distribution', async () => {
  const random = new RandomStream(1)
  const [n, width, vocabulary] = [3, 4, 7]
  const draw = (size: number) => Float32Array.from({ length: size }, () => random.normal())
  const [hidden, head] = [draw(n * width), draw(vocabulary * width)]
  const graph = createGraph()
  const scores = tokenDistributions(
    graph.input('hidden', [n, width]),
    graph.input('head', [vocabulary, width]),
    graph.input('targets', [n], 'int64'),
  )
  const program = await compile({ ...scores }, options)
  const given = { hidden, head, targets: BigInt64Array.of(6n, 0n, 3n) }
  const { logProbabilities, entropies, spreads } = await program.run(given)
  await program.release()
  for (let row = 0; row < n; row++) {
    const logits = Array.from({ length: vocabulary }, (_, v) =>
      Array.from({ length: width }, (_, i) => hidden[row * width + i] * head[v * width + i]).reduce((a, b) => a + b),
    )
    const total = Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0))
    const logP = logits.map((z) => z - total)
    const mean = logP.reduce((sum, l) => sum + Math.exp(l) * l, 0)
    const variance = logP.reduce((sum, l) => sum + Math.exp(l) * (l - mean) ** 2, 0)
    expect(Number(logProbabilities[row])).toBeCloseTo(logP[Number(given.targets[row])], 4)
    expect(Number(entropies[row])).toBeCloseTo(-mean, 4)
    expect(Number(spreads[row])).toBeCloseTo(Math.sqrt(variance), 4)
  }
})

test('many texts at once give each the numbers that it gets alone', async () => {
  const model = openStudyModel(folder)
  const random = new RandomStream(2)
  const tokens = (length: number) => Int32Array.from({ length }, () => random.integer(model.config.vocabularySize))
  const texts = Array.from({ length: 9 }, (_, i) => ({ promptTokens: tokens(3 + i), completionTokens: tokens(1 + 7 * i) }))
  const [many, single] = [new TextScorer(model.config, options), new CompletionScorer(model.config, options)]
  const scores = await many.score(model.weights, texts, watch)
  for (const [i, { promptTokens, completionTokens }] of texts.entries()) {
    const alone = await single.score(model.weights, promptTokens, completionTokens)
    expect(scores[i].logProbabilities).toHaveLength(completionTokens.length)
    for (const name of ['logProbabilities', 'entropies'] as const)
      scores[i][name].forEach((value, t) => expect(value).toBeCloseTo(alone[name][t], 4))
  }
  await Promise.all([many.release(), single.release()])
})

test('it stops where it is told to', async () => {
  const model = openStudyModel(folder)
  const scorer = new TextScorer(model.config, options)
  const texts = [{ promptTokens: Int32Array.of(1), completionTokens: Int32Array.of(2) }]
  const asked = scorer.score(model.weights, texts, { signal: AbortSignal.abort(), onProgress: () => undefined })
  await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
})
