/** The engine process: what a parent may ask of it. */
import type { EngineEvent } from '../shared/events.ts'
import { serveParent } from './channel.ts'
import { examine } from './doctor.ts'
import { runStudy } from './study/runStudy.ts'
import { verifyFolder } from './verify/verifyFolder.ts'

export interface RunStudyOptions {
  /** For checkpoints; made once the study was found good, so that bad input leaves nothing behind. */
  workFolder: string
  /** Go on from the checkpoints in the work folder. */
  resume: boolean
  /**
   * Aborted when the person wants to stop: finish the step, save, emit `interrupted` with what to know, and throw
   * `ReflectoryError` 'cancelled'.
   */
  signal: AbortSignal
  /** Resolves once the event is in the store: wait for the records of a step before the checkpoint after it is saved. */
  emit(event: EngineEvent): Promise<void>
}

serveParent(async (request, { signal, emit }) => {
  switch (request.type) {
    case 'runStudy': {
      const { study, workFolder, resume } = request
      return { type: 'runStudy', result: await runStudy(study, { workFolder, resume, signal, emit }) }
    }
    case 'verify':
      return { type: 'verify', quantities: await verifyFolder(request.folder, { device: 'cpu', threads: 0 }) }
    case 'doctor':
      return { type: 'doctor', report: await examine(request.device) }
  }
})
