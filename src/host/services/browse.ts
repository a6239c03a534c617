/** Folders and files of this machine, for the window's file picker. */
import { existsSync, readdirSync, statSync, type Stats } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { ReflectoryError } from '../../shared/errors.ts'
import type { Output } from '../../shared/rpc.ts'

/** Entries of one folder that are shown. */
const MOST = 2000

type Listing = Output<'browse'>

export function browse(asked: string | null): Listing {
  const folder = resolve(asked ?? homedir())
  let names: string[]
  try {
    names = readdirSync(folder).filter((name) => !name.startsWith('.'))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    const problem = code === 'ENOENT' ? 'there is no such folder' : `cannot be read (${code})`
    throw new ReflectoryError('bad-argument', folder, problem, 'Choose another folder.', { cause: error })
  }
  const entries = names.slice(0, MOST).flatMap((name) => entryOf(folder, name) ?? [])
  const byKind = (entry: Listing['entries'][number]) => (entry.kind === 'folder' ? 0 : 1)
  entries.sort((a, b) => byKind(a) - byKind(b) || a.name.localeCompare(b.name))
  const parent = dirname(folder)
  return { folder, parent: parent === folder ? null : parent, entries }
}

/** Null for links that lead nowhere, and for what this user may not look at. */
function statOf(path: string): Stats | null {
  try {
    return statSync(path)
  } catch {
    return null
  }
}

/** Null for what is neither, and for links that lead nowhere. */
function entryOf(folder: string, name: string): Listing['entries'][number] | null {
  const path = join(folder, name)
  const found = statOf(path)
  if (found === null || !(found.isFile() || found.isDirectory())) return null
  const kind = found.isDirectory() ? 'folder' : 'file'
  const looksLikeModel = kind === 'folder' && existsSync(join(path, 'config.json'))
  return { name, path, kind, bytes: kind === 'file' ? found.size : 0, looksLikeModel }
}
