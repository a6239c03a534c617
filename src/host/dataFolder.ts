/** Where the records of a window lie: the folder given, the one chosen in Settings, or `.reflectory` where one stands. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { ReflectoryError } from '../shared/errors.ts'

const Pointer = z.object({ dataFolder: z.string() })

export interface DataFolder {
  storeFile: string
  /** Where another choice is written down; null where the folder was given. */
  pointerFile: string | null
}

/** @param given the folder that was asked for at the start */
export function findDataFolder(given: string | undefined, standing: string): DataFolder {
  const storeIn = (folder: string) => join(folder, 'reflectory.sqlite')
  if (given !== undefined) return { storeFile: storeIn(resolve(standing, given)), pointerFile: null }
  const usual = join(standing, '.reflectory')
  const pointerFile = join(usual, 'data-folder.json')
  return { storeFile: storeIn(readPointer(pointerFile) ?? usual), pointerFile }
}

function readPointer(file: string): string | null {
  if (!existsSync(file)) return null
  try {
    return Pointer.parse(JSON.parse(readFileSync(file, 'utf8'))).dataFolder
  } catch (error) {
    const remedy = 'Delete this file to go back to the usual data folder.'
    throw new ReflectoryError('bad-argument', file, 'does not name a data folder', remedy, { cause: error })
  }
}
