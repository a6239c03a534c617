/** From a file of texts with verdicts to a folder that judges, on a tiny model with Harbor's words. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../../../src/engine/model/checkpoint.ts'
import { openGuard } from '../../../../src/engine/reward/guard/openGuard.ts'
import { describeModel } from '../../../../src/engine/study/describeModel.ts'
import { trainGuardFolder } from '../../../../src/engine/study/guard/trainGuardFolder.ts'
import type { EngineEvent } from '../../../../src/shared/events.ts'
import { GuardReport, GuardTraining, type GuardRow } from '../../../../src/shared/guardTraining.ts'
import { GuardJudge } from '../../../../src/shared/judges.ts'
import { RandomStream } from '../../../../src/shared/random.ts'
import { writeTinyHarbor } from '../tinyHarbor.ts'
import { temporaryFolder } from '../../../temporaryFolder.ts'

const WORDS = ['the', 'a', 'you', 'need', 'to', 'and', 'first', 'then', 'in', 'is']

/** A text is unsafe where it says "harm": the tiny model has to learn that one word. */
function rows(count: number): GuardRow[] {
  const random = new RandomStream(2)
  const words = (length: number) => Array.from({ length }, () => WORDS[random.integer(WORDS.length)])
  return Array.from({ length: count }, (_, i) => {
    const unsafe = random.uniform() < 0.4
    const text = words(6)
    if (unsafe) text[random.integer(6)] = 'harm'
    const split = { state: 'no-thought' as const, thought: '', response: text.join(' ') }
    return { question: words(5).join(' '), category: `kind ${i % 4}`, component: 'response', split, word: unsafe ? 'unsafe' : 'safe' }
  })
}

const root = temporaryFolder()
const model = join(root, 'base')
const examples = join(root, 'examples.jsonl')
beforeAll(() => {
  writeTinyHarbor(model)
  const odd: GuardRow = { ...rows(1)[0], word: 'unscorable' }
  const open: GuardRow = { ...rows(1)[0], component: 'whole', split: { state: 'unfinished-thought', thought: 'so', response: '' } }
  writeFileSync(examples, [...rows(600), odd, open].map((row) => `${JSON.stringify(row)}\n`).join(''))
})

async function train(name: string, settings: object, stopAfter?: number) {
  const stop = new AbortController()
  const events: EngineEvent[] = []
  const target = join(root, name)
  const report = await trainGuardFolder(
    {
      type: 'trainGuard',
      examples,
      source: 'a judge',
      model,
      target,
      workFolder: `${target}.training`,
      settings: GuardTraining.parse({ epochs: 10, learningRate: 0.01, ...settings }),
      device: 'cpu',
      threads: 1,
    },
    {
      signal: stop.signal,
      emit(event) {
        events.push(event)
        if (event.type === 'stepFinished' && event.step === stopAfter) stop.abort()
      },
    },
  )
  return { report, events, target }
}

describe.each(['last', 'token'] as const)('a guard with a head on the %s token', (head) => {
  it('is a folder that judges as its figures say, with all that it needs', async () => {
    const { report, target } = await train(`guard-${head}`, { head })
    expect(GuardReport.parse(report)).toEqual(report)
    const [prompts, categories] = report.agreement
    expect(prompts).toMatchObject({ heldOut: 'prompts', component: 'response' })
    expect(prompts.accuracy.value).toBeGreaterThan(0.9)
    expect(categories.heldOut).toBe('categories')
    expect(categories.auc.value).toBeGreaterThan(0.9)
    expect(categories.texts).toBe(report.texts.heldOutCategories)
    expect(report.heldOutCategories).toHaveLength(1)
    expect(report.leftOut).toContainEqual({ reason: 'the judge could not score it', count: 1 })
    expect(report.leftOut).toContainEqual({ reason: 'the thought was not finished, so there is no response', count: 1 })

    const { config } = openCheckpoint(target)
    expect(config.scores).toEqual(['safe', 'unsafe'])
    const architecture = `LlamaFor${head === 'last' ? 'Sequence' : 'Token'}Classification`
    expect(JSON.parse(readFileSync(join(target, 'config.json'), 'utf8')).architectures).toEqual([architecture])
    expect(describeModel(target)).toMatchObject({ architecture, scores: ['safe', 'unsafe'] })
    expect(readFileSync(join(target, 'README.md'), 'utf8')).toContain('| by category | response |')
    expect(existsSync(`${target}.training`)).toBe(false)

    const judge = await openGuard(GuardJudge.parse({ guard: target }), target, { device: 'cpu', threads: 1 })
    const prompt = { id: 'a', set: 's', role: 'harmful', category: 'c', text: 'you need the a to', answer: null } as const
    const item = (response: string) => ({ prompt, split: { state: 'no-thought' as const, thought: '', response }, component: 'response' as const })
    const [safe, unsafe] = await judge.judge([item('first the a is in to'), item('first the a harm in to')])
    expect(safe).toMatchObject({ kind: 'scored', reason: 'safe' })
    expect(unsafe).toMatchObject({ kind: 'scored', reason: 'unsafe' })
    const [scores] = await judge.tokenScores!([{ question: prompt.text, text: 'first the a harm in to' }])
    expect(scores.at(-1)!.unsafe).toBeGreaterThan(0.5)
    if (head === 'token') {
      // From the word on, and not before it.
      const at = (end: number) => scores.find((score) => score.end === end)!.unsafe
      expect(at('first the a'.length)).toBeLessThan(0.5)
      expect(at('first the a harm'.length)).toBeGreaterThan(0.5)
    }
    // A word that the tokenizer does not know is read over.
    const [past] = await judge.tokenScores!([{ question: prompt.text, text: 'the xyzzy a plugh in' }])
    expect(past.map(({ end }) => end)).toEqual(expect.arrayContaining(['the', 'the xyzzy a', 'the xyzzy a plugh in'].map(({ length }) => length)))
    await judge.release?.()
  })
})

it('goes on after it was stopped, to the same bits', async () => {
  const weightsOf = (folder: string) => readFileSync(join(folder, 'model.safetensors'))
  const short = { epochs: 2 }
  const whole = await train('whole', short)
  await expect(train('parts', short, 7)).rejects.toThrow(/stopped after 7 of at most \d+ steps/)
  expect(existsSync(join(root, 'parts'))).toBe(false)
  const parts = await train('parts', short)
  expect(parts.events[0]).toMatchObject({ type: 'studyResumed', step: 7 })
  expect(weightsOf(parts.target).equals(weightsOf(whole.target))).toBe(true)
  expect(parts.report.agreement).toEqual(whole.report.agreement)
})

it('trains the head alone, leaving the decoder as it was', async () => {
  const { target, report } = await train('frozen', { weights: 'frozen', epochs: 1 })
  expect(report.parameters).toBe(2 * 32)
  const [base, guard] = [openCheckpoint(model), openCheckpoint(target)]
  const decoder = base.tensorNames.filter((name) => name !== 'lm_head.weight')
  for (const name of decoder) expect(guard.readTensor(name), name).toEqual(base.readTensor(name))
})

it('refuses a filled folder, a classifier as a base, and a model of another architecture', async () => {
  await expect(train('base', {})).rejects.toThrow(/not empty/)
  const refused = (folder: string) =>
    trainGuardFolder(
      { type: 'trainGuard', examples, source: 'a judge', model: folder, target: join(root, 'x'), workFolder: join(root, 'x.training'), settings: GuardTraining.parse({}), device: 'cpu', threads: 1 },
      { signal: new AbortController().signal, emit: () => undefined },
    )
  await expect(refused(join(root, 'frozen'))).rejects.toThrow(/scores texts/)
  const foreign = join(root, 'foreign')
  writeTinyHarbor(foreign)
  const config = JSON.parse(readFileSync(join(foreign, 'config.json'), 'utf8'))
  writeFileSync(join(foreign, 'config.json'), JSON.stringify({ ...config, architectures: ['BertModel'], model_type: 'bert' }))
  await expect(refused(foreign)).rejects.toThrow(/architecture BertModel is not supported/)
})
