/** Opens the records of a window: by one program at a time, and where Settings name another folder, copied there first. */
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ReflectoryError } from '../shared/errors.ts'
import { copyStore } from '../store/copyStore.ts'
import { holdStore } from '../store/holdStore.ts'
import { openStore, type Store } from '../store/openStore.ts'
import { runsInState } from '../store/runs.ts'
import { freeBytes, sizeOnDisk } from '../store/size.ts'
import { explainStoreError } from '../store/storeErrors.ts'
import { findDataFolder, writePointer } from './dataFolder.ts'
import { markDeadRuns } from './runs.ts'
import { folderBytes } from './services/folderBytes.ts'

export interface Records {
  store: Store
  /** Where another data folder is written down; null where it was given at the start. */
  pointerFile: string | null
  /** What a person has to know of their place; null where all is as it was asked for. */
  remark: string | null
  close(): void
}

/**
 * @param given the folder that was asked for at the start
 * @param standing the folder where `.reflectory` is looked for
 */
export function openRecords(given: string | undefined, standing: string): Records {
  const found = findDataFolder(given, standing)
  const moved = found.copyFrom === null || found.pointerFile === null ? null : copied(found.copyFrom, found.storeFile)
  if (moved !== null && moved.remark === null && found.pointerFile !== null)
    writePointer(found.pointerFile, { dataFolder: dirname(found.storeFile), copyFrom: null })
  const storeFile = moved?.storeFile ?? found.storeFile
  const letGo = holdStore(storeFile)
  try {
    const store = openStore(storeFile)
    const close = () => {
      store.close()
      letGo()
    }
    return { store, pointerFile: found.pointerFile, remark: moved?.remark ?? null, close }
  } catch (error) {
    letGo()
    throw error
  }
}

/** Where they cannot be copied they are used where they are, and the next start tries again. */
function copied(from: string, to: string): { storeFile: string; remark: string | null } {
  // The program may have ended after the copy and before it was written down.
  if (existsSync(to)) {
    finishRuns(to)
    return { storeFile: to, remark: null }
  }
  const letGo = holdStore(from)
  try {
    copyRecords(from, to)
    return { storeFile: to, remark: null }
  } catch (error) {
    const cause = explainStoreError(to, error)
    if (!(cause instanceof ReflectoryError)) throw error
    const kept = `They stay in ${dirname(from)}; the next start tries again.`
    return { storeFile: from, remark: `The records could not be copied to ${dirname(to)}: ${cause.problem}. ${kept}` }
  } finally {
    letGo()
  }
}

/** The originals stay. */
function copyRecords(from: string, to: string): void {
  const original = openStore(from)
  markDeadRuns(original, () => false)
  const [running] = runsInState(original, 'running')
  original.close()
  if (running) throw new ReflectoryError('store', from, `run ${running.id} is being recorded`, 'Wait for its end.')
  const runs = runsOf(from)
  if (existsSync(runsOf(to)))
    throw new ReflectoryError('disk', to, "a folder 'runs' of something else is there", 'Choose another folder.')
  const [needed, free] = [sizeOnDisk(from) + folderBytes(runs), freeBytes(to)]
  if (needed > free) {
    const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`
    const problem = `they take ${gigabytes(needed)}, and ${gigabytes(free)} are free there`
    throw new ReflectoryError('disk', to, problem, 'Make room there.')
  }
  try {
    rmSync(unfinished(to), { recursive: true, force: true })
    if (existsSync(runs)) cpSync(runs, unfinished(to), { recursive: true })
    copyStore(from, to)
  } catch (error) {
    rmSync(unfinished(to), { recursive: true, force: true })
    throw error
  }
  finishRuns(to)
}

const runsOf = (storeFile: string) => join(dirname(storeFile), 'runs')
const unfinished = (storeFile: string) => `${runsOf(storeFile)}.copying`

/** They get their name once the store is there: what bears it is never half a copy. */
function finishRuns(to: string): void {
  if (existsSync(unfinished(to))) renameSync(unfinished(to), runsOf(to))
}
