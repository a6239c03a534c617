/** Opens sessions of onnxruntime, all set up alike. */
import * as ort from './onnxruntime.ts'
import type { Device } from '../../shared/devices.ts'
import { ReflectoryError } from '../../shared/errors.ts'

export interface SessionOptions {
  device: Device
  threads: number
  /** onnxruntime itself prints nothing where a run fails. */
  isQuiet?: boolean
}

/** Throws `device` where the graph cannot be prepared there. */
export async function openSession(
  model: Uint8Array,
  { device, threads, isQuiet = false }: SessionOptions,
  more: ort.InferenceSession.SessionOptions = {},
): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(model, {
      executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'basic',
      // Planned memory is as fast and takes a quarter more, for each shape that is kept.
      enableMemPattern: false,
      // An arena keeps a session's memory after each run; malloc gives it to whichever runs next.
      enableCpuMemArena: false,
      // Each session has its own threads; those of one that has run would spin on a core that the next one needs.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      logSeverityLevel: isQuiet ? 4 : 3,
      ...more,
    })
  } catch (error) {
    throw new ReflectoryError(
      'device',
      `onnxruntime (${device})`,
      `the graph could not be prepared: ${error instanceof Error ? error.message : String(error)}`,
      'Compute on the processor (on the command line --device cpu). Diagnostics (`reflectory doctor`) says more.',
      { cause: error },
    )
  }
}
