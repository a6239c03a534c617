/** Runs a study: plans it, trains every arm and evaluates it, seed by seed, and compares them all with the base. */
import type { Arm, BaseArm, RlArm, SftArm } from '../../shared/arms.ts'
import { ReflectoryError } from '../../shared/errors.ts'
import type { ArmSeconds, EngineEvent, Progress } from '../../shared/events.ts'
import type { KnownTrajectory, SoughtTrajectories } from '../../shared/knownTrajectory.ts'
import type { EndpointConfig } from '../../shared/judges.ts'
import type { StudyResult } from '../../shared/result.ts'
import type { StudyConfig } from '../../shared/study.ts'
import { armResult, comparisons, type ArmFacts, type SeedObservations } from '../evaluate/armResult.ts'
import { measure } from '../evaluate/measure.ts'
import type { Observed } from '../evaluate/observe.ts'
import type { TrainingEvent } from '../train/trainingRun.ts'
import { evaluateArm, evaluationSize } from './evaluateArm.ts'
import { basePolicy, openLearner, type Learner } from './learner.ts'
import { gigabytes } from './memory.ts'
import { thinksWhenEvaluated } from './armModels.ts'
import { planOf, planStudy, stepsOf, type StudyPlan } from './plan.ts'
import type { Policy } from './sampling.ts'
import { ServedPolicy } from './servedPolicy.ts'
import { studyWorks, TimeLeft } from './timeLeft.ts'
import { trainArm } from './trainArm.ts'
import { WorkFolder, type ArmFolder } from './workFolder.ts'

export interface StudyContext {
  /** Everything that a resumed study needs; made once the study was found good. */
  workFolder: string
  /** Go on with what lies in the work folder. */
  resume: boolean
  /** Stops after the current training step, or between two tokens of an evaluation. */
  signal: AbortSignal
  /** Resolves once the event is in the store. */
  emit(event: EngineEvent): Promise<void>
  /** What the store has of trajectories that are about to be sampled; nothing where this is absent. */
  recall?(sought: SoughtTrajectories): Promise<KnownTrajectory[]>
  /** Milliseconds of a clock that never goes back. */
  now?: () => number
}

/**
 * Everything that is wrong with the study throws before `studyPlanned`. A study that is stopped emits `interrupted` and
 * throws `cancelled`; run again with `resume` it comes to the same result, bit for bit on the same machine.
 */
export async function runStudy(asked: StudyConfig, context: StudyContext): Promise<StudyResult> {
  const plan = await planStudy(asked)
  if (context.signal.aborted) throw cancelled(asked)
  const { workFolder } = context
  const folder = context.resume ? WorkFolder.reopen(workFolder, plan) : WorkFolder.create(workFolder, plan)
  await context.emit(plan.planned)
  for (const notice of plan.notices) await context.emit({ type: 'notice', ...notice })
  const run = new StudyRun(plan, folder, context)
  try {
    return await run.finish()
  } catch (error) {
    if (!context.signal.aborted || !(error instanceof Stopped || isCancelled(error))) throw error
    run.saveElapsed()
    await context.emit({ type: 'interrupted', reason: 'stopped on request', resumable: true })
    throw cancelled(asked)
  } finally {
    await run.release()
  }
}

/** The signal came between two steps. */
class Stopped extends Error {}

function cancelled({ name }: StudyConfig): ReflectoryError {
  const remedy = 'Resume it to go on (on the command line --resume).'
  return new ReflectoryError('cancelled', name, 'the study was stopped on request', remedy)
}

function isCancelled(error: unknown): boolean {
  return error instanceof ReflectoryError && error.code === 'cancelled'
}

/** What an arm without training samples from; what others train from is the study's model. */
function factsOf(arm: Arm, study: StudyConfig): Omit<ArmFacts, 'seeds'> {
  const { name, method } = arm
  const thinking = thinksWhenEvaluated(arm, study)
  if (arm.method !== 'base') return { name, method, thinking }
  return { name, method, model: arm.model ?? study.model, ...(arm.adapter === undefined ? {} : { adapter: arm.adapter }), thinking }
}

function servedPolicy(plan: StudyPlan, endpoint: EndpointConfig) {
  const policy = new ServedPolicy(plan, endpoint)
  return { policy, release: () => policy.release() }
}

function whatWasThere({ arm, seed }: { arm: string; seed: number }, total: number, recalled: number, judgedBefore: number): string {
  const judged = judgedBefore === recalled ? 'with every verdict' : `${judgedBefore} of them with every verdict`
  return `${arm}, seed ${seed}: ${recalled} of ${total} completions were recorded before (same model, settings and seed), ${judged}`
}

/** Progress is told at most this often. */
const PROGRESS_EVERY_MS = 200
/** Within a training step sampling is told of only where the step takes longer than this. */
const SLOW_STEP_MS = 2000

class StudyRun {
  private readonly plan: StudyPlan
  private readonly folder: WorkFolder
  private readonly context: StudyContext
  /** One for all weights, and one for each kind of adapter; an arm that needs another lets go of the one before. */
  private learner: { key: string; learner: Learner } | null = null
  private readonly base: ReturnType<typeof basePolicy>
  /** Of the latest arm that a server samples, or that has a model of its own. */
  private guest: { policy: Pick<Policy, 'sample'>; release(): Promise<void> } | null = null
  private readonly now: () => number
  private readonly startedAtMs: number
  private readonly elapsedBefore: number
  private readonly timeLeft: TimeLeft
  private lastToldMs = -Infinity
  private saveArmSeconds: () => void = () => undefined

  constructor(plan: StudyPlan, folder: WorkFolder, context: StudyContext) {
    this.plan = plan
    this.folder = folder
    this.context = context
    this.base = basePolicy(plan)
    this.now = context.now ?? (() => performance.now())
    this.startedAtMs = this.now()
    this.elapsedBefore = folder.readElapsed()
    this.timeLeft = new TimeLeft(studyWorks(plan), this.now)
  }

  async finish(): Promise<StudyResult> {
    const { study, model } = this.plan
    const observations = new Map<string, SeedObservations[]>(study.arms.map(({ name }) => [name, []]))
    for (const [s, seed] of study.seeds.entries()) {
      for (const [a, arm] of study.arms.entries()) {
        const observed = await this.runArm(arm, seed, 2 * (s * study.arms.length + a))
        observations.get(arm.name)!.push({ seed, observed })
      }
    }
    const base = study.arms.find(({ method }) => method === 'base')
    const facts = study.arms.map((arm): ArmFacts => ({ ...factsOf(arm, study), seeds: observations.get(arm.name)! }))
    const result: StudyResult = {
      study: study.name,
      seconds: this.elapsed(),
      model: model.name,
      judges: this.plan.planned.judges,
      arms: facts.map((arm) =>
        armResult(
          arm,
          base === undefined || arm.name === base.name ? null : observations.get(base.name)!,
          study.evaluation.samplesPerPrompt,
        ),
      ),
      components: study.evaluation.components,
      comparisons: comparisons(facts),
    }
    await this.context.emit({ type: 'notice', level: 'info', text: this.memoryUsed() })
    await this.context.emit({ type: 'studyFinished', result })
    return result
  }

  async release(): Promise<void> {
    await this.learner?.learner.release()
    this.learner = null
    await this.guest?.release()
    await this.base.release()
    for (const judge of this.plan.judges) await judge.release?.()
    await this.plan.computing.release()
  }

  private async basePolicyOf({ name, endpoint }: BaseArm): Promise<Pick<Policy, 'sample'>> {
    if (endpoint === undefined && !this.plan.armModels.has(name)) return this.base.policy
    await this.guest?.release()
    const plan = planOf(this.plan, name)
    this.guest = endpoint === undefined ? basePolicy(plan) : servedPolicy(plan, endpoint)
    return this.guest.policy
  }

  private async learnerOf({ name, lora }: SftArm | RlArm): Promise<Learner> {
    const fit = this.folder.fits[name]
    const key = JSON.stringify({ lora, fit })
    if (this.learner?.key !== key) {
      await this.learner?.learner.release()
      this.learner = { key, learner: openLearner(this.plan, lora, fit) }
    }
    return this.learner.learner
  }

  /** @param work number of the training among the parts of the study; the evaluation is the next one */
  private async runArm(arm: Arm, seed: number, work: number): Promise<Observed[]> {
    const of = { arm: arm.name, seed }
    const folder = this.folder.arm(arm.name, seed)
    const { emit } = this.context
    await emit({ type: 'armStarted', ...of })
    if (arm.method !== 'base') await this.timed('training', folder, () => this.train(arm, seed, folder, work))
    const observed = await this.timed('evaluation', folder, () => this.evaluate(arm, seed, folder, work + 1))
    for (const text of this.plan.judges.flatMap((judge) => judge.takeTroubles?.() ?? [])) {
      await emit({ type: 'notice', level: 'warning', text: `${arm.name}, seed ${seed}: ${text}` })
    }
    await emit({ type: 'evaluationFinished', ...of, summary: measure(observed) })
    await emit({ type: 'armFinished', ...of, seconds: folder.readSeconds() })
    return observed
  }

  /** Adds what `work` takes to the time of its arm; what is saved on the way counts also where it ends early. */
  private async timed<T>(what: keyof ArmSeconds, folder: ArmFolder, work: () => Promise<T>): Promise<T> {
    const before = folder.readSeconds()
    if (before === null) return work()
    const start = this.now()
    this.saveArmSeconds = () => folder.writeSeconds({ ...before, [what]: before[what] + (this.now() - start) / 1000 })
    const made = await work()
    this.saveArmSeconds()
    this.saveArmSeconds = () => undefined
    return made
  }

  /** Leaves the trained model in the arm's folder. */
  private async train(arm: SftArm | RlArm, seed: number, folder: ArmFolder, work: number): Promise<void> {
    const { plan, timeLeft } = this
    const { emit, signal } = this.context
    const of = { arm: arm.name, seed }
    const total = stepsOf(arm, plan.data)
    if (folder.isTrained()) {
      folder.removeCheckpoints()
      timeLeft.start(work, total)
      await emit({ type: 'studyResumed', ...of, step: total })
      return
    }
    timeLeft.start(work)
    const learner = await this.learnerOf(arm)
    learner.reset(seed)
    this.tell({ ...of, phase: 'training', done: 0, total, unit: 'steps' }, true)
    const report = (event: TrainingEvent): Promise<void> => {
      const recorded = emit(event.type === 'notice' ? event : { ...event, ...of })
      if (event.type === 'studyResumed') timeLeft.start(work, event.step)
      if (event.type === 'checkpointSaved') this.saveElapsed()
      if (event.type === 'stepFinished') {
        timeLeft.advance(event.step)
        this.tell({ ...of, phase: 'training', done: event.step, total, unit: 'steps' }, event.step === total)
      }
      return recorded
    }
    const onSampled = (done: number, asked: number) => {
      if (this.now() - this.lastToldMs > SLOW_STEP_MS) {
        this.tell({ ...of, phase: 'sampling', done, total: asked, unit: 'trajectories' }, false)
      }
    }
    const { state } = await trainArm(arm, { plan, seed, learner, folder, signal, report, onSampled })
    if (state === 'stopped') throw new Stopped()
    timeLeft.finish()
    learner.save(folder.model)
    await emit({ type: 'checkpointSaved', ...of, step: total, folder: folder.model })
    folder.removeCheckpoints()
    // The next arm compiles its own; until then the memory is for sampling.
    await learner.trainer.releasePrograms()
  }

  private async evaluate(arm: Arm, seed: number, folder: ArmFolder, work: number): Promise<Observed[]> {
    const { timeLeft } = this
    const { emit, signal, recall } = this.context
    const plan = planOf(this.plan, arm.name)
    const of = { arm: arm.name, seed }
    const step = stepsOf(arm, plan.data)
    const total = evaluationSize(plan)
    const tell = (done: number) =>
      this.tell({ ...of, phase: 'evaluation', done, total, unit: 'trajectories' }, done === 0 || done === total)
    timeLeft.start(work)
    tell(0)
    const { observed, recalled, judgedBefore } = await evaluateArm({
      ...of,
      plan,
      step,
      thinking: thinksWhenEvaluated(arm, plan.study),
      signal,
      policy: async () => {
        if (arm.method === 'base') return this.basePolicyOf(arm)
        const learner = await this.learnerOf(arm)
        learner.load(folder.model)
        return learner.policy
      },
      recall: async (requests) => {
        const items = requests.map(({ prompt, sampleIndex }) => ({ promptId: prompt.id, sampleIndex }))
        return (await recall?.({ ...of, step, items })) ?? []
      },
      record: (items) => emit({ type: 'trajectoriesRecorded', ...of, items }),
      onRecalled: (done) => {
        timeLeft.start(work, done)
        tell(done)
      },
      onProgress: (done) => {
        timeLeft.advance(done)
        tell(done)
      },
    })
    timeLeft.finish()
    this.saveElapsed()
    if (recalled > 0) await emit({ type: 'notice', level: 'info', text: whatWasThere(of, total, recalled, judgedBefore) })
    return observed
  }

  private tell(progress: Omit<Progress, 'type' | 'ratePerSecond' | 'etaSeconds'>, always: boolean): void {
    const now = this.now()
    if (!always && now - this.lastToldMs < PROGRESS_EVERY_MS) return
    this.lastToldMs = now
    const { timeLeft } = this
    const etaSeconds = timeLeft.secondsLeft()
    // Within a step nothing is timed: the rate is one of steps.
    const ratePerSecond = progress.phase === 'sampling' ? null : timeLeft.ratePerSecond()
    void this.context.emit({ type: 'progress', ...progress, ratePerSecond, etaSeconds })
  }

  /** Measured, beside what was told before. */
  private memoryUsed(): string {
    const peak = process.resourceUsage().maxRSS * 1024
    return `memory: ${gigabytes(peak)} GB at most were taken; about ${gigabytes(this.plan.memoryBytes)} GB had been estimated`
  }

  saveElapsed(): void {
    this.folder.writeElapsed(this.elapsed())
    this.saveArmSeconds()
  }

  private elapsed(): number {
    return this.elapsedBefore + (this.now() - this.startedAtMs) / 1000
  }
}
