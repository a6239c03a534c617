/** Where the records of a window lie: the folder given, the one chosen in Settings, or `.reflectory` where one stands. */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { ReflectoryError } from '../shared/errors.ts'
import { explainStoreError } from '../store/storeErrors.ts'

const Pointer = z.strictObject({
  dataFolder: z.string(),
  /** The records lie here still, and are copied before they are opened. */
  copyFrom: z.string().nullable().default(null),
})
type Pointer = z.infer<typeof Pointer>

export interface DataFolder {
  storeFile: string
  /** The store that has to be copied to `storeFile` first. */
  copyFrom: string | null
  /** Where another choice is written down; null where the folder was given. */
  pointerFile: string | null
}

const storeIn = (folder: string) => join(folder, 'reflectory.sqlite')

/** @param given the folder that was asked for at the start */
export function findDataFolder(given: string | undefined, standing: string): DataFolder {
  if (given !== undefined) return { storeFile: storeIn(resolve(standing, given)), copyFrom: null, pointerFile: null }
  const usual = join(standing, '.reflectory')
  const pointerFile = join(usual, 'data-folder.json')
  const pointer = readPointer(pointerFile)
  if (pointer === null) return { storeFile: storeIn(usual), copyFrom: null, pointerFile }
  const storeFile = storeIn(pointer.dataFolder)
  // A disk that is not connected must not look like records that are gone.
  if (pointer.copyFrom === null && !existsSync(storeFile)) {
    const remedy = `Connect the disk that it is on, or delete ${pointerFile} to go back to ${usual}.`
    throw new ReflectoryError('store', storeFile, 'the records are not in the folder that was chosen in Settings', remedy)
  }
  return { storeFile, copyFrom: pointer.copyFrom === null ? null : storeIn(pointer.copyFrom), pointerFile }
}

/** The folder that counts from the next start on, where it is another one than that of `storeFile`. */
export function nextDataFolder(pointerFile: string, storeFile: string): string | null {
  const chosen = readPointer(pointerFile)?.dataFolder ?? dirname(storeFile)
  return chosen === dirname(storeFile) ? null : chosen
}

/**
 * Writes down that `folder` counts from the next start on. Records that lie there are opened then; where there are none, those
 * of `storeFile` are copied there. Throws where it cannot be used.
 */
export function chooseDataFolder(pointerFile: string, storeFile: string, folder: string): { hasRecords: boolean } {
  const present = dirname(storeFile)
  const refuse = (problem: string, remedy: string) => new ReflectoryError('bad-argument', folder, problem, remedy)
  if (resolve(folder) !== folder) throw refuse('is not a whole path', 'Give it from the root of the disk on.')
  const way = relative(present, folder)
  if (way !== '' && !way.startsWith('..') && resolve(way) !== way)
    throw refuse('lies within the present data folder', 'Choose one outside of it.')
  const hasRecords = existsSync(storeIn(folder))
  if (!hasRecords && existsSync(join(folder, 'runs')))
    throw refuse("holds a folder 'runs' of something else", 'Choose an empty folder, or a new one.')
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
    writePointer(pointerFile, { dataFolder: folder, copyFrom: hasRecords ? null : present })
  } catch (error) {
    throw explainStoreError(folder, error)
  }
  return { hasRecords }
}

export function writePointer(file: string, pointer: Pointer): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(pointer))
}

function readPointer(file: string): Pointer | null {
  if (!existsSync(file)) return null
  try {
    return Pointer.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    const remedy = 'Delete this file to go back to the usual data folder.'
    throw new ReflectoryError('bad-argument', file, 'does not name a data folder', remedy, { cause: error })
  }
}
