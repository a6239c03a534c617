/**
 * Training checkpoints: all that a run needs to go on with the same bits. Random numbers need no state of their own,
 * because every step forks its streams from the seed and its own number.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ReflectoryError } from '../../shared/errors.ts'
import { openSafetensors, type SafetensorsFile } from '../model/safetensors.ts'
import { writeSafetensors } from '../model/writeSafetensors.ts'
import { diskError } from '../model/writeWhole.ts'
import type { AdamWState, Parameter } from './adamw.ts'

/** Named numbers of one step, as in the `stepFinished` event. */
export type StepMetrics = Record<string, number>

export interface TrainingState {
  /** Finished steps; the next one is number `step`, counted from 0. */
  step: number
  weights: ReadonlyMap<string, Float32Array>
  optimizer: AdamWState
  /** One entry a finished step. */
  metrics: readonly StepMetrics[]
}

/** The older one stands in when the newest turns out to be damaged. */
const KEPT = 2
const FILE_NAME = /^step-(\d{8})\.safetensors$/

const Header = z.object({
  step: z.int().min(0),
  optimizerSteps: z.int().min(0),
  settings: z.string(),
  metrics: z.array(z.record(z.string(), z.number())),
})

/**
 * Writes `folder/step-<n>.safetensors` whole or not at all, then removes all but the newest two.
 * @param settings what the run was started with, compared when it is resumed
 * @returns the file
 */
export function saveCheckpoint(
  folder: string,
  parameters: readonly Parameter[],
  progress: Omit<TrainingState, 'weights'>,
  settings: string,
): string {
  const file = join(folder, `step-${String(progress.step).padStart(8, '0')}.safetensors`)
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw diskError(folder, error)
  }
  const { steps, tensors } = progress.optimizer
  const stored = parameters.flatMap(({ name, shape, data }) => [
    { name: `weights.${name}`, shape, data },
    ...(['first', 'second'] as const).map((moment) => ({
      name: `${moment}.${name}`,
      shape,
      data: tensors.get(`${moment}.${name}`)!,
    })),
  ])
  const header: z.infer<typeof Header> = {
    step: progress.step,
    optimizerSteps: steps,
    settings,
    metrics: [...progress.metrics],
  }
  writeSafetensors(file, stored, { training: JSON.stringify(header) })
  for (const name of checkpointNames(folder).slice(KEPT)) rmSync(join(folder, name), { force: true })
  return file
}

export interface LoadedCheckpoint {
  state: TrainingState
  file: string
  /** Newer checkpoints that could not be read, with the reason. */
  damaged: { file: string; reason: string }[]
}

/**
 * The newest checkpoint that can be read, or null if there is none. Half-written files never bear a checkpoint's name.
 * @throws if the checkpoint was written under other settings, or if there are checkpoints and none can be read
 */
export function loadCheckpoint(folder: string, settings: string): LoadedCheckpoint | null {
  const damaged: LoadedCheckpoint['damaged'] = []
  for (const name of checkpointNames(folder)) {
    const file = join(folder, name)
    const opened = tryOpen(file)
    if (opened instanceof ReflectoryError) {
      damaged.push({ file, reason: opened.problem })
      continue
    }
    const { stored, header } = opened
    if (header.settings !== settings) {
      throw new ReflectoryError(
        'bad-study',
        file,
        'the checkpoint was written under other settings than those of this study',
        'Resume with the study as it was, or start a new run.',
      )
    }
    return { state: readState(stored, header), file, damaged }
  }
  if (damaged.length === 0) return null
  const [{ file, reason }] = damaged
  throw new ReflectoryError('bad-model', file, `no checkpoint can be read: ${reason}`, 'Start this run again.')
}

function checkpointNames(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => FILE_NAME.test(name))
      .sort()
      .reverse()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw diskError(folder, error)
  }
}

function tryOpen(file: string): { stored: SafetensorsFile; header: z.infer<typeof Header> } | ReflectoryError {
  try {
    const stored = openSafetensors(file)
    return { stored, header: Header.parse(JSON.parse(stored.metadata.get('training') ?? '')) }
  } catch (error) {
    if (error instanceof ReflectoryError) return error
    return new ReflectoryError('bad-model', file, 'it is not a training checkpoint', 'Start this run again.', {
      cause: error,
    })
  }
}

function readState(stored: SafetensorsFile, header: z.infer<typeof Header>): TrainingState {
  const weights = new Map<string, Float32Array>()
  const tensors = new Map<string, Float32Array>()
  for (const name of stored.tensors.keys()) {
    if (name.startsWith('weights.')) weights.set(name.slice('weights.'.length), stored.read(name))
    else tensors.set(name, stored.read(name))
  }
  const { step, metrics, optimizerSteps } = header
  return { step, weights, optimizer: { steps: optimizerSteps, tensors }, metrics }
}
