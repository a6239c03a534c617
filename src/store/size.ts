/** How much room records take. */
import { existsSync, mkdirSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { explainStoreError } from './storeErrors.ts'

/** Bytes of a token: id, log-probability, entropy; its text in whole, split, and in the search index. */
const BYTES_PER_TOKEN = 4 + 4 + 4 + 3 * 5
/** Bytes of a prompt token of each trajectory. */
const BYTES_PER_PROMPT_TOKEN = 4
/** Bytes of the row itself: keys, verdicts, reward parts, indexes. */
const BYTES_PER_TRAJECTORY = 900

/** Upper estimate of what `trajectories` samples of these lengths take, in bytes. */
export function estimateBytes(trajectories: number, newTokens: number, promptTokens: number): number {
  return Math.ceil(
    trajectories * (BYTES_PER_TRAJECTORY + newTokens * BYTES_PER_TOKEN + promptTokens * BYTES_PER_PROMPT_TOKEN),
  )
}

/** Bytes of the store with its write-ahead log. */
export function sizeOnDisk(file: string): number {
  return [file, `${file}-wal`, `${file}-shm`].reduce(
    (sum, part) => sum + (existsSync(part) ? statSync(part).size : 0),
    0,
  )
}

/** Bytes that this user may still write beside `file`. */
export function freeBytes(file: string): number {
  try {
    mkdirSync(dirname(file), { recursive: true })
    const { bavail, bsize } = statfsSync(dirname(file))
    return bavail * bsize
  } catch (error) {
    throw explainStoreError(file, error)
  }
}
