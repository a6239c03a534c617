/** What a folder takes up. */
import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Bytes of all files in it, links not followed; 0 where it is not there. */
export function folderBytes(folder: string): number {
  if (!existsSync(folder)) return 0
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name)
    return sum + (entry.isDirectory() ? folderBytes(path) : lstatSync(path).size)
  }, 0)
}
