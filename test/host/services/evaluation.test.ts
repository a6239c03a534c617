/** Evaluations through the contract: what is chosen in the window becomes a study. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeEngine } from '../../../src/host/engineChild.ts'
import { openDesk } from './openDesk.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

test('an evaluation is a study of the sets of the list, with their size and as Settings compute', async () => {
  const { client } = openDesk(nodeEngine())
  const file = join(temporaryFolder(), 'mine.csv')
  writeFileSync(file, 'prompt,category\nfirst,a\nsecond,b\nthird,b\n')
  await client.addDataset({ file, name: 'mine', role: 'harmful', columns: {} })
  const { settings } = await client.getSettings({})
  await client.saveSettings({ settings: { ...settings, threads: 3 } })
  const request = { models: [{ model: 'harbor' }], mode: 'both' as const, samplesPerPrompt: 2 }
  const { study, completions } = await client.planEvaluation({ ...request, sets: ['mine', 'harbor'], limit: 2 })
  // Two of mine, and two of each of Harbor's three.
  expect(completions).toBe((2 + 6) * 2 * 2)
  expect(study.data.mine).toMatchObject({ file, role: 'harmful', limit: 2, hash: expect.stringMatching(/^[0-9a-f]{64}$/) })
  expect(study.threads).toBe(3)
  expect(study.arms.map(({ name }) => name)).toEqual(['harbor', 'harbor-plain'])
  expect((await client.planEvaluation({ ...request, sets: ['mine'] })).completions).toBe(3 * 2 * 2)
})

test('a set that is not on the list, and a file that has changed, are refused by name', async () => {
  const { client } = openDesk(nodeEngine())
  const request = { models: [{ model: 'harbor' }] }
  await expect(client.planEvaluation({ ...request, sets: ['nothing'] })).rejects.toMatchObject({ error: { place: 'nothing' } })
  const file = join(temporaryFolder(), 'mine.csv')
  writeFileSync(file, 'prompt\nfirst\n')
  await client.addDataset({ file, name: 'mine', role: 'harmful', columns: {} })
  writeFileSync(file, 'prompt\nfirst\nsecond\n')
  await expect(client.planEvaluation({ ...request, sets: ['mine'] })).rejects.toMatchObject({ error: { place: file } })
})
