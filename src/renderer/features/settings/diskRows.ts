/** What takes up the disk, as rows: a study, and the runs of it. */
import type { Output } from '../../../shared/rpc.ts'
import { formatBytes, formatCount } from '../../format.ts'

type Use = Output<'diskUse'>
type Run = Use['studies'][number]['runs'][number]

export interface DiskRow {
  runId: string
  study: string
  state: string
  trajectories: string
  records: string
  checkpoints: string
  /** Bytes of both, to sort by. */
  bytes: number
  canDelete: boolean
}

/** The largest runs first. */
export function diskRows(studies: Use['studies']): DiskRow[] {
  return studies
    .flatMap(({ study, runs }) => runs.map((run) => rowOf(study, run)))
    .sort((a, b) => b.bytes - a.bytes)
}

function rowOf(study: string, run: Run): DiskRow {
  return {
    runId: run.runId,
    study,
    state: run.state,
    trajectories: formatCount(run.trajectories),
    records: formatBytes(run.recordBytes),
    checkpoints: formatBytes(run.checkpointBytes),
    bytes: run.recordBytes + run.checkpointBytes,
    canDelete: run.state !== 'running',
  }
}
