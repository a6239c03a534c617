/** The engine's process: started by Node here; the desktop program starts it by Electron's means. */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ToEngine } from '../shared/channel.ts'
import { frameOf } from './messageFrames.ts'

/** A process that was started, whoever did it. */
export interface EngineChild {
  /** Does nothing where it has ended. */
  send(message: ToEngine): void
  onMessage(listener: (raw: unknown) => void): void
  /** How it ended, in words. Resolves once its last messages were heard. */
  ended: Promise<string>
  /** Asks it to end. */
  letGo(): void
  /** Ends it at once. */
  kill(): void
}

/** `models` are those that the engine will be asked to load, as far as is known: a parent may start it otherwise for large ones. */
export type LaunchEngine = (models?: readonly string[]) => EngineChild

/**
 * Beside this file, in its sources as in what is built from them. Packaged it has a folder of its own beside app.asar, since a plain
 * Node cannot look into an archive.
 */
export const engineProgram = fileURLToPath(
  ['../engine/main.ts', '../engine/main.js', '../../../engine/out/engine/main.js']
    .map((place) => new URL(place, import.meta.url))
    .find((place) => existsSync(place)) ?? new URL('../engine/main.js', import.meta.url),
)

const STDERR_KEPT = 4000

/** Linux's malloc would hand the memory of every training step back, and have it faulted in anew by the next; others ignore these. */
const keepMemory = { MALLOC_MMAP_THRESHOLD_: String(2 ** 25), MALLOC_TRIM_THRESHOLD_: String(2 ** 30) }

/**
 * Starts `program` (the engine, unless a test brings another) as a child of this process, on `node` (its own, usually). Another one
 * may be older than the Node within Electron, and is written to in a form that it can read; what it writes can be read by any.
 */
export function nodeEngine(program: string = engineProgram, node: string = process.execPath, flags: string[] = []): LaunchEngine {
  return () => {
    const isOther = node !== process.execPath
    const child = fork(program, {
      execPath: node,
      execArgv: [...process.execArgv, ...flags],
      env: { ...keepMemory, ...process.env, REFLECTORY_ASKED_BY: isOther ? 'stdin' : 'ipc' },
      serialization: 'advanced',
      stdio: [isOther ? 'pipe' : 'ignore', 'ignore', 'pipe', 'ipc'],
    })
    let lastWords = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-STDERR_KEPT)
    })
    // A child that is just ending makes writing fail; `ended` tells what became of it.
    child.stdin?.on('error', () => undefined)
    return {
      send: (message) => {
        if (child.stdin) child.stdin.write(frameOf(message))
        else if (child.connected) child.send(message, () => undefined)
      },
      onMessage: (listener) => child.on('message', listener),
      ended: endOf(child).then((failure) => failure ?? describeEnd(child.exitCode, child.signalCode, lastWords)),
      letGo: () => child.connected && child.disconnect(),
      kill: () => child.kill('SIGKILL'),
    }
  }
}

/** For questions about files of any size: young values keep to 24 MB instead of 96, and the collector lets old ones pile up less. */
export const frugalEngine = (): LaunchEngine => nodeEngine(engineProgram, process.execPath, ['--max-semi-space-size=8', '--heap-growing-percent=30'])

/** Over only once last messages and last words were read. ('close' never comes after a disconnect from this side.) */
function endOf(child: ChildProcess): Promise<string | null> {
  const happened = (emitter: EventEmitter, name: string) =>
    new Promise<void>((resolve) => emitter.once(name, () => resolve()))
  const parts = [happened(child, 'exit'), happened(child, 'disconnect')]
  if (child.stderr) parts.push(happened(child.stderr, 'close'))
  const notStarted = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve(`the engine could not be started: ${error.message}`)
    })
  })
  return Promise.race([notStarted, Promise.all(parts).then(() => null)])
}

export function describeEnd(code: number | null, signal: string | null, lastWords: string): string {
  const how = signal !== null ? `was ended by ${signal}` : `ended with status ${code}`
  const why = signal === 'SIGKILL' ? ' (the system does this when memory runs out)' : ''
  const lines = lastWords.trim().split('\n')
  // Node ends with where it was and its version; what went wrong stands before that.
  const error = lines.findLast((line) => /^[A-Za-z]*Error\b.*: /.test(line))
  const words = error ?? lines.slice(-3).join(' | ')
  return `the engine ${how}${why}${words === '' ? '' : `; its last words: ${words}`}`
}
