/** The engine as a child process: starts it, asks it, cancels, and tells when and how it died. */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { FromEngine } from '../shared/channel.ts'
import type { EngineReply, EngineRequest, ToEngine, WireError } from '../shared/channel.ts'
import { ReflectoryError } from '../shared/errors.ts'
import type { EngineEvent } from '../shared/events.ts'

export const engineProgram = fileURLToPath(new URL('../engine/main.ts', import.meta.url))

/** The engine ended without an answer: a crash, a kill, too little memory. */
export class EngineDied extends Error {
  override readonly name = 'EngineDied'
}

/** A defect of the program, as the engine saw it; nothing that a person can mend. */
export class EngineDefect extends Error {
  override readonly name = 'EngineDefect'
}

type ReplyTo<T extends EngineRequest['type']> = Extract<EngineReply, { type: T }>

export interface Answer<T extends EngineRequest['type']> {
  /** Rejects with `ReflectoryError`, `EngineDefect` or `EngineDied`. */
  reply: Promise<ReplyTo<T>>
  /** Asks the engine to stop at the next point from which it can go on later. */
  cancel(): void
}

/**
 * What a host asks of an engine, whoever started it. `onEvent` may throw (a full disk): the request is then cancelled
 * and its reply rejects with that error.
 */
export interface Channel {
  request<T extends EngineRequest['type']>(
    request: Extract<EngineRequest, { type: T }>,
    onEvent?: (event: EngineEvent) => void,
  ): Answer<T>
  /** Milliseconds since the engine was last heard of; it is silent while a graph runs. */
  silentForMs(): number
  /** Ends the process at once. */
  kill(): void
  /** Asks the process to end, and ends it when it does not. */
  close(): Promise<void>
}

interface Pending {
  type: EngineRequest['type']
  onEvent: (event: EngineEvent) => void
  resolve(reply: EngineReply): void
  reject(error: unknown): void
}

const CLOSE_WITHIN_MS = 3000
const STDERR_KEPT = 4000

/** Starts `program` (the engine, unless a test brings another) as a child of this process. */
export function startEngine(program: string = engineProgram): Channel {
  const child = fork(program, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const pending = new Map<number, Pending>()
  let nextId = 1
  let lastHeard = performance.now()
  let lastWords = ''

  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-STDERR_KEPT)
  })
  child.on('message', (raw) => {
    lastHeard = performance.now()
    const parsed = FromEngine.safeParse(raw)
    if (parsed.success) receive(parsed.data)
    else failAll(new EngineDefect(`the engine sent something that is no message: ${z.prettifyError(parsed.error)}`))
  })
  // Over only once its last messages and last words were read. ('close' never comes after a disconnect from this side.)
  const happened = (emitter: EventEmitter, name: string) =>
    new Promise<void>((resolve) => emitter.once(name, () => resolve()))
  const parts = [happened(child, 'exit'), happened(child, 'disconnect')]
  if (child.stderr) parts.push(happened(child.stderr, 'close'))
  const notStarted = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      if (child.pid !== undefined) return
      failAll(new EngineDied(`the engine could not be started: ${error.message}`))
      resolve()
    })
  })
  const ended = Promise.race([notStarted, Promise.all(parts)]).then(() =>
    failAll(new EngineDied(describeEnd(child, lastWords))),
  )

  function receive(message: FromEngine): void {
    if (message.type === 'ready' || message.type === 'heartbeat') return
    const asked = pending.get(message.id)
    if (!asked) return
    if (message.type === 'event') {
      try {
        asked.onEvent(message.event)
        send(child, { type: 'received', id: message.id, sequence: message.sequence })
      } catch (error) {
        send(child, { type: 'cancel', id: message.id })
        pending.delete(message.id)
        asked.reject(error)
      }
      return
    }
    pending.delete(message.id)
    if (message.type === 'reply') asked.resolve(message.reply)
    else asked.reject(fromWire(message.error))
  }

  function failAll(error: Error): void {
    for (const asked of pending.values()) asked.reject(error)
    pending.clear()
  }

  return {
    request<T extends EngineRequest['type']>(
      request: Extract<EngineRequest, { type: T }>,
      onEvent = (_: EngineEvent) => {},
    ) {
      const id = nextId++
      const isAnswer = (reply: EngineReply): reply is ReplyTo<T> => reply.type === request.type
      const reply = new Promise<ReplyTo<T>>((resolve, reject) => {
        pending.set(id, {
          type: request.type,
          onEvent,
          reject,
          resolve: (answer) =>
            isAnswer(answer) ? resolve(answer) : reject(new EngineDefect(`${answer.type} answers ${request.type}`)),
        })
        if (child.connected) send(child, { type: 'request', id, request })
        else if (child.exitCode !== null) reject(new EngineDied(describeEnd(child, lastWords)))
      })
      return { reply, cancel: () => send(child, { type: 'cancel', id }) }
    },
    silentForMs: () => performance.now() - lastHeard,
    kill: () => child.kill('SIGKILL'),
    async close() {
      if (child.connected) child.disconnect()
      const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_WITHIN_MS)
      await ended
      clearTimeout(timer)
    },
  }
}

function send(child: ChildProcess, message: ToEngine): void {
  // A child that is just ending makes this fail; its 'close' tells what became of it.
  if (child.connected) child.send(message, () => undefined)
}

function fromWire({ code, place, problem, remedy, stack }: WireError): Error {
  if (code !== null) return new ReflectoryError(code, place, problem, remedy)
  return new EngineDefect(problem, { cause: stack })
}

function describeEnd({ exitCode: code, signalCode: signal }: ChildProcess, lastWords: string): string {
  const how = signal !== null ? `was ended by ${signal}` : `ended with status ${code}`
  const why = signal === 'SIGKILL' ? ' (the system does this when memory runs out)' : ''
  const words = lastWords.trim().split('\n').slice(-3).join(' | ')
  return `the engine ${how}${why}${words === '' ? '' : `; its last words: ${words}`}`
}
