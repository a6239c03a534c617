/**
 * Starts what is shipped, on a copy outside the project: there it finds no package that was not shipped. The copy's path has spaces
 * and letters of other alphabets, it may only be read, and nothing but records may be written anywhere.
 */
import { spawn } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { filesBelow } from './folder.ts'
import { nodeFile, type Target } from './targets.ts'

const LONGEST_MS = 180_000

/** Gives what worked, a line each; throws with the words of what did not. */
export async function runPackaged(resources: string, target: Target): Promise<string[]> {
  const place = mkdtempSync(join(tmpdir(), 'reflectory package ä→б #1 %20-'))
  const [copy, records, home] = ['resources', 'records', 'home'].map((name) => join(place, name))
  try {
    cpSync(resources, copy, { recursive: true })
    for (const folder of [records, home]) mkdirSync(folder)
    setWritable(copy, false)
    const before = stateOf(copy)
    const said = await run(join(copy, nodeFile(target)), [join(import.meta.dirname, 'tryPackaged.ts'), copy, records], home)
    const written = [...stateOf(home), ...differing(before, stateOf(copy))]
    if (written.length > 0) throw new Error(`what is shipped writes outside its records: ${written.join(', ')}`)
    return said
  } finally {
    if (existsSync(copy)) setWritable(copy, true)
    rmSync(place, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Takes the right to write from files and folders, or gives it back to their owner. */
function setWritable(folder: string, isWritable: boolean): void {
  const paths = filesBelow(folder).map(({ path }) => join(folder, path))
  const folders = new Set(paths.map(dirname))
  for (const path of [...paths, ...folders]) {
    const { mode } = statSync(path)
    chmodSync(path, isWritable ? mode | 0o200 : mode & ~0o222)
  }
}

/** A line for each file, which changes when it is written. */
const stateOf = (folder: string): string[] =>
  filesBelow(folder).map(({ path, bytes }) => `${path} (${bytes} bytes, ${statSync(join(folder, path)).mtimeMs})`)

function differing(before: readonly string[], after: readonly string[]): string[] {
  const known = new Set(before)
  return after.filter((line) => !known.has(line))
}

function run(program: string, args: string[], home: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    // Nothing of this machine's settings for Node is with those who install it.
    const { NODE_OPTIONS: _options, NODE_PATH: _path, NODE_COMPILE_CACHE: _cache, ...inherited } = process.env
    // Drivers keep what they compiled in the home folder, which is theirs to do.
    const drivers = { MESA_SHADER_CACHE_DISABLE: 'true', __GL_SHADER_DISK_CACHE: '0', CUDA_CACHE_DISABLE: '1' }
    const homes = ['HOME', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME']
    const env = { ...inherited, ...drivers, ...Object.fromEntries([...homes, 'TMPDIR', 'TEMP', 'TMP'].map((name) => [name, home])) }
    const options = { cwd: home, env, timeout: LONGEST_MS, killSignal: 'SIGKILL' } as const
    // The flag lets `import.meta.resolve` stand where a shipped program stands.
    const flags = ['--disable-warning=ExperimentalWarning', '--experimental-import-meta-resolve']
    const child = spawn(program, [...flags, ...args], options)
    let said = ''
    let complained = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complained += text))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve(said.trim().split('\n'))
      else reject(new Error(`what is shipped does not run (${signal ?? `status ${code}`}):\n${said}${complained}`))
    })
  })
}
