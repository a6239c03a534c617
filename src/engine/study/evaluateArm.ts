/** Evaluates one arm on all prompts of the study: what the store knows already is not sampled again, and not judged again. */
import type { KnownTrajectory } from '../../shared/knownTrajectory.ts'
import { RandomStream } from '../../shared/random.ts'
import type { PromptItem, Trajectory, Verdict } from '../../shared/trajectory.ts'
import type { Observed } from '../evaluate/observe.ts'
import { JudgeLine } from './judgeLine.ts'
import type { StudyPlan } from './plan.ts'
import { judged, observer, trajectoryOf, type Policy, type TrajectoryRequest, type TrajectorySettings } from './sampling.ts'

/** Trajectories that are asked of the store and sampled together, and so many more may wait for the judges. */
const PART = 1024

export interface EvaluationRun {
  /** With the arm's own model. */
  plan: StudyPlan
  arm: string
  seed: number
  /** Of the evaluated policy. */
  step: number
  thinking: boolean
  /** Makes the policy; not called where nothing is to be sampled. */
  policy(): Promise<Pick<Policy, 'sample'>>
  signal: AbortSignal
  /** What the store knows of these; anything else is left out. */
  recall(requests: readonly TrajectoryRequest[]): Promise<KnownTrajectory[]>
  /** Resolves once the trajectories are in the store. */
  record(items: Trajectory[]): Promise<void>
  /** So many are there after the store was asked. */
  onRecalled(done: number): void
  onProgress(done: number): void
}

export interface Evaluation {
  /** In the order of the prompts. */
  observed: Observed[]
  /** Completions that were there already. */
  recalled: number
  /** Of these, how many had every verdict that was needed. */
  judgedBefore: number
}

/** How many trajectories an evaluation has. */
export function evaluationSize(plan: StudyPlan): number {
  return evaluationPrompts(plan).length * plan.study.evaluation.samplesPerPrompt
}

/** A prompt that several sources share is asked once. */
function evaluationPrompts({ study, data }: StudyPlan): PromptItem[] {
  const items = study.evaluation.sources.flatMap((name) => data.prompts[name])
  return [...new Map(items.map((item) => [item.id, item])).values()]
}

/**
 * Every arm meets the same prompts with the same random numbers, so that differences are the policies' own. Judges work while the
 * next trajectories are sampled, and fall behind by one part at most.
 */
export async function evaluateArm(run: EvaluationRun): Promise<Evaluation> {
  const { plan, signal } = run
  const { components, sampling } = plan.study.evaluation
  const settings: TrajectorySettings = { arm: run.arm, seed: run.seed, phase: 'evaluation', thinking: run.thinking, sampling }
  const requests = evaluationRequests(run)
  const observe = observer(plan)
  const evaluation: Evaluation = { observed: [], recalled: 0, judgedBefore: 0 }
  const recalled = new Map<string, Recalled>()
  const line = new JudgeLine(
    (trajectories) => judged(plan, trajectories, { signal, explain: true }, components),
    (index, trajectory) => (evaluation.observed[index] = observe(trajectory)),
    async (trajectories) => {
      const fresh = trajectories.filter((trajectory) => {
        const known = recalled.get(trajectory.id)
        const isUnchanged = known !== undefined && trajectory.verdicts.every((verdict) => known.verdicts.has(wordsOf(verdict)))
        if (isUnchanged) evaluation.judgedBefore++
        recalled.delete(trajectory.id)
        return !(isUnchanged && known.isOwn)
      })
      if (fresh.length > 0) await run.record(fresh)
    },
  )
  let policy: Pick<Policy, 'sample'> | undefined
  try {
    for (let start = 0; start < requests.length; start += PART) {
      const part = requests.slice(start, start + PART)
      const known = await recall(run, part, settings)
      const missing = part.flatMap((request, i) => (known[i] === null ? [{ request, index: start + i }] : []))
      for (const [i, found] of known.entries()) {
        if (found === null) continue
        evaluation.recalled++
        recalled.set(found.trajectory.id, found)
        line.add(start + i, found.trajectory)
      }
      const there = start + part.length - missing.length
      run.onRecalled(there)
      await line.shrinkTo(PART)
      if (missing.length === 0) continue
      policy ??= await run.policy()
      await policy.sample(
        missing.map(({ request }) => request),
        settings,
        {
          signal,
          onProgress: (done) => run.onProgress(there + done),
          onTrajectory: (i, trajectory) => line.add(missing[i].index, trajectory),
        },
      )
    }
    await line.shrinkTo(0)
  } finally {
    await line.settle()
  }
  return evaluation
}

function evaluationRequests({ plan, seed, step }: EvaluationRun): TrajectoryRequest[] {
  const random = new RandomStream(seed, ['evaluation'])
  return evaluationPrompts(plan).flatMap((prompt) =>
    Array.from({ length: plan.study.evaluation.samplesPerPrompt }, (_, sampleIndex) => ({
      prompt,
      sampleIndex,
      step,
      random: random.fork(prompt.id, sampleIndex),
    })),
  )
}

interface Recalled {
  trajectory: Trajectory
  /** What was said of it, in the words of `wordsOf`. */
  verdicts: ReadonlySet<string>
  /** Recorded by this arm itself. */
  isOwn: boolean
}

/** For each request what is known of it, or null. A completion of a prompt that now reads otherwise is not one of it. */
async function recall(run: EvaluationRun, part: readonly TrajectoryRequest[], settings: TrajectorySettings): Promise<(Recalled | null)[]> {
  const keyOf = (promptId: string, sampleIndex: number) => `${sampleIndex} ${promptId}`
  const found = new Map((await run.recall(part)).map((known) => [keyOf(known.promptId, known.sampleIndex), known]))
  return part.map((request) => {
    const known = found.get(keyOf(request.prompt.id, request.sampleIndex))
    if (known === undefined) return null
    const trajectory = trajectoryOf(run.plan, request, known, settings)
    if (!isSame(trajectory.promptTokens, known.promptTokens)) return null
    const { verdicts, isOwn } = known
    return { trajectory: { ...trajectory, verdicts }, verdicts: new Set(verdicts.map(wordsOf)), isOwn }
  })
}

function wordsOf(verdict: Verdict): string {
  const { kind, judge, version, component, reason } = verdict
  return JSON.stringify([judge, version, component, reason, ...(kind === 'scored' ? [verdict.safe, verdict.raw] : [])])
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((token, i) => token === b[i])
}
