/** Trains one arm of a study from the base model, or goes on from its checkpoints. */
import type { RlArm, SftArm } from '../../shared/arms.ts'
import { RandomStream } from '../../shared/random.ts'
import { measure } from '../evaluate/measure.ts'
import { trainPolicy } from '../train/policy/policyGradient.ts'
import { trainSft } from '../train/sft.ts'
import type { TrainingOutcome, TrainingRun } from '../train/trainingRun.ts'
import type { Learner } from './learner.ts'
import type { StudyPlan } from './plan.ts'
import { observer, policySampler } from './sampling.ts'
import type { ArmFolder } from './workFolder.ts'

export interface ArmTraining {
  plan: StudyPlan
  seed: number
  /** Is the base model; afterwards the trained one. */
  learner: Learner
  folder: ArmFolder
  signal: AbortSignal
  report: TrainingRun['report']
  /** Trajectories sampled so far for the step that is going on. */
  onSampled(done: number, total: number): void
}

/** Arms of one seed draw from the same streams, so that two that differ in their reward only meet the same prompts. */
export async function trainArm(arm: SftArm | RlArm, training: ArmTraining): Promise<TrainingOutcome> {
  const { plan, seed, learner, folder, signal, report, onSampled } = training
  const { trainer, policy } = learner
  const run: TrainingRun = {
    trainer,
    random: new RandomStream(seed, ['training']),
    checkpointFolder: folder.checkpoints,
    checkpointEverySteps: plan.study.checkpointEverySteps,
    report,
    signal,
  }
  if (arm.method === 'sft') {
    return trainSft({ ...run, arm, examples: plan.data.examples[arm.data], source: `data.${arm.data}` })
  }
  const observe = observer(plan)
  return trainPolicy({
    ...run,
    ...policySampler(plan, policy, arm, seed, onSampled),
    arm,
    sources: Object.fromEntries(Object.keys(arm.promptsPerStep).map((name) => [name, plan.data.prompts[name]])),
    measure: (trajectories) => measure(trajectories.map(observe)),
  })
}
