/** Packages as package-lock.json has them: who they are, and what a list of them needs to run. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { isLoaded } from './shippedFiles.ts'

const LockEntry = z.object({
  version: z.string().optional(),
  license: z.string().optional(),
  integrity: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).default({}),
})
const LockFile = z.object({ packages: z.record(z.string(), LockEntry) })

export interface LockedPackage {
  name: string
  version: string
  /** Where it is installed, from the project's folder: node_modules/a, or node_modules/a/node_modules/b. */
  folder: string
  /** As its author declares it; null where the lock file has none. */
  licence: string | null
  /** sha512-… as in the lock file (of Electron sha256-…); null where there is none. */
  integrity: string | null
}

export type Lock = z.infer<typeof LockFile>['packages']

export const readLock = (file: string): Lock => LockFile.parse(JSON.parse(readFileSync(file, 'utf8'))).packages

const INSIDE = 'node_modules/'
export const nameOfFolder = (folder: string): string => folder.slice(folder.lastIndexOf(INSIDE) + INSIDE.length)

/** Throws where the lock file does not know it: then nobody can say what is shipped. */
export function lockedPackage(lock: Lock, folder: string): LockedPackage {
  const entry = lock[folder]
  const name = nameOfFolder(folder)
  if (entry?.version === undefined)
    throw new Error(`${name} is used and package-lock.json does not name it (${folder})`)
  const { version, license, integrity = null } = entry
  return { name, version, folder, licence: license?.replace(/^\((.*)\)$/, '$1') ?? null, integrity }
}

/** Everything that `names` load at run time, themselves included, in the order of their folders. */
export function neededPackages(lock: Lock, names: Iterable<string>): LockedPackage[] {
  const found = new Map<string, LockedPackage>()
  const visit = (name: string, asker: string) => {
    if (!isLoaded(name)) return
    const folder = folderOf(lock, name, asker)
    const who = asker && ` by ${asker}`
    if (folder === null) throw new Error(`${name} is used${who} and package-lock.json does not name it`)
    if (found.has(folder)) return
    found.set(folder, lockedPackage(lock, folder))
    for (const dependency of Object.keys(lock[folder].dependencies)) visit(dependency, folder)
  }
  for (const name of names) visit(name, '')
  return [...found.values()].sort((a, b) => (a.folder < b.folder ? -1 : 1))
}

/** As Node looks it up: in the asker's own folder, then further and further out. */
function folderOf(lock: Lock, name: string, asker: string): string | null {
  for (let place = asker; ; place = place.slice(0, Math.max(place.lastIndexOf(`/${INSIDE}`), 0))) {
    const folder = place === '' ? INSIDE + name : `${place}/${INSIDE}${name}`
    if (lock[folder] !== undefined) return folder
    if (place === '') return null
  }
}
