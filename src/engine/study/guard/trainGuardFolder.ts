/** `reflectory guard train`: from labelled texts to the folder of a guard, and how far it agrees with their labels. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { ReflectoryError } from '../../../shared/errors.ts'
import type { EngineEvent } from '../../../shared/events.ts'
import type { Device } from '../../../shared/devices.ts'
import type { GuardReport, GuardTraining, TrainGuardRequest } from '../../../shared/guardTraining.ts'
import { GuardJudge } from '../../../shared/judges.ts'
import { RandomStream } from '../../../shared/random.ts'
import { diskError, writeFileAtomically } from '../../model/writeWhole.ts'
import { classifierPrompt, firstTextToken } from '../../reward/guard/classifierPrompt.ts'
import { conversationForm } from '../../reward/guard/guardModel.ts'
import { DecoderTrainer } from '../../train/decoderTrainer.ts'
import { balancedWeights, type LabelledText } from '../../train/guard/labelledTexts.ts'
import { guardSteps, trainGuard } from '../../train/guard/trainGuard.ts'
import { fitTrained, type Fit } from '../memory.ts'
import { openStudyModel, type StudyModel } from '../studyModel.ts'
import { divideExamples, readExamples, type DividedExamples, type GuardExample } from './guardExamples.ts'
import { beginGuard, planGuard, UNSAFE, writeGuard, type PlannedGuard } from './guardModel.ts'
import { guardReadme } from './guardReadme.ts'
import { measureAgreement } from './measureGuard.ts'

export interface GuardWatch {
  signal: AbortSignal
  emit(event: EngineEvent): void | Promise<void>
  /** Milliseconds of a clock that never goes back. */
  now?: () => number
}

const CHECKPOINT_EVERY_STEPS = 20
/** Where a judge does not read more tokens at once, there is no use in training on them. */
const WINDOW_TOKENS = GuardJudge.parse({ guard: '-' }).windowTokens

/** Throws `cancelled` once it has saved where it stands: the same request goes on from there. */
export async function trainGuardFolder(request: TrainGuardRequest, watch: GuardWatch): Promise<GuardReport> {
  const { target, workFolder, settings, source, device } = request
  refuseFilled(target)
  const options = { device, threads: request.threads === 0 ? availableParallelism() : request.threads }
  const divided = divideExamples(readExamples(request.examples), settings)
  const written = join(workFolder, 'model')
  const trained = await trainInto(written, request, divided, options, watch)
  const tell = progressTeller(watch, settings.seed)
  const onProgress = (done: number, total: number) => tell('judging', done, total, 'texts')
  const agreement = await measureAgreement(written, divided, options, { signal: watch.signal, onProgress })
  const report: GuardReport = {
    folder: target,
    source,
    settings,
    ...trained,
    texts: {
      ...trained.texts,
      heldOutPrompts: divided.heldOutPrompts.length,
      heldOutCategories: divided.heldOutCategories.length,
    },
    heldOutCategories: divided.categories,
    leftOut: divided.leftOut,
    agreement,
  }
  writeFileAtomically(join(written, 'README.md'), (write) => write(new TextEncoder().encode(guardReadme(report))))
  moveTo(written, target)
  rmSync(workFolder, { recursive: true, force: true })
  return report
}

/** Leaves the trained guard in `written`; its weights, and those that it began with, are let go of. */
async function trainInto(
  written: string,
  { examples, workFolder, settings, model: name }: TrainGuardRequest,
  divided: DividedExamples,
  options: { device: Device; threads: number },
  watch: GuardWatch,
) {
  const model = openStudyModel(name)
  const guard = planGuard(model, settings)
  const texts = encodeAll(divided, model, guard, settings)
  const learningRate = settings.learningRate ?? usualLearningRate(settings, guard)
  const fit = fitGuard(guard, settings, longest(texts), process.availableMemory())
  const { parameters, frozen } = beginGuard(model, guard, settings.seed)
  const trainer = new DecoderTrainer(guard.config, parameters, { ...options, ...fit }, frozen)
  const total = guardSteps(texts.training.length, settings)
  const tell = progressTeller(watch, settings.seed)
  try {
    const { state, step, bestStep, stoppedEarly } = await trainGuard({
      epochs: settings.epochs,
      batchSize: settings.batchSize,
      peakLearningRate: learningRate,
      training: texts.training,
      stopping: texts.stopping,
      trainer,
      random: new RandomStream(settings.seed, ['guard', 'training', digestOf(examples), model.hash]),
      checkpointFolder: join(workFolder, 'checkpoints'),
      checkpointEverySteps: CHECKPOINT_EVERY_STEPS,
      signal: watch.signal,
      async report(event) {
        await watch.emit(event.type === 'notice' ? event : { ...event, arm: 'guard', seed: settings.seed })
        if (event.type === 'studyResumed') tell('training', event.step, total, 'steps', event.step)
        if (event.type === 'stepFinished') tell('training', event.step, total, 'steps')
      },
    })
    if (state === 'stopped') throw stopped(step, total)
    rmSync(written, { recursive: true, force: true })
    writeGuard(written, model, guard, trainer.snapshot())
    return {
      model: model.name,
      parameters: parameters.reduce((sum, { data }) => sum + data.length, 0),
      learningRate,
      texts: { training: texts.training.length, stopping: texts.stopping.length },
      unsafeShare: texts.training.filter(({ label }) => label === UNSAFE).length / texts.training.length,
      steps: step,
      bestStep,
      stoppedEarly,
    }
  } finally {
    await trainer.release()
  }
}

type Texts = Record<'training' | 'stopping', LabelledText[]>

/** Tokens of what is trained on; what is too long is counted in `leftOut`. */
function encodeAll(divided: DividedExamples, model: StudyModel, { config }: PlannedGuard, { head }: GuardTraining): Texts {
  const { tokenizer, baseFolder } = model
  const { render } = conversationForm(baseFolder, tokenizer, false)
  const make = classifierPrompt({ tokenizer, render, padToken: config.padToken })
  const limit = Math.min(config.contextLength, WINDOW_TOKENS)
  let tooLong = 0
  const encode = (examples: readonly GuardExample[]): LabelledText[] => {
    const encoded = examples.flatMap(({ question, text, unsafe }) => {
      const tokens = make(question, text)
      if (tokens.length > limit) {
        tooLong++
        return []
      }
      const first = head === 'last' ? tokens.length - 1 : firstTextToken(make, question, tokens)
      return [{ tokens, first, label: unsafe ? UNSAFE : 0 }]
    })
    const weights = balancedWeights(encoded.map(({ label }) => label))
    return encoded.map((text, i) => ({ ...text, weight: weights[i] }))
  }
  const texts = { training: encode(divided.training), stopping: encode(divided.stopping) }
  if (tooLong > 0) divided.leftOut.push({ reason: `longer than ${limit} tokens, so not trained on`, count: tooLong })
  if (new Set(texts.training.map(({ label }) => label)).size === 2) return texts
  const problem = `only texts of one kind are short enough for it (${limit} tokens)`
  const remedy = 'Take a model with a longer context, or judge thoughts and responses apart.'
  throw new ReflectoryError('too-long', model.name, problem, remedy)
}

const longest = ({ training, stopping }: Texts): number =>
  [...training, ...stopping].reduce((most, { tokens }) => Math.max(most, tokens.length), 1)

/** Found good on the built-in model, 160 wide; wider models take smaller steps, as their sums have more terms. */
function usualLearningRate({ weights }: GuardTraining, { config }: PlannedGuard): number {
  const built = { frozen: 1e-2, adapter: 2e-3, all: 5e-4 }[weights]
  return built * Math.min(1, 160 / config.hiddenSize)
}

function fitGuard(guard: PlannedGuard, { weights }: GuardTraining, longest: number, available: number): Fit {
  const { config, adapter, trained } = guard
  const smaller = weights === 'all' ? 'Train an adapter instead of all weights' : 'Take shorter texts'
  const remedy = `${smaller}, or take a smaller model.`
  return fitTrained(config, adapter, trained, longest, available, 'guard', remedy)
}

/** Tells how training gets on, and how long it would take to its last step. */
function progressTeller({ emit, now = () => performance.now() }: GuardWatch, seed: number) {
  const begun = now()
  let before = 0
  return (phase: string, done: number, total: number, unit: string, doneBefore = before): void => {
    before = doneBefore
    const seconds = (now() - begun) / 1000
    const ratePerSecond = done - before > 1 && seconds > 0 ? (done - before) / seconds : null
    const etaSeconds = ratePerSecond === null ? null : (total - done) / ratePerSecond
    void emit({ type: 'progress', arm: 'guard', seed, phase, done, total, unit, ratePerSecond, etaSeconds })
  }
}

const digestOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16)

function refuseFilled(target: string): void {
  if (!existsSync(target) || readdirSync(target).length === 0) return
  throw new ReflectoryError('disk', target, 'the folder exists and is not empty', 'Choose a new folder.')
}

function moveTo(written: string, target: string): void {
  try {
    rmSync(target, { recursive: true, force: true })
    renameSync(written, target)
  } catch (error) {
    throw diskError(target, error)
  }
}

function stopped(step: number, total: number): ReflectoryError {
  const problem = `stopped after ${step} of at most ${total} steps`
  return new ReflectoryError('cancelled', 'guard', problem, 'What was learned is kept: the same request goes on from there.')
}
