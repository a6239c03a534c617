import { execFileSync } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { openDesk } from './services/openDesk.ts'

const before = process.env.REFLECTORY_TFJS

/** What an engine that starts now would read. */
const seenByChild = (): string =>
  execFileSync(process.execPath, ['-p', "process.env.REFLECTORY_TFJS ?? 'nothing'"], { encoding: 'utf8' }).trim()

test('engines learn the folder of the settings, and without one what this process was started with', async () => {
  const { client } = openDesk()
  const { settings } = await client.getSettings({})
  onTestFinished(async () => void (await client.saveSettings({ settings })))
  await client.saveSettings({ settings: { ...settings, tensorflowFolder: '/opt/tensorflow' } })
  expect(seenByChild()).toBe('/opt/tensorflow')
  await client.saveSettings({ settings: { ...settings, tensorflowFolder: '' } })
  expect(seenByChild()).toBe(before ?? 'nothing')
})

test('the folder counts from the start on', async () => {
  const first = openDesk()
  const { settings } = await first.client.getSettings({})
  await first.client.saveSettings({ settings: { ...settings, tensorflowFolder: '/opt/tensorflow' } })
  const { file } = first.store
  await first.close()
  delete process.env.REFLECTORY_TFJS
  const { client } = openDesk(undefined, file)
  onTestFinished(async () => void (await client.saveSettings({ settings })))
  expect(seenByChild()).toBe('/opt/tensorflow')
})
