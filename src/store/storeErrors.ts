/** SQLite's errors in words that name the file and the remedy. */
import Database from 'better-sqlite3'
import { ReflectoryError } from '../shared/errors.ts'

/** The error for a person where the cause is a person's to mend; anything else comes back as it is. */
export function explainStoreError(file: string, error: unknown): unknown {
  if (error instanceof ReflectoryError) return error
  const code = error instanceof Database.SqliteError ? error.code : errnoOf(error)
  const store = (problem: string, remedy: string) =>
    new ReflectoryError('store', file, problem, remedy, { cause: error })
  const disk = (problem: string, remedy: string) => new ReflectoryError('disk', file, problem, remedy, { cause: error })
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') {
    return disk('the disk is full', 'Make room on it; what was recorded before stays, and the run can be resumed from there.')
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return disk(
      'cannot be written to',
      'Give write permission on the file and its folder, or take another folder.',
    )
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return store('is locked by another program', 'Wait until that program is done, or end it.')
  }
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
    return store('is not a store, or is damaged', 'Put a backup in its place, or move it away to begin with an empty one.')
  }
  if (
    code.startsWith('SQLITE_CANTOPEN') ||
    code === 'ENOENT' ||
    code === 'ENOTDIR' ||
    code === 'EEXIST' ||
    code === 'EISDIR'
  ) {
    return store('cannot be opened', 'Check that it is a file in a folder that this user may read and write.')
  }
  if (code.startsWith('SQLITE_IOERR')) {
    return disk('cannot be read or written', 'Check the disk and its free space; what was recorded before stays, and the run can be resumed.')
  }
  return error
}

function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
