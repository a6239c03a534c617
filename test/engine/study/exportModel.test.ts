import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { initialAdapter, planAdapter } from '../../../src/engine/model/adapter.ts'
import { openAdapter, writeAdapter } from '../../../src/engine/model/adapterFiles.ts'
import { openCheckpoint } from '../../../src/engine/model/checkpoint.ts'
import { Rollouts } from '../../../src/engine/rollout/rollout.ts'
import { exportModel } from '../../../src/engine/study/exportModel.ts'
import type { WeightDtype } from '../../../src/engine/model/writeSafetensors.ts'
import { openStudyModel, writeTrainedModel } from '../../../src/engine/study/studyModel.ts'
import { RandomStream } from '../../../src/shared/random.ts'
import { Sampling } from '../../../src/shared/sampling.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'
import { writeTinyHarbor } from './tinyHarbor.ts'

const lora = { rank: 2, alpha: 4, rslora: false, targets: null }

/** A tiny model in the given type, and an adapter over it that changes every module. */
function trained(dtype: WeightDtype) {
  const folder = temporaryFolder()
  writeTinyHarbor(join(folder, 'float32'))
  const base = join(folder, 'base')
  const model = openStudyModel(join(folder, 'float32'))
  writeTrainedModel(base, model, model.weights, dtype)
  const { config } = openCheckpoint(base)
  const adapter = planAdapter(config, lora)
  const random = new RandomStream(4)
  const weights = new Map([...initialAdapter(adapter, random)].map(([name, values]) => [name, values.map(() => 0.1 * random.normal())]))
  const source = join(folder, 'adapter')
  writeAdapter(source, { adapter, weights, base, ...lora })
  return { folder, base, source, adapter, weights }
}

const request = () => [{ promptTokens: Int32Array.of(1, 2, 3), random: new RandomStream(1) }]
const settings = { sampling: Sampling.parse({ maxNewTokens: 12 }), stopTokens: [] }

describe('exportModel', () => {
  it('merges an adapter into weights that sample as the adapter over its base does', async () => {
    const { folder, source, base, adapter, weights } = trained('F32')
    const target = join(folder, 'merged')
    expect(exportModel({ source, target, form: 'merged' })).toEqual({ folder: target, dtype: 'float32' })
    const merged = openStudyModel(target)
    expect(merged.hash).toBe(openStudyModel(source).hash)
    expect(existsSync(join(target, 'tokenizer.json'))).toBe(true)

    const model = openStudyModel(base)
    const over = new Rollouts(model.config, { device: 'cpu', threads: 1, adapter })
    const whole = new Rollouts(model.config, { device: 'cpu', threads: 1 })
    const [a] = await over.sample(new Map([...model.weights, ...weights]), request(), settings)
    const [b] = await whole.sample(merged.weights, request(), settings)
    expect([...b.tokens]).toEqual([...a.tokens])
    b.logProbabilities.forEach((value, i) => expect(value).toBeCloseTo(a.logProbabilities[i], 4))
    await over.release()
    await whole.release()
  })

  it('keeps the type that the base model was published in', () => {
    const { folder, source } = trained('BF16')
    const target = join(folder, 'merged')
    exportModel({ source, target, form: 'merged' })
    const { config, tensorNames, locate } = openCheckpoint(target)
    expect(config.dtype).toBe('bfloat16')
    expect(new Set(tensorNames.map((name) => locate(name).dtype))).toEqual(new Set(['BF16']))
  })

  it('copies the adapter alone, bit by bit, and refuses to make one of a whole model', () => {
    const { folder, source, base, adapter, weights } = trained('F32')
    const target = join(folder, 'alone')
    exportModel({ source, target, form: 'adapter' })
    expect(openAdapter(target, openCheckpoint(base).config)).toEqual({ adapter, weights, base })
    const bytes = (of: string) => readFileSync(join(of, 'adapter_model.safetensors'))
    expect(bytes(target).equals(bytes(source))).toBe(true)
    expect(() => exportModel({ source: base, target: join(folder, 'x'), form: 'adapter' })).toThrow(/left no adapter/)
    expect(() => exportModel({ source, target, form: 'merged' })).toThrow(/not empty/)
  })
})
