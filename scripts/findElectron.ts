/** Electron's binary, or in words why no window can be opened with it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packaged = fileURLToPath(new URL('../node_modules/electron', import.meta.url))

export function findElectron(): { program: string } | { missing: string } {
  // Asking the package for the path would fetch the binary.
  const name = existsSync(join(packaged, 'path.txt')) ? readFileSync(join(packaged, 'path.txt'), 'utf8') : usualName()
  const program = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(packaged, 'dist'), name)
  if (!existsSync(program)) return { missing: "Electron's binary is not here (npm run install:electron fetches it)" }
  const hasDisplay = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY
  return hasDisplay ? { program } : { missing: 'there is no display' }
}

function usualName(): string {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron'
  return process.platform === 'win32' ? 'electron.exe' : 'electron'
}
