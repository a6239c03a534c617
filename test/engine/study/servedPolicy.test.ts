/** The base model sampled by a server: the same completions are worth the same, wherever they were written. */
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runStudy } from '../../../src/engine/study/runStudy.ts'
import type { EngineEvent } from '../../../src/shared/events.ts'
import { StudyConfig } from '../../../src/shared/study.ts'
import type { Trajectory } from '../../../src/shared/trajectory.ts'
import { chat, json, MODEL, startServer, type Script, type ScriptedServer } from '../endpoint/scriptedServer.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'
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

const endpointOf = (url: string) => ({ url, model: MODEL, retries: 0 })

function studyOf(endpoint: object | null, changes: object = {}): StudyConfig {
  return StudyConfig.parse({
    name: 'served',
    model: join(folder, 'model'),
    threads: 1,
    arms: [{ name: 'base', method: 'base', ...(endpoint === null ? {} : { endpoint }) }],
    data: { puzzles: { harbor: 'puzzle', count: 6 }, harmful: { harbor: 'harmful', count: 6 } },
    evaluation: { sources: ['puzzles', 'harmful'], sampling: { maxNewTokens: 16 } },
    ...changes,
  })
}

async function run(study: StudyConfig, name: string) {
  const events: EngineEvent[] = []
  const emit = async (event: EngineEvent) => void events.push(event)
  const context = { workFolder: join(folder, name), resume: false, signal: new AbortController().signal, emit }
  const result = await runStudy(study, context)
  const trajectories = events.flatMap((event) => (event.type === 'trajectoriesRecorded' ? event.items : []))
  return { events, result, byId: new Map(trajectories.map((each) => [each.id, each])) }
}

async function serve(script: Script): Promise<string> {
  server = await startServer(script)
  return server.url
}

const questionOf = (body: Record<string, unknown>) => (body as { messages: { content: string }[] }).messages[0].content

it('has the tokens, log-probabilities, entropies and verdicts of completions that were sampled here', async () => {
  const local = await run(studyOf(null), 'local')
  const byPrompt = new Map([...local.byId.values()].map((each) => [each.prompt.text, each]))
  const url = await serve(({ body }, answer) => {
    const { text, finish } = byPrompt.get(questionOf(body))!
    json(answer, chat(text, { finish }))
  })
  const served = await run(studyOf(endpointOf(url)), 'served')
  // Text that the model wrote can come back as other tokens, where it wrote one in an unusual way.
  const same = [...local.byId.values()].filter((each) => served.byId.get(each.id)!.tokens.join() === each.tokens.join())
  expect(same.length).toBeGreaterThan(6)
  const close = (a: Float32Array, b: Float32Array) => a.forEach((value, i) => expect(b[i]).toBeCloseTo(value, 4))
  for (const each of same) {
    const other: Trajectory = served.byId.get(each.id)!
    close(each.logProbabilities, other.logProbabilities)
    close(each.entropies, other.entropies)
    expect({ ...other, logProbabilities: 0, entropies: 0 }).toEqual({ ...each, logProbabilities: 0, entropies: 0 })
  }
  const notices = served.events.flatMap((event) => (event.type === 'notice' ? [event.text] : []))
  expect(notices).toContain(`prompts of the arm base are sent to ${url} to be answered by ${MODEL}, and nowhere else`)
})

it('asks with the settings of the study, and joins thought and answer where the server parts them', async () => {
  const url = await serve((_, answer, n) =>
    json(
      answer,
      n === 0
        ? chat('i will not do that .', { message: { reasoning_content: 'i will not .' } })
        : chat('', { finish: 'length', message: { reasoning_content: 'i will and i will' } }),
    ),
  )
  const sampling = { temperature: 0.5, topP: 0.9, topK: 7, maxNewTokens: 16 }
  const evaluation = { sources: ['harmful'], sampling }
  const study = studyOf({ ...endpointOf(url), concurrency: 1 }, { evaluation })
  const { byId } = await run(study, 'served')
  const [first, second] = byId.values()
  expect(first.split).toEqual({ state: 'complete', thought: 'i will not .', response: 'i will not do that .' })
  const split = { state: 'unfinished-thought', thought: 'i will and i will' }
  expect(second).toMatchObject({ finish: 'length', split })
  const asked = server!.asked.at(-1)!.body
  expect(asked).toMatchObject({ temperature: 0.5, top_p: 0.9, top_k: 7, max_tokens: 16 })
  expect(asked).not.toHaveProperty('min_p')
  expect(asked.chat_template_kwargs).toEqual({ enable_thinking: true })
  const seeds = server!.asked.flatMap(({ body }) => ('seed' in body ? [body.seed] : []))
  expect(new Set(seeds).size).toBe(6)
})

it('is an error where the server cannot answer: before the start, and where an answer stays away', async () => {
  await expect(run(studyOf(endpointOf('http://127.0.0.1:9/v1')), 'none')).rejects.toMatchObject({
    code: 'endpoint',
    place: 'http://127.0.0.1:9/v1',
  })
  const url = await serve((_, answer, n) => (n < 3 ? json(answer, chat('i will not .')) : json(answer, {}, 500)))
  await expect(run(studyOf(endpointOf(url)), 'broken')).rejects.toMatchObject({
    code: 'endpoint',
    problem: expect.stringContaining('status 500'),
  })
})
