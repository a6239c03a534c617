import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStudyModel, writeTrainedModel } from '../../../src/engine/study/studyModel.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'
import { writeTinyHarbor } from './tinyHarbor.ts'

describe('openStudyModel', () => {
  it.each([NaN, Infinity])('refuses weights with %s in them, naming file and tensor', (value) => {
    const folder = temporaryFolder()
    writeTinyHarbor(join(folder, 'whole'))
    const model = openStudyModel(join(folder, 'whole'))
    const name = 'model.layers.1.self_attn.k_proj.weight'
    const damaged = new Map(model.weights).set(name, model.weights.get(name)!.with(7, value))
    writeTrainedModel(join(folder, 'damaged'), model, damaged)
    expect(() => openStudyModel(join(folder, 'damaged'))).toThrow(
      expect.objectContaining({
        code: 'bad-model',
        place: join(folder, 'damaged', 'model.safetensors'),
        problem: expect.stringContaining(name),
      }),
    )
  })
})
