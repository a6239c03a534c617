/** Writes the engine's events to the store, each as one transaction. */
import type { EngineEvent, StudyPlanned } from '../shared/events.ts'
import type { Store } from '../store/openStore.ts'
import {
  completeRun,
  findArmId,
  finishArm,
  insertNotice,
  insertRun,
  insertStep,
  reopenRun,
  setCheckpoint,
  setEvaluation,
  startArm,
  stopRun,
  touchRun,
} from '../store/runs.ts'
import type { NewRun } from '../store/runs.ts'
import { insertTrajectories } from '../store/trajectories.ts'
import { version } from './version.ts'

export interface Recorder {
  record(event: EngineEvent): void
  /** Whether the store holds the run: from its plan on. */
  isPlanned(): boolean
  /** Ends the run as `interrupted` or `failed`; does nothing where there is no run yet. */
  stop(state: 'interrupted' | 'failed', reason: string, resumable: boolean): void
}

const utcNow = () => new Date().toISOString()

/**
 * Records one run. `resumed` says that the run is in the store already; `withPlan` is done in the transaction that makes or
 * reopens it.
 */
export function createRecorder(
  store: Store,
  run: Omit<NewRun, 'startedAt' | 'programVersion'>,
  resumed: boolean,
  withPlan: () => void = () => undefined,
): Recorder {
  let planned = false
  const armId = ({ arm, seed }: { arm: string; seed: number }) => findArmId(store, run.id, arm, seed)

  function plan(event: StudyPlanned): void {
    const recorded = { ...run, programVersion: version }
    if (resumed) reopenRun(store, recorded, utcNow())
    else insertRun(store, { ...recorded, startedAt: utcNow() }, event)
    withPlan()
  }

  function write(event: EngineEvent): void {
    switch (event.type) {
      case 'studyPlanned':
        return plan(event)
      case 'studyResumed':
      case 'progress':
        return
      case 'armStarted':
        return startArm(store, armId(event))
      case 'stepFinished':
        return insertStep(store, armId(event), event.step, event.metrics)
      case 'trajectoriesRecorded':
        return insertTrajectories(store, armId(event), event.items)
      case 'checkpointSaved':
        return setCheckpoint(store, armId(event), event.step, event.folder)
      case 'evaluationFinished':
        return setEvaluation(store, armId(event), event.summary)
      case 'armFinished':
        return finishArm(store, armId(event), event.seconds)
      case 'notice':
        return insertNotice(store, run.id, utcNow(), event.level, event.text)
      case 'studyFinished':
        return completeRun(store, run.id, event.result, utcNow())
      case 'interrupted':
        return stopRun(store, run.id, 'interrupted', event.reason, event.resumable, utcNow())
    }
  }

  return {
    record(event) {
      // What comes before the plan is for the screen only: without a plan there is no run.
      if (!planned && event.type !== 'studyPlanned') return
      store.transaction(() => {
        write(event)
        touchRun(store, run.id, utcNow())
      })
      planned = true
    },
    isPlanned: () => planned,
    stop(state, reason, resumable) {
      if (planned) store.transaction(() => stopRun(store, run.id, state, reason, resumable, utcNow()))
    },
  }
}
