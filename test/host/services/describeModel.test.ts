/** What the window learns of a model's folder, with the real engine. */
import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { adapterTensors, planAdapter } from '../../../src/engine/model/adapter.ts'
import { writeAdapter } from '../../../src/engine/model/adapterFiles.ts'
import { openCheckpoint } from '../../../src/engine/model/checkpoint.ts'
import { nodeEngine } from '../../../src/host/engineChild.ts'
import { modelDescriptions } from '../../../src/host/services/modelDescriptions.ts'
import type { ModelDescription } from '../../../src/shared/modelDescription.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'
import { writeTinyHarbor } from '../../engine/study/tinyHarbor.ts'
import { openDesk } from './openDesk.ts'

function tinyModel(): string {
  const folder = join(temporaryFolder(), 'model')
  writeTinyHarbor(folder)
  return folder
}

/** It changes every module of its base a little. */
function writeTinyAdapter(folder: string, base: string): void {
  const lora = { rank: 2, alpha: 4, rslora: false, targets: null }
  const adapter = planAdapter(openCheckpoint(base).config, lora)
  const sizes = adapterTensors(adapter).map(({ name, shape: [rows, columns] }) => [name, rows * columns] as const)
  const weights = new Map(sizes.map(([name, size]) => [name, new Float32Array(size).fill(0.1)]))
  writeAdapter(folder, { adapter, weights, base, ...lora })
}

it('tells of a folder, and anew once its files have changed', async () => {
  const { client } = openDesk(nodeEngine())
  const model = tinyModel()
  const told = await client.describeModel({ model })
  expect(told).toMatchObject({ folder: model, family: 'llama', layers: 2, adapters: [], problems: [] })
  expect(told.template?.examples.map(({ thinking }) => thinking)).toEqual([true, false])
  expect(told.memory.uses.map(({ use }) => use)).toEqual(['sampling', 'adapter', 'whole'])
  expect(await client.describeModel({ model })).toEqual(told)
  writeFileSync(join(model, 'tokenizer.json'), 'no json')
  const changed = await client.describeModel({ model })
  expect(changed.tokenizer).toBeNull()
  expect(changed.problems).toMatchObject([{ place: expect.stringContaining('tokenizer.json') }])
})

it('takes the folder of an adapter for its base model, lists the adapter first, and adds it as a model', async () => {
  const { client } = openDesk(nodeEngine())
  const base = tinyModel()
  const adapter = join(dirname(base), 'z-adapter')
  writeTinyAdapter(adapter, base)
  writeTinyAdapter(join(dirname(base), 'another'), base)
  const told = await client.describeModel({ model: adapter })
  expect(told).toMatchObject({ folder: base, family: 'llama', problems: [] })
  expect(told.adapters.map(({ folder, trouble }) => [basename(folder), trouble])).toEqual([
    ['z-adapter', null],
    ['another', null],
  ])

  const [ofBase, added] = [await client.inspectModel({ folder: base }), await client.addModel({ folder: adapter })]
  expect(added).toMatchObject({ id: adapter, name: 'z-adapter', problem: null })
  // Merged, it has the base's shapes and other weights.
  expect(added.detail).toMatchObject({ folder: adapter, parameters: ofBase.parameters })
  expect(added.detail?.hash).not.toBe(ofBase.hash)

  rmSync(base, { recursive: true })
  await expect(client.describeModel({ model: adapter })).rejects.toMatchObject({
    error: { code: 'bad-model', place: expect.stringContaining('base_model_name_or_path') },
  })
})

it('refuses a folder that is not there, or that no window could mean', async () => {
  const { client } = openDesk(nodeEngine())
  await expect(client.describeModel({ model: '/nowhere' })).rejects.toMatchObject({ error: { code: 'bad-model' } })
  await expect(client.describeModel({ model: 'here' })).rejects.toMatchObject({
    error: { code: 'bad-argument', problem: 'this is a relative path' },
  })
})

it('asks once while nothing changes, and again where that is asked for', async () => {
  const model = tinyModel()
  const description: ModelDescription = {
    ...{ folder: model, family: 'llama', architecture: 'L', layers: 1, hiddenSize: 1, parameters: 1, contextTokens: 1 },
    ...{ scores: null, vocabularySize: 1, weights: { files: 1, bytes: 1, dtypes: {} }, tokenizer: null },
    ...{ template: null, adapters: [], memory: { weights: 4, free: 8, uses: [] }, notes: [], problems: [] },
  }
  let asked = 0
  let isFailing = false
  const describe = modelDescriptions(async () => {
    asked += 1
    if (isFailing) throw new Error('gone')
    return description
  })
  await Promise.all([describe(model, false), describe(model, false)])
  await describe(model, false)
  expect(asked).toBe(1)
  await describe(model, true)
  expect(asked).toBe(2)
  utimesSync(join(model, 'config.json'), 1, 1)
  isFailing = true
  await expect(describe(model, false)).rejects.toThrow('gone')
  isFailing = false
  await describe(model, false)
  expect(asked).toBe(4)
})
