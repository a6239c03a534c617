/** A whole store in another folder. */
import { copyFileSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { openStore } from './openStore.ts'
import { explainStoreError } from './storeErrors.ts'

/**
 * Copies the store `from`, which nobody writes to meanwhile, to `to`, where there is none. `to` is there only once it is whole.
 * Checkpoints are found in its own folder afterwards.
 */
export function copyStore(from: string, to: string): void {
  const unfinished = `${to}.copying`
  try {
    const original = openStore(from)
    // What was written last stands in a file beside it.
    original.db.pragma('wal_checkpoint(TRUNCATE)')
    original.close()
    copyFileSync(from, unfinished)
    const copy = openStore(unfinished)
    copy.transaction(() => {
      for (const [table, column] of [['runs', 'work_folder'], ['arms', 'checkpoint_folder']])
        copy.db
          .prepare(
            `UPDATE ${table} SET ${column} = @to || substr(${column}, length(@from) + 1)
            WHERE substr(${column}, 1, length(@from)) = @from`,
          )
          .run({ from: dirname(from), to: dirname(to) })
    })
    copy.db.pragma('wal_checkpoint(TRUNCATE)')
    copy.close()
    renameSync(unfinished, to)
  } catch (error) {
    throw explainStoreError(to, error)
  } finally {
    for (const end of ['', '-wal', '-shm']) rmSync(`${unfinished}${end}`, { force: true })
  }
}
