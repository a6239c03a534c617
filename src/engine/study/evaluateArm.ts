/** Evaluates one arm on all prompts of the study, part by part, so that an interrupted one goes on where it was. */
import { RandomStream } from '../../shared/random.ts'
import type { PromptItem, Trajectory } from '../../shared/trajectory.ts'
import type { Observed } from '../evaluate/observe.ts'
import type { StudyPlan } from './plan.ts'
import { judged, observer, type Policy, type TrajectoryRequest } from './sampling.ts'
import type { ArmFolder } from './workFolder.ts'

/** Trajectories that are sampled together, and written down together once they are recorded. */
export const PART = 512
/** Trajectories that are judged together, and told in one event. */
const JUDGED_TOGETHER = 64

export interface EvaluationRun {
  plan: StudyPlan
  arm: string
  seed: number
  /** Of the evaluated policy. */
  step: number
  folder: ArmFolder
  /** Makes the policy; not called where everything was evaluated before. */
  policy(): Promise<Pick<Policy, 'sample'>>
  signal: AbortSignal
  /** Resolves once the trajectories are in the store. */
  record(items: Trajectory[]): Promise<void>
  /** So many were evaluated before. */
  onKept(done: number): void
  onProgress(done: number): void
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
 * Figures of all trajectories in the order of the prompts. Every arm meets the same prompts with the same random
 * numbers, so that differences are the policies' own.
 */
export async function evaluateArm(run: EvaluationRun): Promise<Observed[]> {
  const requests = evaluationRequests(run)
  const observed: Observed[] = []
  let policy: Pick<Policy, 'sample'> | undefined
  for (let part = 0; part * PART < requests.length; part++) {
    const kept = run.folder.readEvaluation(part)
    if (kept === null) {
      policy ??= await run.policy()
      observed.push(...(await evaluatePart(run, policy, part, requests.slice(part * PART, (part + 1) * PART))))
    } else {
      observed.push(...kept)
      run.onKept(observed.length)
    }
  }
  return observed
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

async function evaluatePart(
  run: EvaluationRun,
  policy: Pick<Policy, 'sample'>,
  part: number,
  requests: readonly TrajectoryRequest[],
): Promise<Observed[]> {
  const { plan, arm, seed, folder } = run
  const { thinking, sampling } = plan.study.evaluation
  const observe = observer(plan)
  const observed: Observed[] = []
  const recorded: Promise<void>[] = []
  let waiting: { index: number; trajectory: Trajectory }[] = []
  // Judged while others are still being sampled, one group after the other: a judge may need the device, too.
  let judging = Promise.resolve()
  const judgeWaiting = async (group: typeof waiting) => {
    const watch = { signal: run.signal, explain: true }
    const complete = await judged(plan, group.map(({ trajectory }) => trajectory), watch)
    complete.forEach((trajectory, i) => (observed[group[i].index] = observe(trajectory)))
    recorded.push(run.record(complete))
  }
  const send = () => {
    const group = waiting
    waiting = []
    judging = judging.then(() => judgeWaiting(group))
    // What fails here is thrown where it is awaited, after the sampling.
    judging.catch(() => undefined)
  }
  try {
    await policy.sample(requests, { arm, seed, phase: 'evaluation', thinking, sampling }, {
      signal: run.signal,
      onProgress: (done) => run.onProgress(part * PART + done),
      onTrajectory: (index, trajectory) => {
        waiting.push({ index, trajectory })
        if (waiting.length === JUDGED_TOGETHER) send()
      },
    })
    if (waiting.length > 0) send()
  } finally {
    await Promise.allSettled([judging])
  }
  await judging
  await Promise.all(recorded)
  folder.writeEvaluation(part, observed)
  return observed
}
