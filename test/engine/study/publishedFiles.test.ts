import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runStudy } from '../../../src/engine/study/runStudy.ts'
import type { EngineEvent } from '../../../src/shared/events.ts'
import { StudyConfig, type StudyInput } from '../../../src/shared/study.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const shared = resolve(process.env.REFLECTORY_SHARED ?? '../shared')
const data = join(shared, 'data')
const model = join(shared, 'models', 'stories260K-hf')
const missing = [model, data].find((folder) => !existsSync(folder))
const published = missing === undefined ? describe : describe.skip

function storiesStudy(changes: Partial<StudyInput> = {}): StudyConfig {
  const sampling = { maxNewTokens: 8 }
  return StudyConfig.parse({
    name: 'stories',
    model,
    threads: 2,
    judges: [{ lexicon: 'builtin' }],
    tooLong: 'truncate-thought',
    data: {
      attacks: { file: join(data, 'attaq/attaq_dataset.csv'), role: 'harmful', split: 'train', limit: 4 },
      'attacks-held-out': { file: join(data, 'attaq/attaq_dataset.csv'), role: 'harmful', split: 'held-out', limit: 8 },
      'benign-held-out': { file: join(data, 'xstest/xstest_prompts.csv'), role: 'benign', split: 'held-out', limit: 8 },
      'questions-held-out': { file: join(data, 'gsm8k/test.jsonl'), role: 'reasoning', split: 'held-out', limit: 8 },
      thoughts: { file: join(data, 'star-1/STAR-1.json'), role: 'sft', limit: 12 },
    },
    arms: [
      { name: 'base', method: 'base' },
      { name: 'sft', method: 'sft', data: 'thoughts', steps: 1, batchSize: 2, heldOutFraction: 0 },
      { name: 'rl', method: 'rl', steps: 1, promptsPerStep: { attacks: 2 }, samplesPerPrompt: 2, sampling },
    ],
    evaluation: { sources: ['attacks-held-out', 'benign-held-out', 'questions-held-out'], sampling },
    ...changes,
  })
}

async function run(study: StudyConfig) {
  const events: EngineEvent[] = []
  const result = await runStudy(study, {
    workFolder: join(temporaryFolder(), 'work'),
    resume: false,
    signal: new AbortController().signal,
    emit: async (event) => void events.push(event),
  })
  return { result, events }
}

const noticesOf = (events: readonly EngineEvent[]) =>
  events.flatMap((event) => (event.type === 'notice' ? [event.text] : []))

const reason = missing === undefined ? '' : ` (skipped: ${missing} is missing)`

published(`published files and a published model${reason}`, () => {
  it('flow through a whole study, and the plan says how they were read', async () => {
    const { result, events } = await run(storiesStudy())
    expect(result.arms.map(({ name }) => name)).toEqual(['base', 'sft', 'rl'])
    expect(result.judges).toEqual(['lexicon'])
    const [planned] = events
    if (planned.type !== 'studyPlanned') throw new Error(`the first event is ${planned.type}`)
    const model = { chatTemplate: 'plain-think', contextTokens: 512, architecture: 'LlamaForCausalLM' }
    expect(planned.model).toMatchObject(model)
    const source = (name: string) => planned.sources.find((each) => each.name === name)
    const columns = { text: 'input', category: 'label' }
    expect(source('attacks-held-out')).toMatchObject({ used: 8, rows: 1402, columns })
    expect(source('questions-held-out')?.columns).toEqual({ text: 'question', answer: 'answer' })
    expect(source('thoughts')?.tooLong).toBeGreaterThan(0)
    expect(noticesOf(events)).toContainEqual(expect.stringContaining("'plain-think'"))
    for (const arm of result.arms) expect(arm.safety.thought.n + arm.safety.thought.unscorable).toBe(8)
  })

  it('do not run until a person has said what becomes of rows that are too long', async () => {
    await expect(run(storiesStudy({ tooLong: 'refuse' }))).rejects.toMatchObject({
      code: 'too-long',
      place: join(data, 'star-1/STAR-1.json'),
      remedy: expect.stringContaining('--too-long truncate-thought'),
    })
  })

  it('give fewer new tokens where the context holds no more, and say so', async () => {
    const evaluation = { ...storiesStudy().evaluation, sampling: { maxNewTokens: 5000 } }
    const arms: StudyInput['arms'] = [{ name: 'base', method: 'base' }]
    const { events } = await run(storiesStudy({ arms, evaluation: { ...evaluation, sources: ['attacks-held-out'] } }))
    const items = events.flatMap((event) => (event.type === 'trajectoriesRecorded' ? event.items : []))
    for (const { promptTokens, tokens } of items) expect(promptTokens.length + tokens.length).toBeLessThanOrEqual(512)
    const notice = expect.stringMatching(/^evaluation: at most \d+ new tokens instead of 5000/)
    expect(noticesOf(events)).toContainEqual(notice)
  })
})
