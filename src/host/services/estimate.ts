/** How long a study will take, and what it needs, before it starts: from what this machine has done so far. */
import { freemem } from 'node:os'
import type { Estimate } from '../../shared/rpc/studies.ts'
import type { StudyConfig } from '../../shared/study.ts'
import { listModels } from '../../store/library.ts'
import type { Store } from '../../store/openStore.ts'
import { findPlanned, listRuns } from '../../store/runs.ts'
import type { RunRow } from '../../store/runs.ts'
import { freeBytes } from '../../store/size.ts'
import { estimateRecords, rowsOf } from '../diskSpace.ts'

/** What a study asks of the machine. */
interface Work {
  /** Trajectories that are sampled: for training, and for evaluation. */
  sampled: number
  optimizerSteps: number
  /** Tokens at most, sampled and trained on, as a measure of time. */
  tokens: number
}

/** Training on a token costs about as much as sampling so many, on Harbor and two cores. */
const TRAINED_TOKEN = 1
/** Weights, gradients, two moments, a sampler's copy, and activations, as multiples of the weights. */
const MEMORY_FACTOR = 8
const BYTES_PER_WEIGHT = 4
/** Measured: the demo study, one seed, is 10.4 million tokens by `workOf` and took 283 s on two cores. */
const HARBOR_SECONDS_PER_TOKEN = 283 / 10.4e6
/** The engine without a model. */
const ENGINE_BYTES = 400e6
const HARBOR_WEIGHTS = 1.1e6
/** Runs that are looked at for their pace. */
const REMEMBERED = 20

export function estimateStudy(store: Store, study: StudyConfig): Estimate {
  const work = workOf(study)
  const remarks: string[] = []
  const pace = paceOf(store, study)
  const isHarbor = study.model === 'harbor' && deviceOf(study) === 'cpu'
  if (pace === null && isHarbor) remarks.push('The time is that of two processor cores elsewhere; after the first study it is that of this machine.')
  else if (pace === null) remarks.push('No study with this model was finished here yet, so its time cannot be told before the start.')
  if (pace !== null) remarks.push(`The time rests on run ${pace.from}, which had the same model.`)
  const weights = study.model === 'harbor' ? HARBOR_WEIGHTS : (listModels(store).find(({ folder }) => folder === study.model)?.parameters ?? null)
  const memoryBytes = weights === null ? null : ENGINE_BYTES + weights * BYTES_PER_WEIGHT * MEMORY_FACTOR
  if (memoryBytes === null) remarks.push('Add the model under Models to learn how much memory it needs.')
  const diskBytes = estimateRecords(study)
  const freeDiskBytes = freeBytes(store.file)
  const freeMemoryBytes = freemem()
  if (diskBytes > freeDiskBytes) remarks.push('Its records may not fit on the disk: take fewer steps, samples or tokens.')
  if (memoryBytes !== null && memoryBytes > freeMemoryBytes) remarks.push('The memory that is free may not be enough.')
  return {
    seconds: pace !== null ? work.tokens * pace.secondsPerToken : isHarbor ? work.tokens * HARBOR_SECONDS_PER_TOKEN : null,
    memoryBytes,
    diskBytes,
    freeMemoryBytes,
    freeDiskBytes,
    sampledTrajectories: work.sampled,
    optimizerSteps: work.optimizerSteps,
    remarks,
  }
}

function workOf({ arms, data, evaluation, seeds }: StudyConfig): Work {
  const evaluated = evaluation.sources.reduce((sum, name) => sum + rowsOf(data[name]), 0) * evaluation.samplesPerPrompt
  const work: Work = { sampled: 0, optimizerSteps: 0, tokens: 0 }
  for (const arm of arms) {
    work.sampled += evaluated
    work.tokens += evaluated * evaluation.sampling.maxNewTokens
    if (arm.method === 'rl') {
      const prompts = Object.values(arm.promptsPerStep).reduce((sum, count) => sum + count, 0)
      const samples = arm.steps * prompts * arm.samplesPerPrompt
      work.sampled += samples
      work.optimizerSteps += arm.steps * arm.optimizerStepsPerBatch * arm.epochsPerBatch
      work.tokens += samples * arm.sampling.maxNewTokens * (1 + TRAINED_TOKEN * arm.epochsPerBatch)
    }
    if (arm.method === 'sft') {
      const steps = arm.steps ?? Math.ceil((rowsOf(data[arm.data]) * (1 - arm.heldOutFraction) * arm.epochs) / arm.batchSize)
      work.optimizerSteps += steps
      work.tokens += steps * arm.batchSize * evaluation.sampling.maxNewTokens * TRAINED_TOKEN
    }
  }
  const { sampled, optimizerSteps, tokens } = work
  return { sampled: sampled * seeds.length, optimizerSteps: optimizerSteps * seeds.length, tokens: tokens * seeds.length }
}

/** Seconds for a token of a finished study with the same model; the newest one speaks. */
function paceOf(store: Store, study: StudyConfig): { secondsPerToken: number; from: string } | null {
  const isLike = (run: RunRow) => run.config.model === study.model && findPlanned(store, run.id).device === deviceOf(study)
  const run = listRuns(store, { limit: REMEMBERED }).find((each) => each.result !== null && isLike(each))
  if (run === undefined || run.result === null) return null
  return { secondsPerToken: run.result.seconds / workOf(run.config).tokens, from: run.id }
}

function deviceOf({ device, executor }: StudyConfig): string {
  return executor === 'tfjs' ? 'tfjs' : device === 'webgpu' ? 'webgpu' : 'cpu'
}
