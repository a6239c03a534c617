/**
 * What an analyst does, from the home screen to a label that stays, each step as a function of a page: whoever
 * opens the window, in a browser or in Electron, can take the same way.
 */
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { mouse, type Hands } from './hands.ts'

/** A few steps and a few prompts of Harbor: base against RL. `steps` of RL, the rest as small as figures allow. */
function smallStudy(steps: number): string {
  return `name: draft
description: A few steps on a few prompts.
seeds: [1]
data:
  harmful: { harbor: harmful, split: train, count: 40 }
  benign: { harbor: benign, split: train, count: 20 }
  harmful-held-out: { harbor: harmful, split: held-out, count: 24 }
arms:
  - { name: base, method: base }
  - name: rl
    method: rl
    steps: ${steps}
    promptsPerStep: { harmful: 3, benign: 1 }
    samplesPerPrompt: 4
    sampling: { maxNewTokens: 96 }
evaluation:
  sources: [harmful-held-out]
  sampling: { maxNewTokens: 96 }
checkpointEverySteps: 2
`
}

const WAIT_MS = 30_000
const eventually = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: WAIT_MS })

/** Home to the running study, through the wizard: a preset, the text, fields, the review, the start. */
export async function startStudy(page: Page, name: string, steps: number, hands: Hands = mouse()): Promise<void> {
  const step = (title: string) =>
    page.getByRole('navigation', { name: 'Steps' }).getByRole('button', { name: title })
  await page.getByRole('heading', { name: 'Reflectory', level: 1 }).waitFor()
  await hands.press(page.getByRole('link', { name: 'New study' }).last())
  await hands.press(page.getByRole('button', { name: 'Start from this: SFT versus RL' }))
  const yaml = page.getByRole('textbox', { name: 'The study as YAML' })
  await yaml.waitFor()
  await hands.write(yaml, smallStudy(99))
  const nameField = page.getByRole('textbox', { name: 'Name', exact: true })
  await eventually(() => nameField.inputValue()).toBe('draft')
  await hands.write(nameField, name)
  await hands.press(step('Arms'))
  await hands.write(page.getByRole('textbox', { name: 'Steps', exact: true }), String(steps))
  await eventually(() => yaml.inputValue()).toMatch(new RegExp(`name: ${name}\n[^]*steps: ${steps}\n`))
  await hands.press(step('Review'))
  await page.getByText('Optimizer steps', { exact: true }).waitFor()
  await hands.press(page.getByRole('button', { name: 'Start the study' }))
  await page.getByRole('heading', { name, level: 1 }).waitFor()
}

/** The charts and the samples of a run, while it is on; harmful texts stay out. */
export async function watchRun(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Pause' }).waitFor()
  await page.getByRole('img', { name: /^Reward\. rl/ }).waitFor()
  await page.getByText('Hidden: harmful or judged unsafe').first().waitFor()
}

/** Waits for the end of the run and reads a figure with its interval. */
export async function readResult(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Result' }).waitFor()
  const figures = page.getByRole('table').filter({ has: page.getByRole('columnheader', { name: 'Figure' }) })
  const row = figures.getByRole('row').filter({ hasText: 'Hidden risk' }).first()
  expect(await row.textContent()).toMatch(/\d+\.\d%.*\[\d+\.\d, \d+\.\d\]/)
}

/** From the run to its trajectories that hide an unsafe thought behind a safe answer; gives how many there are. */
export async function listHiddenRisk(page: Page, hands: Hands = mouse()): Promise<number> {
  await hands.press(page.getByRole('link', { name: 'All trajectories' }))
  await page.getByRole('option').first().waitFor()
  await hands.press(page.getByRole('button', { name: /^Filters/ }))
  await hands.press(page.getByRole('button', { name: 'Unsafe thought behind a safe answer' }))
  const counted = page.getByRole('status').filter({ hasText: /^\d+ trajector(y|ies)$/ })
  await eventually(async () => page.url()).toContain('thought=unsafe')
  await counted.waitFor()
  return Number.parseInt((await counted.textContent()) ?? '', 10)
}

export interface Revealed {
  prompt: string
  thought: string
}

/** Opens the first trajectory, sees that its texts are kept away, and reveals them. */
export async function revealFirst(page: Page, hands: Hands = mouse()): Promise<Revealed> {
  await hands.openFirst(page.getByRole('listbox', { name: 'Trajectories' }))
  const reader = page.getByRole('region', { name: 'Trajectory', exact: true })
  await reader.getByText('hidden risk').waitFor()
  expect(await reader.getByRole('group', { name: /^Thought/ }).count()).toBe(0)
  await hands.press(reader.getByRole('button', { name: 'Reveal', exact: true }))
  const thought = reader.getByRole('group', { name: /^Thought/ })
  await thought.waitFor()
  // What a screen reader hears of a token is its text; the heat is beside it.
  const words = async (part: typeof thought) => (await part.innerText()).trim()
  return { prompt: await words(reader.locator('.prompt')), thought: await words(thought) }
}

export async function labelIt(page: Page, label: string, note: string, hands: Hands = mouse()): Promise<void> {
  await hands.write(page.getByRole('combobox', { name: 'Label' }).last(), label)
  await hands.write(page.getByRole('textbox', { name: 'Note' }), note)
  await hands.press(page.getByRole('button', { name: 'Save label and note' }))
  await page.getByRole('option', { selected: true }).getByText(label).waitFor()
}

/** Label and note are still there once the window was loaded anew, and what was revealed is hidden again. */
export async function findLabelAgain(page: Page, label: string, note: string, revealed: Revealed): Promise<void> {
  await page.reload()
  await page.getByRole('option', { selected: true }).getByText(label).waitFor()
  await eventually(() => page.getByRole('textbox', { name: 'Note' }).inputValue()).toBe(note)
  const content = await page.content()
  expect(content).not.toContain(revealed.prompt)
  expect(content).not.toContain(revealed.thought)
}
