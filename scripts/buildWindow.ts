/** Builds the window and the desktop program, where their sources are newer than what was built last. */
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'electron-vite'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Written last, so that a build that broke off is no build. */
const stamp = join(root, 'out', 'built')
const sources = ['src', 'electron.vite.config.ts', 'package-lock.json']

function newestChange(path: string): number {
  const { mtimeMs } = statSync(path)
  if (!statSync(path).isDirectory()) return mtimeMs
  // A folder's own time tells of files that were taken away.
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestChange(join(path, name))), mtimeMs)
}

const newest = Math.max(...sources.map((name) => newestChange(join(root, name))))
if (!existsSync(stamp) || statSync(stamp).mtimeMs < newest) {
  process.stderr.write('reflectory: building the window (a few seconds)\n')
  // Configuration and sources are found from the folder where one stands.
  process.chdir(root)
  await build({ logLevel: 'warn' })
  writeFileSync(stamp, '')
}
