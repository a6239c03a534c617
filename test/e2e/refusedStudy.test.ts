/** A study that is refused once it was started: the reason is said, it can be tried again, and nothing that was set up is lost. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requires } from '../requirements.ts'
import { isWindowBuilt, openWindow, playedBy, type OpenWindow } from './servedWindow.ts'

if (!isWindowBuilt()) console.warn("skipped, needs the built window: run 'npm run build'")

describe.skipIf(!isWindowBuilt() || !requires('browser'))('a refused study', () => {
  let opened: OpenWindow
  beforeAll(async () => {
    opened = await openWindow({ launch: playedBy('../host/fakeEngine.ts') })
    opened.page.setDefaultTimeout(20_000)
  })
  afterAll(() => opened?.close())

  test('says why, is tried again, and goes back to the wizard as it was', async () => {
    const { page } = opened
    const yaml = page.getByRole('textbox', { name: 'The study as YAML' })
    await page.getByRole('link', { name: 'New study' }).first().click()
    await page.getByRole('button', { name: 'Start from this: SFT versus RL' }).click()
    await yaml.fill(`${await yaml.inputValue()}description: bad-model\n`)
    await expect.poll(() => page.getByRole('textbox', { name: 'Description' }).inputValue()).toBe('bad-model')
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Long set up')
    await page.getByRole('navigation', { name: 'Steps' }).getByRole('button', { name: 'Review' }).click()
    await page.getByRole('button', { name: 'Start the study' }).click()
    await page.getByText('is cut off').waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('progressbar', { name: 'Beginning' }).waitFor()
    await page.getByText('is cut off').waitFor()
    await page.getByRole('button', { name: 'Back to the study' }).click()
    await page.getByRole('heading', { name: 'New study: Long set up' }).waitFor()
    await expect.poll(() => yaml.inputValue()).toMatch(/name: Long set up\n[^]*description: bad-model/)
    await page.getByText(/Draft saved/).waitFor()
    await page.getByRole('link', { name: 'Runs', exact: true }).first().click()
    await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor()
    expect(await page.getByText('On their way').count()).toBe(0)
  })
})
