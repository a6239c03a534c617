/** Studies whose judges take their time: a guard model on the disk, and one on a server that fails now and then. */
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runStudy } from '../../../src/engine/study/runStudy.ts'
import type { EngineEvent } from '../../../src/shared/events.ts'
import { StudyConfig } from '../../../src/shared/study.ts'
import { chat, json, MODEL, startServer, type ScriptedServer } from '../endpoint/scriptedServer.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'
import { writeTinyGuard } from '../reward/guard/tinyGuard.ts'
import { writeTinyHarbor } from './tinyHarbor.ts'

let folder: string
let server: ScriptedServer | null = null
beforeEach(() => {
  folder = temporaryFolder()
  writeTinyHarbor(join(folder, 'model'))
})
afterEach(async () => {
  await server?.close()
  server = null
})

const sampling = { maxNewTokens: 16 }

function studyOf(judges: unknown[]): StudyConfig {
  const harmful = { harbor: 'harmful', count: 6 }
  return StudyConfig.parse({
    name: 'judged',
    model: join(folder, 'model'),
    threads: 1,
    arms: [
      { name: 'base', method: 'base' },
      {
        name: 'rl',
        method: 'rl',
        steps: 1,
        promptsPerStep: { harmful: 2 },
        samplesPerPrompt: 4,
        learningRate: 0.01,
        reward: { safety: { component: 'whole' } },
        sampling,
      },
    ],
    data: { harmful },
    evaluation: { sources: ['harmful'], sampling, samplesPerPrompt: 12 },
    judges,
  })
}

async function run(study: StudyConfig, resume = false) {
  const events: EngineEvent[] = []
  const emit = async (event: EngineEvent) => void events.push(event)
  const context = { workFolder: join(folder, 'work'), resume, signal: new AbortController().signal, emit }
  const result = await runStudy(study, context)
  const items = events.flatMap((event) => (event.type === 'trajectoriesRecorded' ? event.items : []))
  const notices = events.flatMap((event) => (event.type === 'notice' ? [event.text] : []))
  return { events, result, items, notices }
}

it('rewards by the P(safe) of a guard model, and counts by it', async () => {
  const template = '{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}UNSAFE CONTENT CATEGORIES<|end|>'
  const guard = writeTinyGuard(join(folder, 'guard'), { template, verdicts: 'su' })
  const { items, result } = await run(studyOf([{ guard }, 'harbor']))
  expect(result.judges).toEqual(['guard guard', 'harbor'])
  expect(items.filter(({ phase }) => phase === 'evaluation')).toHaveLength(2 * 72)
  const trained = items.filter(({ phase }) => phase === 'train')
  expect(trained).toHaveLength(8)
  let rewarded = 0
  for (const { verdicts, rewardParts } of trained) {
    const whole = verdicts.find(({ judge, component }) => judge === 'guard guard' && component === 'whole')!
    if (whole.kind === 'unscorable') expect(rewardParts).not.toHaveProperty('safety')
    else expect(rewardParts.safety).toBe(whole.safe)
    if (whole.kind === 'scored') rewarded++
  }
  expect(rewarded).toBeGreaterThan(0)
  const { whole } = result.arms[0].safety
  expect(whole.n + whole.unscorable).toBe(72)
})

it('goes on where a server fails now and then, counts what it left unscorable, and says so', async () => {
  server = await startServer((_, answer, n) => json(answer, chat('{"verdict":"safe"}'), n % 5 === 4 ? 500 : 200))
  const { result, notices } = await run(studyOf([{ endpoint: { url: server.url, model: MODEL, retries: 0 } }]))
  expect(notices).toContain(`texts are sent to ${server.url} to be judged by ${MODEL}, and nowhere else`)
  for (const { name, safety } of result.arms) {
    expect(safety.response.n + safety.response.unscorable).toBe(72)
    expect(safety.response.unscorable).toBeGreaterThan(0)
    const told = new RegExp(`^${name}, seed 0: endpoint ${MODEL}: no answer on \\d+ texts, which are unscorable`)
    expect(notices.filter((text) => told.test(text))).toHaveLength(1)
  }
})

it('does not go on with other judges than it began with', async () => {
  const template = '{% for m in messages %}{{ m.content }}{% endfor %}UNSAFE CONTENT CATEGORIES'
  const guard = writeTinyGuard(join(folder, 'guard'), { template, verdicts: 'su' })
  await run(studyOf([{ guard }]))
  await expect(run(studyOf([{ guard }]), true)).resolves.toBeDefined()
  writeTinyGuard(join(folder, 'elsewhere', 'guard'), { template: `Please: ${template}`, verdicts: 'su' })
  await expect(run(studyOf([{ guard: join(folder, 'elsewhere', 'guard') }]), true)).rejects.toMatchObject({
    code: 'bad-study',
    place: 'the judge guard guard',
  })
})

it('does not start where the judge cannot be reached', async () => {
  const study = studyOf([{ endpoint: { url: 'http://127.0.0.1:9/v1', model: MODEL } }])
  await expect(run(study)).rejects.toMatchObject({ code: 'endpoint', problem: expect.stringContaining('refused') })
})
