/** The command line as a person meets it: a process, its output and its exit status. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

export interface Ended {
  status: number | null
  out: string
  err: string
}

export interface Surroundings {
  /** The folder where the person stands. */
  cwd?: string
  env?: Record<string, string>
  /** What comes on standard input; nothing when absent. */
  typed?: string
  /** Called with all of standard error so far, and the process. */
  onErr?: ((text: string, pid: number) => void) | undefined
}

export function reflectory(args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  return startProgram(main, args, surroundings)
}

export function startProgram(program: string, args: readonly string[], { cwd, env, typed, onErr }: Surroundings): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args], { cwd, env: { ...process.env, ...env }, stdio: 'pipe' })
    let [out, err] = ['', '']
    child.stdout.on('data', (data) => (out += data))
    child.stderr.on('data', (data) => {
      err += data
      onErr?.(err, child.pid!)
    })
    child.on('close', (status) => resolve({ status, out, err }))
    child.stdin.end(typed)
  })
}
