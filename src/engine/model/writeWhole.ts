/** Files and folders that appear under their names only when they are whole. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { ReflectoryError } from '../../shared/errors.ts'
import { describe, isNodeError } from './jsonFile.ts'

/** Calls `produce` with a function that appends bytes; the file appears under its name only when all of them are on the disk. */
export function writeFileAtomically(file: string, produce: (write: (bytes: Uint8Array) => void) => void): void {
  const temporary = `${file}.partial`
  try {
    const descriptor = openSync(temporary, 'w')
    try {
      produce((bytes) => {
        for (let done = 0; done < bytes.length;) {
          done += writeSync(descriptor, bytes, done, Math.min(bytes.length - done, 1 << 28))
        }
      })
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(temporary, file)
    flushFolder(dirname(file))
  } catch (error) {
    rmSync(temporary, { force: true })
    if (error instanceof ReflectoryError) throw error
    throw diskError(file, error)
  }
}

/** Makes a rename last through a power cut, where the system lets a folder be flushed (Windows does not). */
function flushFolder(folder: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** `write` fills a folder that is renamed when it is done. Throws `disk` where there is one with something in it, or none can be written. */
export function writeFolder(folder: string, write: (partial: string) => void): void {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new ReflectoryError('disk', folder, 'the folder exists and is not empty', 'Choose a new folder.')
  }
  const partial = `${folder}.partial`
  try {
    rmSync(partial, { recursive: true, force: true })
    mkdirSync(partial, { recursive: true })
    write(partial)
    rmSync(folder, { recursive: true, force: true })
    renameSync(partial, folder)
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    throw error instanceof ReflectoryError ? error : diskError(folder, error)
  }
}

/** A failed write as an error for a person. */
export function diskError(file: string, error: unknown): ReflectoryError {
  const remedy = isNodeError(error, 'ENOSPC', 'EDQUOT')
    ? 'Free some disk space, or choose a folder on another disk.'
    : 'Choose a folder that exists and that you may write to.'
  return new ReflectoryError('disk', file, `the file cannot be written (${describe(error)})`, remedy, { cause: error })
}
