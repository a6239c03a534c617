/** Files below a folder. */
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export interface FolderEntry {
  /** From the folder, with slashes. */
  path: string
  bytes: number
  isLink: boolean
}

/** Every file and link below `folder`, sorted; links are not followed. */
export function filesBelow(folder: string, inside = ''): FolderEntry[] {
  return readdirSync(join(folder, inside))
    .sort()
    .flatMap((name) => {
      const path = inside === '' ? name : `${inside}/${name}`
      const status = lstatSync(join(folder, path))
      if (status.isDirectory()) return filesBelow(folder, path)
      return [{ path, bytes: status.size, isLink: status.isSymbolicLink() }]
    })
}

export const bytesOf = (files: readonly FolderEntry[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0)
