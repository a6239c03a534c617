/** How training went, as figures: the numbers that each step reported. */
import type { Figure, FigurePoint } from '../../shared/figure.ts'
import { allOr } from '../../shared/compare/findings.ts'
import { figureNumber } from '../../shared/figureText.ts'
import type { StudyConfig } from '../../shared/study.ts'
import type { Store } from '../../store/openStore.ts'
import { listSteps, type ArmRow } from '../../store/runs.ts'
import { thinOut } from '../services/thinOut.ts'
import { seedOfArm } from './findings.ts'

/** Points of a line: a page shows no more. */
const POINTS = 120

interface Curve {
  id: string
  metric: string
  method: ArmRow['method']
  /** Begins the title: what is drawn. */
  subject: string
  label: string
  definition: string
}

const curves: readonly Curve[] = [
  {
    id: 'reward',
    metric: 'reward',
    method: 'rl',
    subject: 'Reward during reinforcement learning',
    label: 'Reward',
    definition:
      'Mean reward of the trajectories that a step sampled and learned from. Rewards of arms with different ' +
      'rewards are not comparable.',
  },
  {
    id: 'kl',
    metric: 'kl',
    method: 'rl',
    subject: 'Distance from the untrained model during reinforcement learning',
    label: 'KL',
    definition:
      'Estimated Kullback-Leibler divergence of the trained policy from the model that it began as, in nats a token.',
  },
  {
    id: 'loss',
    metric: 'loss',
    method: 'sft',
    subject: 'Training loss during supervised fine-tuning',
    label: 'Loss',
    definition: 'Mean negative log-probability of the tokens to be learned, in nats.',
  },
]

function textsOfStep(arms: StudyConfig['arms'], name: string): number {
  const arm = arms.find((each) => each.name === name)
  if (arm === undefined || arm.method === 'base') return 0
  if (arm.method === 'sft') return arm.batchSize
  return Object.values(arm.promptsPerStep).reduce((sum, prompts) => sum + prompts, 0) * arm.samplesPerPrompt
}

interface Course {
  name: string
  /** How many steps reported the number. */
  steps: number
  /** Means of the first and of the last quarter of those steps. */
  first: number
  last: number
}

function courseOf(name: string, values: readonly number[]): Course {
  const quarter = Math.max(1, Math.floor(values.length / 4))
  const mean = (some: readonly number[]) => some.reduce((sum, value) => sum + value, 0) / some.length
  return { name, steps: values.length, first: mean(values.slice(0, quarter)), last: mean(values.slice(-quarter)) }
}

/** 'Reward …, mean of the first quarter of the steps against the last: rl 0.31 to 0.85'. */
function titleOf(subject: string, courses: readonly Course[]): string {
  const number = (value: number) => figureNumber(value, 'number')
  const told = ({ name, steps, first, last }: Course) =>
    steps === 1 ? `${name} ${number(first)} in its only step` : `${name} from ${number(first)} to ${number(last)}`
  const counted = () => {
    const ended = (isSo: (course: Course) => boolean) => courses.filter(isSo).length
    const widest = courses.toSorted((a, b) => Math.abs(b.last - b.first) - Math.abs(a.last - a.first))[0]
    return (
      `higher in ${ended(({ first, last }) => last > first)} of ${courses.length} trainings, lower in ` +
      `${ended(({ first, last }) => last < first)}; farthest in ${told(widest)}`
    )
  }
  return `${subject}, mean of the first quarter of its steps and of the last: ${allOr(courses.map(told), counted)}`
}

/** Figures of what was recorded; none for what no arm has. */
export function trainingFigures(
  store: Store,
  { arms: configs }: Pick<StudyConfig, 'arms'>,
  arms: readonly ArmRow[],
): Figure[] {
  const severalSeeds = new Set(arms.filter(({ method }) => method !== 'base').map(({ seed }) => seed)).size > 1
  const trained = arms.map((arm) => ({ arm, steps: listSteps(store, arm.id, { limit: 1_000_000 }) }))
  return curves.flatMap(({ id, metric, method, subject, label, definition }) => {
    const courses: Course[] = []
    const series = trained.flatMap(({ arm, steps }) => {
      const rows = arm.method === method ? steps.filter(({ metrics }) => typeof metrics[metric] === 'number') : []
      if (rows.length === 0) return []
      const width = Math.max(1, Math.ceil(rows.length / POINTS))
      const thin = thinOut(rows, POINTS)
      const points = thin.steps.map((x, i): FigurePoint => ({
        x,
        y: thin.series[metric][i],
        low: null,
        high: null,
        n: width * textsOfStep(configs, arm.name),
      }))
      const name = severalSeeds ? seedOfArm(arm.name, arm.seed) : arm.name
      courses.push(courseOf(name, rows.flatMap(({ metrics }) => metrics[metric] ?? [])))
      return [{ name, points }]
    })
    if (series.length === 0) return []
    const isThin = trained.some(({ steps }) => steps.length > POINTS)
    const notes = ['What a step reports of itself has no interval; n counts the texts that it learned from.']
    if (isThin) notes.push('Where there are many steps, each point is the mean of neighbours.')
    const x = { label: 'Step', format: 'count' as const }
    return [
      {
        id: `training-${id}`,
        title: titleOf(subject, courses),
        definition,
        kind: 'lines' as const,
        x,
        y: { label, format: 'number' as const },
        binWidth: null,
        series,
        notes,
      },
    ]
  })
}
