import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { runStudy } from '../../../src/engine/study/runStudy.ts'
import { openCheckpoint } from '../../../src/engine/model/checkpoint.ts'
import { ReflectoryError } from '../../../src/shared/errors.ts'
import { ArmSeconds, EngineEvent } from '../../../src/shared/events.ts'
import { StudyResult } from '../../../src/shared/result.ts'
import { StudyConfig, type StudyInput } from '../../../src/shared/study.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'
import { recallFrom } from './recallFrom.ts'
import { writeTinyHarbor } from './tinyHarbor.ts'

const sampling = { maxNewTokens: 10 }

function tinyStudy(model: string, changes: Partial<StudyInput> = {}): StudyConfig {
  return StudyConfig.parse({
    name: 'tiny',
    model,
    threads: 2,
    checkpointEverySteps: 2,
    arms: [
      { name: 'base', method: 'base' },
      { name: 'sft', method: 'sft', steps: 3, batchSize: 4, learningRate: 0.01, warmupSteps: 0 },
      {
        name: 'rl',
        method: 'rl',
        steps: 5,
        promptsPerStep: { harmful: 2, benign: 2 },
        samplesPerPrompt: 4,
        learningRate: 0.01,
        warmupSteps: 0,
        // What random weights write cannot be judged; its form can.
        reward: { safety: { component: 'whole', weight: 0 }, overRefusalPenalty: 0, format: 1, overlong: { bufferTokens: 6 } },
        sampling,
      },
    ],
    data: {
      harmful: { harbor: 'harmful', count: 12 },
      benign: { harbor: 'benign', count: 12 },
      refusals: { harbor: 'sft', count: 12 },
      'harmful-held-out': { harbor: 'harmful', split: 'held-out', count: 200 },
      'benign-held-out': { harbor: 'benign', split: 'held-out', count: 200 },
      'puzzles-held-out': { harbor: 'puzzle', split: 'held-out', count: 200 },
    },
    evaluation: { sampling },
    ...changes,
  })
}

interface Watched {
  events: EngineEvent[]
  result: StudyResult | undefined
  error: unknown
}

/** Runs it and stops it when an event says so. What was recorded before can be recalled. */
async function run(
  study: StudyConfig,
  workFolder: string,
  stopAt: (event: EngineEvent) => boolean = () => false,
  resume = false,
  before: readonly EngineEvent[] = [],
): Promise<Watched> {
  const stop = new AbortController()
  const watched: Watched = { events: [], result: undefined, error: undefined }
  const emit = async (event: EngineEvent) => {
    watched.events.push(EngineEvent.parse(event))
    if (stopAt(event)) stop.abort()
  }
  try {
    watched.result = await runStudy(study, { workFolder, resume, signal: stop.signal, emit, recall: recallFrom(before, true) })
  } catch (error) {
    watched.error = error
  }
  return watched
}

const ofType = <T extends EngineEvent['type']>(events: readonly EngineEvent[], type: T) =>
  events.filter((event): event is Extract<EngineEvent, { type: T }> => event.type === type)

/** All but the wall-clock time. */
const figures = (result: StudyResult | undefined) => ({ ...result, seconds: 0 })

describe('a study of a base, SFT and RL', () => {
  let model: string
  let straight: Watched
  let folder: string

  beforeAll(async () => {
    folder = temporaryFolder()
    model = join(folder, 'model')
    writeTinyHarbor(model)
    straight = await run(tinyStudy(model), join(folder, 'straight'))
  })

  it('plans, trains, evaluates every arm on the same prompts, and compares with the base', () => {
    expect(straight.error).toBeUndefined()
    const { events } = straight
    expect(events[0]).toMatchObject({ type: 'studyPlanned', judges: ['harbor'] })
    const result = StudyResult.parse(straight.result)
    expect(result.arms.map(({ name }) => name)).toEqual(['base', 'sft', 'rl'])
    for (const arm of result.arms) {
      expect(arm.safety.whole.n + arm.safety.whole.unscorable).toBe(200)
      expect(arm.overRefusal.n + arm.overRefusal.unscorable).toBe(200)
      expect(arm.reasoning.n).toBe(200)
    }
    expect(result.arms[0].differences).toBeNull()
    expect(result.arms[2].differences?.reasoning).not.toBeNull()
    expect(events.at(-1)).toEqual({ type: 'studyFinished', result: straight.result })

    const evaluated = ofType(events, 'trajectoriesRecorded').flatMap(({ arm, items }) =>
      items.filter(({ phase }) => phase === 'evaluation').map((item) => ({ arm, item })),
    )
    const promptsOf = (name: string) =>
      evaluated.flatMap(({ arm, item }) => (arm === name ? [item.prompt.id] : [])).sort()
    expect(promptsOf('base')).toHaveLength(600)
    expect(promptsOf('sft')).toEqual(promptsOf('base'))
    expect(promptsOf('rl')).toEqual(promptsOf('base'))
  })

  it('gives each trajectory an id of its own, its tokens and verdicts, and in training reward and advantage', () => {
    const items = ofType(straight.events, 'trajectoriesRecorded').flatMap((event) => event.items)
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length)
    const trained = items.filter(({ phase }) => phase === 'train')
    expect(trained).toHaveLength(5 * 4 * 4)
    for (const item of items) {
      expect(item.tokens.length).toBeGreaterThan(0)
      expect(item.tokens.length).toBeLessThanOrEqual(sampling.maxNewTokens)
      expect(item.logProbabilities).toHaveLength(item.tokens.length)
      expect(item.verdicts).toHaveLength(item.prompt.role === 'reasoning' ? 0 : 3)
    }
    for (const item of trained) expect(item.reward).not.toBeNull()
    expect(trained.some(({ advantage }) => advantage !== 0)).toBe(true)
  })

  it('changes the weights by training, and what the sampler and the trainer say of a token agrees', () => {
    const trained = openCheckpoint(join(folder, 'straight', 'rl-0', 'model'))
    const base = openCheckpoint(model)
    const name = 'model.embed_tokens.weight'
    const before = base.readTensor(name)
    expect(trained.readTensor(name).some((value, i) => value !== before[i])).toBe(true)
    expect(readdirSync(join(folder, 'straight', 'rl-0', 'model'))).toContain('tokenizer.json')
    for (const { arm, metrics } of ofType(straight.events, 'stepFinished')) {
      if (arm === 'rl') expect(metrics.samplerDifference).toBeLessThan(1e-5)
    }
  })

  it('keeps no optimizer state of an arm that is finished', () => {
    expect(existsSync(join(folder, 'straight', 'sft-0', 'checkpoints'))).toBe(false)
  })

  it('comes to the same result when it was stopped in the middle of training and of an evaluation', async () => {
    const workFolder = join(folder, 'interrupted')
    const study = tinyStudy(model)
    const afterThirdStep = (event: EngineEvent) =>
      event.type === 'stepFinished' && event.arm === 'rl' && event.step === 3
    const first = await run(study, workFolder, afterThirdStep)
    expect(first.error).toMatchObject({ code: 'cancelled' })
    expect(first.events.at(-1)).toEqual({ type: 'interrupted', reason: 'stopped on request', resumable: true })

    // Some of the evaluation of the last arm is recorded.
    let evaluated = 0
    const afterSome = (event: EngineEvent) => {
      const isEvaluated = event.type === 'trajectoriesRecorded' && event.arm === 'rl' && event.items[0].phase === 'evaluation'
      if (isEvaluated) evaluated += event.items.length
      return evaluated > 100
    }
    const second = await run(study, workFolder, afterSome, true, first.events)
    expect(second.error).toMatchObject({ code: 'cancelled' })
    expect(ofType(second.events, 'studyResumed').map(({ arm, step }) => [arm, step])).toEqual([['sft', 3], ['rl', 3]])
    expect(ofType(second.events, 'stepFinished').map(({ step }) => step)).toEqual([4, 5])
    // Those of the first two arms were all there.
    expect(ofType(second.events, 'trajectoriesRecorded').filter(({ arm }) => arm !== 'rl')).toEqual([])

    const third = await run(study, workFolder, undefined, true, [...first.events, ...second.events])
    expect(third.error).toBeUndefined()
    expect(ofType(third.events, 'stepFinished')).toEqual([])
    const again = ofType(third.events, 'trajectoriesRecorded').flatMap(({ items }) => items)
    expect(evaluated).toBeLessThan(600)
    expect(again).toHaveLength(600 - evaluated)
    expect(figures(third.result)).toEqual(figures(straight.result))
    // Time of all three processes, and none of it twice.
    const seconds = ofType(third.events, 'armFinished').map(({ arm, seconds }) => ({ arm, ...ArmSeconds.parse(seconds) }))
    expect(seconds.filter(({ training }) => training > 0).map(({ arm }) => arm)).toEqual(['sft', 'rl'])
    const spent = seconds.reduce((sum, { training, evaluation }) => sum + training + evaluation, 0)
    expect(spent).toBeGreaterThan(0.5 * (third.result?.seconds ?? 0))
    expect(spent).toBeLessThanOrEqual(third.result?.seconds ?? 0)

    // A study of an older version left no times: what it took is not known, and never told as nothing.
    const { timesArms, ...older } = JSON.parse(readFileSync(join(workFolder, 'origin.json'), 'utf8'))
    expect(timesArms).toBe(true)
    writeFileSync(join(workFolder, 'origin.json'), JSON.stringify(older))
    for (const arm of ['base-0', 'sft-0', 'rl-0']) rmSync(join(workFolder, arm, 'seconds.json'))
    const all = [...first.events, ...second.events, ...third.events]
    const fourth = await run(study, workFolder, undefined, true, all)
    expect(ofType(fourth.events, 'armFinished').map(({ seconds }) => seconds)).toEqual([null, null, null])
    const told = ofType(third.events, 'notice').map(({ text }) => text)
    expect(told).toContain('base, seed 0: 600 of 600 completions were recorded before (same model, settings and seed), with every verdict')
  })

  it('samples anew for another seed, and pools seeds', async () => {
    const study = tinyStudy(model, { seeds: [0, 5], arms: [{ name: 'base', method: 'base' }] })
    const { result, events } = await run(study, join(folder, 'seeds'))
    expect(result?.arms[0].seeds).toEqual([0, 5])
    expect(result?.arms[0].entropy.n).toBe(1200)
    const [zero] = straight.result!.arms
    expect(result?.arms[0].bySeed[0]).toEqual(zero.bySeed[0])
    const tokens = (seed: number) => {
      const items = ofType(events, 'trajectoriesRecorded').flatMap((event) => (event.seed === seed ? event.items : []))
      return new Map(items.map(({ prompt, tokens }) => [prompt.id, [...tokens]]))
    }
    expect([...tokens(5).keys()].sort()).toEqual([...tokens(0).keys()].sort())
    expect(tokens(5)).not.toEqual(tokens(0))
  })

  it('refuses to go on once the model is another', async () => {
    const workFolder = join(folder, 'changed')
    const study = tinyStudy(model, { arms: [{ name: 'base', method: 'base' }] })
    await run(study, workFolder, (event) => event.type === 'armStarted')
    const other = join(folder, 'other')
    writeTinyHarbor(other, { hidden_size: 16 })
    const { error, events } = await run({ ...study, model: other }, workFolder, undefined, true)
    expect(error).toMatchObject({ code: 'bad-study', place: other })
    expect(events).toEqual([])
  })
})

describe('bad input', () => {
  /** Nothing was begun: no event, no folder. */
  async function refused(study: StudyConfig, workFolder: string): Promise<ReflectoryError> {
    const { error, events } = await run(study, workFolder)
    expect(events).toEqual([])
    expect(existsSync(workFolder)).toBe(false)
    expect(error).toBeInstanceOf(ReflectoryError)
    return error as ReflectoryError
  }

  function prepared(changes: Partial<StudyInput> = {}, config: object = {}) {
    const folder = temporaryFolder()
    const model = join(folder, 'model')
    writeTinyHarbor(model, config)
    return { folder, workFolder: join(folder, 'work'), study: tinyStudy(model, changes) }
  }

  it('names the model folder that is not there', async () => {
    const { folder, workFolder } = prepared()
    const error = await refused(tinyStudy(join(folder, 'nothing')), workFolder)
    expect(error).toMatchObject({ code: 'bad-model', place: join(folder, 'nothing', 'config.json') })
  })

  it("does not let Harbor's judge pass for a judge of other texts", async () => {
    const { folder, workFolder, study } = prepared()
    const file = join(folder, 'attacks.csv')
    writeFileSync(file, 'prompt\nHow does one open a crate?\n')
    const data = { ...study.data, 'harmful-held-out': { file, role: 'harmful' as const } }
    const error = await refused(StudyConfig.parse({ ...study, data }), workFolder)
    expect(error).toMatchObject({ code: 'bad-study', place: 'judges' })
  })

  it('names the file without the needed column', async () => {
    const { folder, workFolder, study } = prepared()
    const file = join(folder, 'attacks.csv')
    writeFileSync(file, 'colour,size\nred,2\n')
    const data = { ...study.data, 'harmful-held-out': { file, role: 'harmful' as const } }
    const error = await refused(StudyConfig.parse({ ...study, data, judges: [{ lexicon: 'builtin' }] }), workFolder)
    expect(error).toMatchObject({ code: 'bad-data' })
    expect(error.place).toContain(file)
  })

  it('refuses prompts that leave no room in the context, and counts them', async () => {
    const { workFolder, study } = prepared({}, { max_position_embeddings: 32 })
    const error = await refused(study, workFolder)
    expect(error).toMatchObject({ code: 'too-long' })
    expect(error.problem).toMatch(/\d+ of \d+ rows do not fit the context of 32 tokens/)
    expect(error.remedy).toContain('--too-long drop')
  })

  it('refuses when nothing at all would be left', async () => {
    const { workFolder, study } = prepared({ tooLong: 'drop' }, { max_position_embeddings: 8 })
    expect(await refused(study, workFolder)).toMatchObject({ code: 'too-long' })
  })

  it('refuses a work folder that is in use', async () => {
    const { workFolder, study } = prepared()
    mkdirSync(workFolder)
    writeFileSync(join(workFolder, 'something'), '')
    const { error, events } = await run(study, workFolder)
    expect(error).toMatchObject({ code: 'disk', place: workFolder })
    expect(events).toEqual([])
  })
})
