/** Arms that train an adapter: the same study, with the base model's weights left as they are. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { openAdapter } from '../../../src/engine/model/adapterFiles.ts'
import { openCheckpoint } from '../../../src/engine/model/checkpoint.ts'
import { runStudy } from '../../../src/engine/study/runStudy.ts'
import { openStudyModel } from '../../../src/engine/study/studyModel.ts'
import type { EngineEvent } from '../../../src/shared/events.ts'
import type { StudyResult } from '../../../src/shared/result.ts'
import { StudyConfig } from '../../../src/shared/study.ts'
import { writeTinyHarbor } from './tinyHarbor.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const sampling = { maxNewTokens: 8 }
const work = temporaryFolder()
const model = join(work, 'model')
writeTinyHarbor(model)
const study = StudyConfig.parse({
  name: 'adapters',
  model,
  threads: 2,
  checkpointEverySteps: 1,
  arms: [
    { name: 'base', method: 'base' },
    { name: 'sft', method: 'sft', steps: 3, batchSize: 4, learningRate: 0.05, warmupSteps: 0, lora: { rank: 4, alpha: 8, targets: ['q_proj', 'down_proj'] } },
    {
      name: 'rl',
      method: 'rl',
      steps: 3,
      promptsPerStep: { harmful: 2, benign: 2 },
      samplesPerPrompt: 4,
      learningRate: 0.05,
      warmupSteps: 0,
      // What random weights write cannot be judged; its form can.
      reward: { safety: { component: 'whole', weight: 0 }, overRefusalPenalty: 0, format: 1, overlong: { bufferTokens: 6 } },
      sampling,
      lora: { rank: 2, rslora: true },
    },
  ],
  data: {
    harmful: { harbor: 'harmful', count: 6 },
    benign: { harbor: 'benign', count: 6 },
    refusals: { harbor: 'sft', count: 12 },
    'harmful-held-out': { harbor: 'harmful', split: 'held-out', count: 8 },
    'benign-held-out': { harbor: 'benign', split: 'held-out', count: 8 },
    'puzzles-held-out': { harbor: 'puzzle', split: 'held-out', count: 8 },
  },
  evaluation: { sampling },
})

interface Ran {
  folder: string
  events: EngineEvent[]
  result: StudyResult | null
}

async function run(folder: string, stopAfter = Infinity, resume = false): Promise<Ran> {
  const stop = new AbortController()
  const events: EngineEvent[] = []
  let steps = 0
  const emit = async (event: EngineEvent) => {
    events.push(event)
    if (event.type === 'stepFinished' && ++steps === stopAfter) stop.abort()
  }
  const result = await runStudy(study, { workFolder: folder, resume, signal: stop.signal, emit }).catch(() => null)
  return { folder, events, result }
}

const metricsOf = (events: readonly EngineEvent[]) =>
  events.flatMap((event) => (event.type === 'stepFinished' ? [{ arm: event.arm, step: event.step, metrics: event.metrics }] : []))

describe('arms with an adapter', () => {
  let undisturbed: Ran

  beforeAll(async () => {
    undisturbed = await run(join(work, 'undisturbed'))
  }, 120_000)

  it("leave an adapter in PEFT's format, trained, that opens over the base", () => {
    expect(undisturbed.result?.arms.map(({ name }) => name)).toEqual(['base', 'sft', 'rl'])
    const { config } = openCheckpoint(model)
    for (const [arm, rank, modules] of [['sft', 4, 2], ['rl', 2, 7]] as const) {
      const folder = undisturbed.events.flatMap((event) => (event.type === 'checkpointSaved' && event.arm === arm ? [event.folder] : [])).at(-1)!
      const { adapter, weights, base } = openAdapter(folder, config)
      expect(base).toBe(model)
      expect(adapter.modules.size).toBe(modules * config.layerCount)
      for (const [name, values] of weights) if (name.includes('lora_B')) expect(values.some((value) => value !== 0)).toBe(true)
      expect([...adapter.modules.values()].every((module) => module.rank === rank)).toBe(true)
      const merged = openStudyModel(folder)
      expect(merged.hash).not.toBe(openStudyModel(model).hash)
    }
  })

  it('start from the base model: the first KL to it is 0, and sampler and trainer agree', () => {
    const rl = metricsOf(undisturbed.events).filter(({ arm }) => arm === 'rl')
    expect(rl[0].metrics['kl']).toBe(0)
    expect(rl[2].metrics['kl']).toBeGreaterThan(0)
    for (const { metrics } of rl) expect(metrics['samplerDifference']).toBeLessThan(1e-5)
  })

  it('come to the same bits when they were stopped and went on', async () => {
    const folder = join(work, 'stopped')
    const stopped = await run(folder, 5)
    expect(stopped.result).toBeNull()
    const resumed = await run(folder, Infinity, true)
    const { seconds: _, ...result } = resumed.result!
    const { seconds: __, ...expected } = undisturbed.result!
    expect(result).toEqual(expected)
    const adapterOf = ({ events }: Ran) => events.flatMap((event) => (event.type === 'checkpointSaved' && event.arm === 'rl' ? [event.folder] : [])).at(-1)!
    const bytes = (ran: Ran) => readFileSync(join(adapterOf(ran), 'adapter_model.safetensors'))
    expect(bytes(resumed).equals(bytes(undisturbed))).toBe(true)
  }, 120_000)
})
