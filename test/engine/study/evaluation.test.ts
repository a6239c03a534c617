/** Evaluations: studies whose arms are not trained, and what they take over from earlier ones. */
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { initialAdapter, planAdapter } from '../../../src/engine/model/adapter.ts'
import { writeAdapter } from '../../../src/engine/model/adapterFiles.ts'
import { runStudy } from '../../../src/engine/study/runStudy.ts'
import { openStudyModel } from '../../../src/engine/study/studyModel.ts'
import type { EngineEvent } from '../../../src/shared/events.ts'
import { EvaluationRequest, evaluationStudy } from '../../../src/shared/evaluationStudy.ts'
import { RandomStream } from '../../../src/shared/random.ts'
import { StudyResult } from '../../../src/shared/result.ts'
import { StudyConfig, type StudyInput } from '../../../src/shared/study.ts'
import type { Trajectory } from '../../../src/shared/trajectory.ts'
import { recallFrom } from './recallFrom.ts'
import { writeTinyHarbor } from './tinyHarbor.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

let folder: string
let runs = 0
beforeAll(() => {
  folder = temporaryFolder()
  writeTinyHarbor(join(folder, 'model'))
  writeTinyHarbor(join(folder, 'other'), { hidden_size: 16 })
  const { config } = openStudyModel(join(folder, 'model'))
  const lora = { rank: 2, alpha: 4, rslora: false, targets: null }
  const adapter = planAdapter(config, lora)
  const weights = initialAdapter(adapter, new RandomStream(7, ['adapter']))
  // Both factors are random, so that it changes what is written.
  for (const [name, data] of weights) if (name.includes('lora_B')) data.set(data.map((_, i) => 0.3 * Math.sin(i)))
  writeAdapter(join(folder, 'adapter'), { adapter, weights, base: join(folder, 'model'), ...lora })
})

const sources = {
  harmful: { harbor: 'harmful', count: 20 },
  benign: { harbor: 'benign', count: 10 },
  puzzles: { harbor: 'puzzle', count: 10 },
}

function evaluation(request: object = {}, changes: Partial<StudyInput> = {}): StudyConfig {
  const models = [{ model: join(folder, 'model') }]
  const asked = EvaluationRequest.parse({ models, sources, sampling: { maxNewTokens: 12 }, samplesPerPrompt: 2, threads: 2, ...request })
  return StudyConfig.parse({ ...evaluationStudy(asked), ...changes })
}

async function run(study: StudyConfig, before: readonly EngineEvent[] = []) {
  const events: EngineEvent[] = []
  const emit = async (event: EngineEvent) => void events.push(event)
  const context = { workFolder: join(folder, `work-${runs++}`), resume: false, signal: new AbortController().signal, emit }
  const result = StudyResult.parse(await runStudy(study, { ...context, recall: recallFrom(before, false) }))
  const items = events.flatMap((event) => (event.type === 'trajectoriesRecorded' ? event.items : []))
  const notices = events.flatMap((event) => (event.type === 'notice' ? [event.text] : []))
  return { events, result: { ...result, seconds: 0 }, byId: byId(items), notices }
}

function byId(items: readonly Trajectory[]): Record<string, Trajectory> {
  return Object.fromEntries(items.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((item) => [item.id, item]))
}

it('takes known completions over and comes to the same bits as without them', async () => {
  const few = await run(evaluation())
  const many = evaluation({ samplesPerPrompt: 3 })
  const straight = await run(many)
  const shortened = await run(many, few.events)
  expect(Object.keys(few.byId)).toHaveLength(80)
  expect(shortened.byId).toEqual(straight.byId)
  expect(shortened.result).toEqual(straight.result)
  expect(shortened.notices).toContain(
    'model, seed 0: 80 of 120 completions were recorded before (same model, settings and seed), with every verdict',
  )
  expect(straight.notices.join()).not.toContain('recorded before')
})

it('asks a new judge about known completions, and an old one only about what it has not read', async () => {
  const before = await run(evaluation())
  const judges: StudyInput['judges'] = [{ lexicon: 'builtin' }, 'harbor']
  const after = await run(evaluation({ judges }), before.events)
  expect(after.result).toEqual((await run(evaluation({ judges }))).result)
  expect(after.result.judges[0]).toContain('lexicon')
  for (const [id, { tokens }] of Object.entries(before.byId)) expect(after.byId[id].tokens).toEqual(tokens)
  // What Harbor's judge said is taken over, whatever it was.
  const changed = structuredClone(before.events)
  for (const event of changed) {
    if (event.type !== 'trajectoriesRecorded') continue
    for (const { verdicts } of event.items) for (const verdict of verdicts) if (verdict.kind === 'scored') verdict.safe = 0.25
  }
  const taken = await run(evaluation(), changed)
  expect(taken.result.arms[0].safety.response.n).toBeGreaterThan(0)
  expect(taken.result.arms[0].safety.response.value).toBe(0)
  // That of another version is not.
  for (const event of changed) {
    if (event.type !== 'trajectoriesRecorded') continue
    for (const { verdicts } of event.items) for (const verdict of verdicts) verdict.version = 'older'
  }
  expect((await run(evaluation(), changed)).result).toEqual(before.result)
})

it('does not take a completion for one of another prompt, however that is called', async () => {
  const before = await run(evaluation())
  const changed = structuredClone(before.events)
  for (const event of changed) {
    if (event.type !== 'trajectoriesRecorded') continue
    for (const item of event.items) item.promptTokens = item.promptTokens.map((token) => token + 1)
  }
  const after = await run(evaluation(), changed)
  expect(after.byId).toEqual(before.byId)
  expect(after.notices.join()).not.toContain('recorded before')
})

it('evaluates models, adapters and modes as arms, and pairs what differs in one thing', async () => {
  const model = join(folder, 'model')
  const models = [{ model }, { model, adapter: join(folder, 'adapter') }, { model: join(folder, 'other') }]
  const { result, byId, events } = await run(evaluation({ models, mode: 'both', samplesPerPrompt: 1 }))
  const names = ['model', 'model-plain', 'model-adapter', 'model-adapter-plain', 'other', 'other-plain']
  expect(result.arms.map(({ name }) => name)).toEqual(names)
  expect(result.comparisons?.map(({ about, arm, against }) => `${about}: ${arm} against ${against}`)).toEqual([
    'thinking: model-plain against model',
    'model: model-adapter against model',
    'thinking: model-adapter-plain against model-adapter',
    'model: model-adapter-plain against model-plain',
    'model: other against model',
    'thinking: other-plain against other',
    'model: other-plain against model-plain',
  ])
  const planned = events.find((event) => event.type === 'studyPlanned')
  const hashes = planned?.arms.map(({ samplingHash }) => samplingHash)
  expect(new Set(hashes).size).toBe(6)
  const numbersOf = (arm: string) => Object.values(byId).flatMap((item) => (item.id.startsWith(`${arm}/`) ? [item.logProbabilities.join()] : []))
  // Without a thought these random weights repeat one token, whoever has them.
  const thinking = names.filter((name) => !name.endsWith('-plain'))
  for (const [i, a] of thinking.entries()) {
    for (const b of thinking.slice(i + 1)) expect(numbersOf(a)).not.toEqual(numbersOf(b))
  }
  const plain = Object.values(byId).filter(({ thinking }) => !thinking)
  expect(plain).toHaveLength(3 * 40)
  expect(plain.every(({ split }) => split.state === 'no-thought')).toBe(true)
})

it('samples an adapter as training left it: merged, it is the same model', async () => {
  const adapted = await run(evaluation({ models: [{ model: join(folder, 'model'), adapter: join(folder, 'adapter') }] }))
  const opened = await run(evaluation({ models: [{ model: join(folder, 'adapter') }] }))
  const tokens = ({ byId }: typeof adapted) => Object.values(byId).map((item) => [item.prompt.id, item.sampleIndex, item.tokens.join()])
  expect(tokens(adapted)).toEqual(tokens(opened))
})

it('judges only the components that are asked for', async () => {
  const { result, byId } = await run(evaluation({ components: ['response'] }))
  for (const { verdicts } of Object.values(byId)) expect(verdicts.every(({ component }) => component === 'response')).toBe(true)
  const [{ safety }] = result.arms
  expect(result.components).toEqual(['response'])
  expect(safety.thought).toMatchObject({ n: 0, unscorable: 0 })
  expect(safety.response.n + safety.response.unscorable).toBe(40)
})

it('refuses an adapter that is none, before anything starts', async () => {
  const models = [{ model: join(folder, 'model'), adapter: join(folder, 'other') }]
  await expect(run(evaluation({ models }))).rejects.toMatchObject({ code: 'bad-model', place: join(folder, 'other') })
})
