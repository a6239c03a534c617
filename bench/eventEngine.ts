/**
 * An engine for `npm run bench -- window`: records `EARLY_STEPS` steps as fast as they are taken, then sends 100
 * events a second, as no real one does, until it is stopped.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { serveParent } from '../src/engine/channel.ts'
import { ReflectoryError } from '../src/shared/errors.ts'
import type { Trajectory } from '../src/shared/trajectory.ts'
import { EARLY_STEPS, EVENTS_PER_SECOND, STEPS } from './eventRate.ts'

const ARM = { arm: 'rl', seed: 0 }
const TICK_MS = 50

serveParent(async (request, { signal, emit }) => {
  if (request.type !== 'runStudy')
    throw new ReflectoryError('engine', 'bench', 'sends events only', 'Ask the real one.')
  const named = { name: 'm', folder: 'm', architecture: 'a', chatTemplate: 't', hash: '0' }
  const model = { ...named, parameters: 1, contextTokens: 256 }
  const arms = [{ ...ARM, method: 'rl' as const, steps: STEPS }]
  const machine = { device: 'cpu', threads: 1 } as const
  await emit({ type: 'studyPlanned', study: request.study, model, sources: [], judges: ['harbor'], arms, ...machine })
  await emit({ type: 'armStarted', ...ARM })
  const early = Array.from({ length: EARLY_STEPS }, (_, step) => step)
  await Promise.all(early.map((step) => emit({ type: 'stepFinished', ...ARM, step, metrics: metricsOf(step) })))
  let step = EARLY_STEPS
  const start = performance.now()
  for (let sent = 0; !signal.aborted; await wait(TICK_MS)) {
    for (const due = ((performance.now() - start) / 1000) * EVENTS_PER_SECOND; sent < due; sent++) {
      // Of three events, one is a step, one says how far it is, one brings a sample.
      if (sent % 3 === 0) await emit({ type: 'stepFinished', ...ARM, step: step++, metrics: metricsOf(step) })
      else if (sent % 3 === 1) await emit({ type: 'progress', ...ARM, ...progressOf(step) })
      else await emit({ type: 'trajectoriesRecorded', ...ARM, items: [sampleOf(step)] })
    }
  }
  throw new ReflectoryError('cancelled', 'bench', 'was stopped', 'It is over.')
})

const progressOf = (done: number) =>
  ({ phase: 'training', done, total: STEPS, unit: 'steps', ratePerSecond: 33, etaSeconds: 1000 }) as const

/** As many as a step of RL has. */
function metricsOf(step: number): Record<string, number> {
  const wave = Math.sin(step / 500) + 0.2 * Math.sin(step * 7.3)
  const names = [
    ...['loss', 'gradientNorm', 'learningRate', 'reward', 'reward.safety', 'reward.reasoning', 'reward.overRefusal'],
    ...['safety.thought', 'safety.response', 'safety.whole', 'hiddenRisk', 'overRefusal', 'reasoning', 'entropy'],
    ...['reflectionPer1k', 'kl', 'clipShare', 'samplerDifference', 'completionTokens'],
  ]
  return Object.fromEntries(names.map((name, i) => [name, (wave + i) / 20]))
}

function sampleOf(step: number): Trajectory {
  const text = 'the tide is low , so wait'
  const asked = { text: 'when does the tide turn ?', answer: null }
  const prompt = { id: 'p', set: 'bench', role: 'benign', category: 'c', ...asked } as const
  return {
    ...{ id: `train/${step}/p/0`, phase: 'train', step, prompt, sampleIndex: 0, thinking: true, text },
    promptTokens: new Int32Array(8),
    tokens: new Int32Array(60),
    logProbabilities: new Float32Array(60),
    entropies: new Float32Array(60),
    split: { state: 'complete', thought: text, response: 'at noon' },
    verdicts: [],
    ...{ compliance: null, correctness: null, rewardParts: {}, reward: 1, advantage: 0, finish: 'stop' },
  }
}
