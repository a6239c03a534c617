/** Keeps the records of a folder to one window program at a time: it is the one that runs what waits. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { ReflectoryError } from '../shared/errors.ts'
import { explainStoreError } from './storeErrors.ts'

/**
 * Gives a function that lets go. The system lets go by itself when the process ends, however it ends: the lock is SQLite's own,
 * on an empty file beside the store. Throws 'store' where another program (or this one) holds it.
 */
export function holdStore(file: string): () => void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    const lock = new Database(`${file}.held`, { timeout: 0 })
    try {
      lock.exec('BEGIN EXCLUSIVE')
    } catch (error) {
      lock.close()
      throw error
    }
    return () => lock.close()
  } catch (error) {
    if (!isBusy(error)) throw explainStoreError(file, error)
    const remedy = 'Go on in its window or browser, or close it first; --data FOLDER opens other records.'
    throw new ReflectoryError('store', file, 'is open in another Reflectory', remedy, { cause: error })
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
}
