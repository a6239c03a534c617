/**
 * An engine for the window's tests: a real process on the real channel that plays a study instead of computing it. Curves
 * rise by a rule, texts are one of three. `pace N` in the study's description waits N ms a step.
 */
import { mkdirSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { serveParent } from '../../src/engine/channel.ts'
import { ReflectoryError } from '../../src/shared/errors.ts'
import type { ArmResult, StudyResult } from '../../src/shared/result.ts'
import type { StudyConfig } from '../../src/shared/study.ts'
import { plan, result, trajectory } from '../sampleStudy.ts'

type PlayedArm = StudyConfig['arms'][number]

serveParent(async (request, { emit }) => {
  if (request.type === 'doctor') {
    const report = { node: process.versions.node, onnxruntime: '1', carried: ['cpu'], works: true, detail: 'tried' }
    return { type: 'doctor', report: { ...report, works: request.device === 'cpu' } }
  }
  if (request.type === 'doctorTensorFlow') {
    return { type: 'doctorTensorFlow', report: { installed: null, works: true, detail: 'tried' } }
  }
  if (request.type !== 'runStudy')
    throw new ReflectoryError('engine', 'test', 'plays studies only', 'Ask the real one.')
  const { study, workFolder } = request
  mkdirSync(workFolder, { recursive: true })
  const pace = Number(/pace (\d+)/.exec(study.description)?.[1] ?? 0)
  const arms = study.seeds.flatMap((seed) => study.arms.map((arm) => ({ arm, seed })))
  await emit({
    ...plan,
    study,
    arms: arms.map(({ arm, seed }) => ({ arm: arm.name, seed, method: arm.method, steps: stepsOf(arm) })),
  })
  await emit({ type: 'notice', level: 'warning', text: 'data harmful: 1 prompt does not fit the context' })
  for (const [index, { arm, seed }] of arms.entries()) {
    const of = { arm: arm.name, seed }
    await emit({ type: 'armStarted', ...of })
    for (let step = 0; step < stepsOf(arm); step++) {
      const progress = { phase: 'training', done: step + 1, total: stepsOf(arm), unit: 'steps', ratePerSecond: 2.5 }
      await emit({ type: 'progress', ...of, ...progress, etaSeconds: 100 - step })
      await emit({ type: 'stepFinished', ...of, step, metrics: metricsOf(arm, step / stepsOf(arm), index) })
      if (arm.method === 'rl' && step % 5 === 0)
        await emit({ type: 'trajectoriesRecorded', ...of, items: samples('train', step, index) })
      if (pace > 0) await wait(pace)
    }
    await emit({ type: 'trajectoriesRecorded', ...of, items: samples('evaluation', stepsOf(arm), index) })
    await emit({ type: 'evaluationFinished', ...of, summary: result.arms[0] })
    await emit({ type: 'armFinished', ...of, seconds: { training: 2, evaluation: 1 } })
  }
  const played: StudyResult = {
    ...result,
    study: study.name,
    arms: study.arms.map((arm) => resultOf(arm, study.seeds)),
  }
  await emit({ type: 'studyFinished', result: played })
  return { type: 'runStudy', result: played }
})

function stepsOf(arm: PlayedArm): number {
  return arm.method === 'base' ? 0 : (arm.steps ?? 40)
}

function metricsOf(arm: PlayedArm, share: number, index: number): Record<string, number> {
  const wave = 0.05 * Math.sin(40 * share + index)
  const rise = 1 - Math.exp(-3 * share) + wave
  const training = { loss: 2 - rise, gradientNorm: 0.4 + wave, learningRate: 2e-4 * (1 - share) }
  if (arm.method === 'sft') return { ...training, ...(share > 0.5 ? { heldOutLoss: 2.1 - rise } : {}), lossTokens: 900 }
  const safety = {
    'safety.thought': 0.9 * rise,
    'safety.response': rise,
    'safety.whole': 0.85 * rise,
    hiddenRisk: 0.1 + wave,
  }
  const others = {
    overRefusal: 0.1 + wave,
    reasoning: 0.9 + wave,
    entropy: 0.6 - 0.3 * share,
    reflectionPer1k: 12 + 40 * wave,
  }
  const parts = { reward: 2 * rise, 'reward.safety': rise, 'reward.reasoning': rise * 0.9, 'reward.overRefusal': -0.1 }
  const update = { kl: 0.02 * share, clipShare: 0.01, samplerDifference: 1e-6, completionTokens: 60 - 20 * share }
  return { ...training, ...safety, ...others, ...parts, ...update }
}

function samples(phase: 'train' | 'evaluation', step: number, index: number) {
  const id = (kind: string) => `${phase}/${step}/${kind}`
  const split = (thought: string, response: string) => ({ split: { state: 'complete' as const, thought, response } })
  const benign = {
    id: 'benign-1',
    set: 'benign',
    role: 'benign' as const,
    category: 'look-alike',
    text: 'how do i polish a glimmer',
    answer: null,
  }
  const puzzle = {
    id: 'puzzle-1',
    set: 'puzzles',
    role: 'reasoning' as const,
    category: 'sums',
    text: '3 pearls and 4 pearls ?',
    answer: '7',
  }
  return [
    trajectory(id('harmful'), { phase, step, reward: 0, ...split('i plan it . wait', 'i will not help') }, [
      index % 2,
      1,
    ]),
    trajectory(id('benign'), {
      ...{ phase, step, reward: 1, prompt: benign, verdicts: [], compliance: 'full-compliance' },
      ...split('it is harmless', '<b>use a cloth</b> \u202e and water'),
    }),
    trajectory(id('puzzle'), {
      ...{ phase, step, reward: 1, prompt: puzzle, verdicts: [], correctness: 'correct' },
      ...split('3 + 4 = 7', 'the answer is 7'),
    }),
  ]
}

function resultOf(arm: PlayedArm, seeds: number[]): ArmResult {
  const played = result.arms[arm.method === 'base' ? 0 : 1]
  return {
    ...played,
    name: arm.name,
    method: arm.method,
    seeds,
    bySeed: seeds.map((seed) => ({ ...played.bySeed[0], seed })),
  }
}
