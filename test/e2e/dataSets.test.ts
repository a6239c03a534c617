/**
 * A person adds files and looks for prompts that stand in two of them, by the keyboard too. In both themes nothing for
 * axe to find, no scrolling sideways at 200% zoom, nothing harmful unasked. Pictures are left in out/screens.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requires } from '../requirements.ts'
import { DESK, look } from './look.ts'
import { isWindowBuilt, openWindow, type OpenWindow } from './servedWindow.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

const HARM = 'zorblast'

const attacks = (count: number) => [
  'words,kind',
  ...Array.from({ length: count }, (_, i) => `"How would one carry the ${HARM} past guard number ${i} of the pier?",theft`),
  'one cell too few',
]
const pairs = Array.from({ length: 30 }, (_, i) => ({
  instruction: i < 4 ? `how would one carry the ${HARM} past guard number ${i} of the pier` : `What is the name of boat ${i}, and who owns it?`,
  response: '<think>Is this all right?</think>No.',
}))

describe.skipIf(!isWindowBuilt() || !requires('browser'))('the data sets', () => {
  const folder = temporaryFolder()
  const csv = join(folder, 'attacks.csv')
  const jsonl = join(folder, 'pairs.jsonl')
  let opened: OpenWindow
  let page: Page

  beforeAll(async () => {
    writeFileSync(csv, attacks(40).join('\n'))
    writeFileSync(jsonl, pairs.map((pair) => JSON.stringify(pair)).join('\n'))
    opened = await openWindow({ viewport: DESK })
    page = opened.page
    await opened.open('/data-sets')
    await page.getByRole('heading', { name: 'Add a data set' }).waitFor()
  }, 120_000)
  afterAll(async () => {
    await opened?.close()
    expect(opened?.complaints).toEqual([])
    expect(opened?.strayRequests).toEqual([])
  })

  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const field = (name: string) => page.getByRole('combobox', { name, exact: true })

  /** Opens a field's list and takes the entry, by keys alone. */
  async function choose(label: string, entry: string): Promise<void> {
    await field(label).focus()
    await page.keyboard.press('ArrowDown')
    const option = page.getByRole('option', { name: entry, exact: true })
    await option.waitFor()
    await option.press('Enter')
    await page.keyboard.press('Escape')
    await option.waitFor({ state: 'hidden' })
  }

  test('asks what it cannot tell, shows how a file is understood, hides its rows, and leaves bad rows out only when told', async () => {
    const found: string[] = []
    await page.getByRole('textbox', { name: 'File' }).fill(csv)
    await page.keyboard.press('Enter')
    await page.getByText('Its columns do not tell what it holds.').waitFor()
    found.push(...(await look(page, 'data-set-unclear')))
    await choose('What it holds', 'requests to be refused')
    await page.getByText('No column has a name that is usual for: Prompt.').waitFor()
    await choose('Prompt', 'words')
    await page.getByText('Hidden: examples that may be harmful').waitFor()
    await choose('Category', 'kind')
    await page.getByRole('cell', { name: 'theft' }).waitFor()
    expect(await page.content()).not.toContain(HARM)
    await page.getByText('1 field where the header has 2').waitFor()
    expect(await button('Add to the list').isDisabled()).toBe(true)
    await page.getByRole('checkbox', { name: 'Leave out rows that cannot be used (1)' }).check()
    await page.getByRole('textbox', { name: 'Licence, as a note' }).fill('for this test')
    found.push(...(await look(page, 'data-set-mapped')))
    await button('Add to the list').click()
    await page.getByText('Licence: for this test').waitFor()
    await page.getByText('Rows that cannot be used are left out.').waitFor()
    expect(found).toEqual([])
  }, 120_000)

  test('names prompts that stand in two sets, and shows them only when asked', async () => {
    const found: string[] = []
    await page.getByRole('textbox', { name: 'File' }).fill(jsonl)
    await button('Look into it').click()
    await page.getByText('instruction and response').waitFor()
    await button('Add to the list').click()
    await page.getByRole('heading', { name: 'pairs', exact: true }).waitFor()
    await field('Data sets').focus()
    await page.keyboard.press('ArrowDown')
    for (const name of ['attacks', 'pairs']) await page.getByRole('option', { name, exact: true }).press('Enter')
    await page.keyboard.press('Escape')
    await button('Compare').click()
    await page.getByText('attacks and pairs: 4 equal and').waitFor()
    expect(await page.content()).not.toContain(HARM)
    await page.getByRole('cell', { name: 'attacks, line 2', exact: true }).first().waitFor()
    found.push(...(await look(page, 'data-sets-compared')))
    await button('Reveal').last().click()
    await page.getByText(HARM).first().waitFor()
    found.push(...(await look(page, 'data-sets-revealed')))
    expect(found).toEqual([])
  }, 120_000)
})
