/** `npm start`: the desktop window where Electron and a display are there, else the browser mode, saying in one line why. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findElectron } from './findElectron.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const given = process.argv.slice(2)
/** Electron that ends in failure sooner than this never came up: libraries are missing, or the display cannot be reached. */
const COMING_UP_MS = 5000

const found = findElectron()
if ('missing' in found) {
  process.exitCode = await inBrowser(found.missing)
} else {
  const begunAt = performance.now()
  const status = await run(found.program, [root, ...given])
  const cameUp = status === 0 || performance.now() - begunAt > COMING_UP_MS
  process.exitCode = cameUp ? status : await inBrowser(`Electron ended with status ${status}`)
}

function inBrowser(why: string): Promise<number> {
  process.stderr.write(`reflectory: ${why}; starting the browser mode instead\n`)
  return run(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'src/server/main.ts'), ...given])
}

/** Gives the exit status as a shell would. Signals go on to the program. */
function run(program: string, args: string[]): Promise<number> {
  return new Promise((resolve) => {
    // Set by editors that are Electron programs themselves; it would make a plain Node of this one.
    const { ELECTRON_RUN_AS_NODE: _, ...others } = process.env
    // For engines that Electron's own kind of process cannot hold.
    const env = { ...others, REFLECTORY_NODE: process.execPath }
    const child = spawn(program, args, { stdio: 'inherit', env })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
    child.on('error', () => resolve(1))
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  })
}
