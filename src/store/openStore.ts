/** Opens the store: creates it, brings it up to date, or says why it cannot be used. */
import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { ReflectoryError } from '../shared/errors.ts'
import { migrations } from './migrations.ts'
import { explainStoreError } from './storeErrors.ts'

/** Stands in the file's header ('RFLC'), so that no other program's database is taken for a store. */
const APPLICATION_ID = 0x52464c43

export interface Store {
  readonly file: string
  readonly db: Database.Database
  /** Runs `work` as one transaction; SQLite's errors come out explained. */
  transaction<T>(work: () => T): T
  close(): void
}

/** Opens or creates the store at `file`, migrated to this version. Throws `ReflectoryError` 'store' or 'disk'. */
export function openStore(file: string): Store {
  try {
    mkdirSync(dirname(file), { recursive: true })
    return open(file)
  } catch (error) {
    throw explainStoreError(file, error)
  }
}

/** Opens a store that must be there already. */
export function openExistingStore(file: string): Store {
  if (!existsSync(file)) {
    throw new ReflectoryError(
      'store',
      file,
      'there is no store here',
      'Run a study first, or name its store with --store.',
    )
  }
  return openStore(file)
}

function open(file: string): Store {
  const db = new Database(file, { timeout: 5000 })
  try {
    checkIsOurs(file, db)
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = NORMAL')
    db.pragma('foreign_keys = ON')
    // Indexes of a million trajectories outgrow the usual 2 MB, and every record then waits for the disk.
    db.pragma('cache_size = -65536')
    db.pragma('wal_autocheckpoint = 4000')
    migrate(file, db)
  } catch (error) {
    db.close()
    throw error
  }
  return {
    file,
    db,
    transaction(work) {
      try {
        return db.transaction(work).immediate()
      } catch (error) {
        throw explainStoreError(file, error)
      }
    },
    close: () => db.close(),
  }
}

function pragmaNumber(db: Database.Database, name: string): number {
  return Number(db.pragma(name, { simple: true }))
}

function checkIsOurs(file: string, db: Database.Database): void {
  const version = pragmaNumber(db, 'user_version')
  const isEmpty = db.prepare('SELECT count(*) FROM sqlite_master').pluck().get() === 0
  if (!isEmpty && pragmaNumber(db, 'application_id') !== APPLICATION_ID) {
    throw new ReflectoryError('store', file, 'is a database of another program', 'Take another folder or file for the records.')
  }
  if (version > migrations.length) {
    throw new ReflectoryError(
      'store',
      file,
      `comes from a newer version of Reflectory (layout ${version}; this one knows ${migrations.length})`,
      'Update Reflectory, or take another folder for the records.',
    )
  }
}

/** Each step is one transaction together with its version number; an old store is copied first. */
function migrate(file: string, db: Database.Database): void {
  const from = pragmaNumber(db, 'user_version')
  if (from === migrations.length) return
  if (from > 0) {
    const copy = `${file}.layout-${from}.backup`
    if (!existsSync(copy)) db.prepare('VACUUM INTO ?').run(copy)
  }
  db.transaction(() => {
    // Another process may have done it while this one waited for the lock.
    for (let version = pragmaNumber(db, 'user_version'); version < migrations.length; version++) {
      db.exec(migrations[version])
      db.pragma(`user_version = ${version + 1}`)
    }
    db.pragma(`application_id = ${APPLICATION_ID}`)
  }).immediate()
}
