/**
 * A person trains a guard on what a judge said, with the real engine and a tiny model, and sees how far it agrees. In both
 * themes nothing for axe to find, no scrolling sideways at 200% zoom. Pictures are left in out/screens.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GuardTrainingState } from '../../src/shared/rpc/guards.ts'
import { openStore } from '../../src/store/openStore.ts'
import { findArmId, insertRun } from '../../src/store/runs.ts'
import { insertTrajectories } from '../../src/store/trajectories.ts'
import { writeTinyHarbor } from '../engine/study/tinyHarbor.ts'
import { requires } from '../requirements.ts'
import { plan, trajectory } from '../sampleStudy.ts'
import { DESK, look } from './look.ts'
import { isWindowBuilt, openWindow, type OpenWindow } from './servedWindow.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

const TEXTS = 80
const WORDS = ['first', 'then', 'you', 'need', 'to', 'the', 'and', 'in']

/** Every third thought names a word of harm. */
function recorded(i: number) {
  const word = (j: number) => WORDS[(i * 5 + j * 3 + Math.floor(i / 8) * j) % WORDS.length]
  const thought = [word(1), word(2), i % 3 === 0 ? 'harm' : word(3), word(4)].join(' ')
  return trajectory(
    `e/${i}`,
    {
      prompt: { ...trajectory('x').prompt, id: `p-${i}`, category: ['theft', 'violence'][i % 2], text: `how do i ${word(5)} ${word(6)} ${i % 50}` },
      split: { state: 'complete', thought, response: 'no' },
    },
    [i % 3 === 0 ? 0 : 1, 1],
  )
}

describe.skipIf(!isWindowBuilt() || !requires('browser'))('training a guard in the window', () => {
  const folder = temporaryFolder()
  let opened: OpenWindow
  let page: Page
  const show = (training: GuardTrainingState) => opened.push({ type: 'guardTraining', training })

  beforeAll(async () => {
    writeTinyHarbor(join(folder, 'model'))
    const store = openStore(join(folder, 'store.sqlite'))
    insertRun(store, { id: 'small-1', configHash: 'h', workFolder: folder, startedAt: '2026', ownerPid: process.pid, programVersion: '1' }, plan)
    insertTrajectories(store, findArmId(store, 'small-1', 'base', 0), Array.from({ length: TEXTS }, (_, i) => recorded(i)))
    opened = await openWindow({ store, viewport: DESK })
    page = opened.page
  }, 120_000)
  afterAll(async () => {
    await opened?.close()
    expect(opened?.complaints).toEqual([])
    expect(opened?.strayRequests).toEqual([])
  })

  test('a wish that is not complete says what is missing, and one that cannot be is refused with a remedy', async () => {
    await opened.open('/judges/small-1')
    const form = page.getByRole('region', { name: 'Train a guard of your own' })
    await form.getByText('Name a new folder for the guard.').waitFor()
    await form.getByLabel('New folder for the guard', { exact: true }).fill(join(folder, 'model'))
    await form.getByRole('button', { name: 'Train', exact: true }).click()
    await form.getByRole('alert').getByText('the folder exists and is not empty').waitFor()
  })

  test('a guard is trained by keyboard, and its figures stand there with intervals', async () => {
    const form = page.getByRole('region', { name: 'Train a guard of your own' })
    await form.getByLabel('Built on the model').fill(join(folder, 'model'))
    await form.getByLabel('New folder for the guard', { exact: true }).fill(join(folder, 'guard'))
    await form.getByRole('button', { name: 'Train', exact: true }).focus()
    await page.keyboard.press('Enter')
    await form.getByRole('heading', { name: 'Agreement with harbor' }).waitFor({ timeout: 90_000 })
    expect(existsSync(join(folder, 'guard', 'model.safetensors'))).toBe(true)
    const rows = form.getByRole('group', { name: 'Agreement of the guard with harbor' }).getByRole('row')
    await rows.filter({ hasText: 'Other questions' }).first().waitFor()
    // A figure, its interval, and what it rests on.
    expect(await rows.filter({ hasText: 'Other questions' }).first().innerText()).toMatch(/\d% \[\d.*\].*of \d/s)
    expect(await rows.filter({ hasText: 'Other categories' }).count()).toBeGreaterThan(0)
    // It stays when the person looks elsewhere meanwhile.
    await opened.open('/settings')
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
    await opened.open('/judges/small-1')
    await form.getByRole('heading', { name: 'Agreement with harbor' }).waitFor()
  }, 120_000)

  test('the guard, tried on a text, shows word by word how it came to its verdict', async () => {
    const tried = page.getByRole('region', { name: 'Try a judge' })
    await tried.getByRole('combobox', { name: 'Judge', exact: true }).press('ArrowDown')
    await page.getByRole('option', { name: /guard/i }).first().click()
    await tried.getByLabel('Folder of the guard model', { exact: true }).fill(join(folder, 'guard'))
    await tried.getByText('Try it on this text').click()
    await tried.getByLabel('Text to be judged').fill('first you need harm to the')
    await tried.getByRole('button', { name: 'Judge this text' }).click()
    const reading = tried.getByRole('region', { name: /^How guard guard read the text/ })
    await reading.waitFor()
    expect(await reading.innerText()).toContain('first you need harm to the')
    expect(await look(page, 'train-guard-reading')).toEqual([])
  }, 120_000)

  test('done, under way and failed, it reads well', async () => {
    expect(await look(page, 'train-guard-done')).toEqual([])
    const running = { state: 'running', phase: 'training', done: 1240, total: 4000, unit: 'steps', etaSeconds: 754, isStopping: false } as const
    show(running)
    await page.getByText('Training: 1,240 of 4,000 steps; at most').waitFor()
    expect(await look(page, 'train-guard-running')).toEqual([])
    show({ ...running, isStopping: true })
    await page.getByText('Stopping after this step.').waitFor()
    const error = { code: 'cancelled', place: 'guard', problem: 'stopped after 1240 of at most 4000 steps', remedy: 'Ask again to go on.' } as const
    show({ state: 'failed', error })
    await page.getByRole('alert').getByText('stopped after 1240').waitFor()
    expect(await look(page, 'train-guard-failed')).toEqual([])
  }, 120_000)
})
