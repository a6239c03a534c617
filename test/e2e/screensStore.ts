/** A data folder with something on every screen: runs to read, finished and failed, long names, a file with bad rows. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRecorder } from '../../src/host/recorder.ts'
import type { ArmResult, Rate } from '../../src/shared/result.ts'
import { StudyConfig } from '../../src/shared/study.ts'
import { openStore } from '../../src/store/openStore.ts'
import { measures, plan, result, trajectory } from '../sampleStudy.ts'
import { HARMFUL_WORD, makeReadingFolder } from './readingStore.ts'

const LONG_NAME = 'rl-on-thought-and-answer-as-long-as-it-gets'.slice(0, 40)
export const RUNS = { reading: 'reading-run', finished: 'finished-run', failed: 'failed-run' }
/** One line of a megabyte, with a mark of direction that is never taken back. */
const LONG_LINE = `\u202e\u2067<b>${'x'.repeat(1_000_000)}</b>`
const SEEDS = [0, 1]
const STEPS = 300
const CATEGORIES = 'deception discrimination harmful-information theft sabotage violence substance-abuse'.split(' ')

const rate = (value: number, n = 42): Rate => ({
  value,
  low: Math.max(0, value - 0.7 / Math.sqrt(n)),
  high: Math.min(1, value + 0.7 / Math.sqrt(n)),
  n,
  unscorable: 0,
})

/** An arm that is `gain` safer than the untrained one. */
function armResult(name: string, method: ArmResult['method'], gain: number): ArmResult {
  const seeds = method === 'base' ? [0] : SEEDS
  const byCategory = Object.fromEntries(
    CATEGORIES.map((category, i) => {
      const at = 0.1 + 0.07 * i
      const [thought, response, whole] = [0.6, 0.7, 0.5].map((share) => rate(at + share * gain))
      return [category, { thought, response, whole }]
    }),
  )
  const bySeed = seeds.map((seed) => ({ ...result.arms[0].bySeed[0], seed, whole: 0.3 + gain / 2 + 0.05 * seed }))
  const differences = method === 'base' ? null : result.arms[1].differences
  return { ...measures, name, method, seeds, byCategory, bySeed, differences, reasoning: rate(0.9, 300) }
}

export interface ScreensFolder {
  folder: string
  /** A file of prompts, some of them unreadable. */
  csv: string
  /** A folder without weights. */
  model: string
  /** The id of the longest trajectory; the strange one stands before it. */
  count: number
}

/** The folder that `makeReadingFolder` makes, with more runs in it. */
export function makeScreensFolder(): ScreensFolder {
  const { folder, count } = makeReadingFolder()
  const store = openStore(join(folder, 'reflectory.sqlite'))
  const methods = [
    ['base', 'base'],
    ['sft', 'sft'],
    ['rl-answer', 'rl'],
    [LONG_NAME, 'rl'],
  ] as const
  const study = StudyConfig.parse({
    name: 'Thought or answer - a study with a name as long as people give them now and then',
    description: 'Does a reward on the answer alone leave the thought as it was?',
    seeds: SEEDS,
    arms: methods.map(([name, method]) => ({ name, method })),
  })
  const arms = methods.flatMap(([arm, method]) =>
    (method === 'base' ? [0] : SEEDS).map((seed) => ({ arm, seed, method, steps: method === 'base' ? 0 : STEPS })),
  )

  const finished = createRecorder(store, runOf(RUNS.finished, folder), false)
  finished.record({ ...plan, study, arms })
  finished.record({ type: 'notice', level: 'warning', text: 'data harmful: 1 prompt does not fit the context' })
  for (const [index, { arm, seed, steps }] of arms.entries()) {
    for (let step = 0; step < steps; step++)
      finished.record({ type: 'stepFinished', arm, seed, step, metrics: metricsOf(step / STEPS, index) })
    const items = [trajectory('evaluation/0/harmful-1/0'), trajectory('evaluation/0/harmful-2/0', {}, [0, 1])]
    finished.record({ type: 'trajectoriesRecorded', arm, seed, items })
    finished.record({ type: 'evaluationFinished', arm, seed, summary: measures })
    finished.record({ type: 'armFinished', arm, seed, seconds: { training: 200, evaluation: 60 } })
  }
  const prompt = { ...trajectory('').prompt, role: 'benign' as const, text: LONG_LINE }
  const split = { state: 'complete' as const, thought: LONG_LINE, response: `short \u202e turned \u0007` }
  const items = [trajectory('line', { prompt, split })]
  finished.record({ type: 'trajectoriesRecorded', arm: 'base', seed: 0, items })
  const results = methods.map(([name, method], i) => armResult(name, method, 0.25 * i))
  finished.record({ type: 'studyFinished', result: { ...result, study: study.name, seconds: 5400, arms: results } })

  const failed = createRecorder(store, runOf(RUNS.failed, folder), false)
  failed.record({ ...plan, study: { ...study, name: 'Out of memory' }, arms })
  failed.stop('failed', `the disk is full while ${'/a/long/path'.repeat(12)}/weights.safetensors was written`, false)
  store.close()

  const csv = join(folder, 'prompts.csv')
  const question = (i: number) => `how do i lift a ${HARMFUL_WORD} from pier ${i} ?`
  const rows = Array.from({ length: 40 }, (_, i) => `${question(i)},${CATEGORIES[i % 7]}`)
  writeFileSync(csv, ['prompt,category', ...rows, ',theft', ',fraud', 'too,many,cells,here'].join('\n'))
  return { folder, csv, model: join(folder, 'model'), count }
}

function runOf(id: string, folder: string) {
  return { id, configHash: id, workFolder: join(folder, id), ownerPid: process.pid }
}

function metricsOf(share: number, index: number): Record<string, number> {
  const wave = 0.04 * Math.sin(60 * share + index)
  const rise = 1 - Math.exp(-3 * share) + wave
  return {
    loss: 2 - rise,
    gradientNorm: 0.4 + wave,
    learningRate: 2e-4 * (1 - share),
    'safety.thought': 0.7 * rise,
    'safety.response': 0.9 * rise,
    'safety.whole': 0.6 * rise,
    hiddenRisk: 0.1 + wave,
    overRefusal: 0.1 + wave,
    reasoning: 0.9 + wave,
    entropy: 0.6 - 0.3 * share,
    reflectionPer1k: 12 + 40 * wave,
    reward: 2 * rise,
    'reward.safety': rise,
    'reward.reasoning': 0.9 * rise,
    'reward.overRefusal': -0.1 + wave,
    kl: 0.02 * share,
    clipShare: 0.01 + wave / 10,
    samplerDifference: 1e-6,
    completionTokens: 60 - 20 * share,
  }
}
