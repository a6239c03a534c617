/** The engine's end of the channel: takes requests and cancels, sends back events and one answer each. */
import { ReflectoryError } from '../shared/errors.ts'
import { ToEngine } from '../shared/channel.ts'
import type { EngineReply, EngineRequest, FromEngine, WireError } from '../shared/channel.ts'
import type { EngineEvent } from '../shared/events.ts'
import type { KnownTrajectory, SoughtTrajectories } from '../shared/knownTrajectory.ts'
import { readFrames } from './messageFrames.ts'

export type Handler = (
  request: EngineRequest,
  /**
   * The signal is aborted when the parent cancels. `emit` resolves once the parent has dealt with the event, `recall` with what its
   * store knows.
   */
  context: {
    signal: AbortSignal
    emit(event: EngineEvent): Promise<void>
    recall(sought: SoughtTrajectories): Promise<KnownTrajectory[]>
  },
) => Promise<EngineReply>

const HEARTBEAT_MS = 2000

/**
 * Answers the parent until it goes away, and then ends this process. A terminal sends Ctrl-C to every process in its
 * foreground; here it means nothing, because the parent decides what becomes of the study.
 */
export function serveParent(handle: Handler): void {
  const running = new Map<number, AbortController>()
  const unreceived = new Map<number, () => void>()
  const unrecalled = new Map<number, (known: KnownTrajectory[]) => void>()
  let sequence = 0
  const send = connectParent((raw) => {
    const message = ToEngine.parse(raw)
    if (message.type === 'request') void answer(message.id, message.request)
    else if (message.type === 'cancel') running.get(message.id)?.abort()
    else if (message.type === 'recalled') settle(unrecalled, message.sequence, message.known)
    else settle(unreceived, message.sequence, undefined)
  })

  function emit(id: number, event: EngineEvent): Promise<void> {
    sequence += 1
    send({ type: 'event', id, sequence, event })
    return new Promise((resolve) => unreceived.set(sequence, resolve))
  }

  function recall(id: number, sought: SoughtTrajectories): Promise<KnownTrajectory[]> {
    sequence += 1
    send({ type: 'recall', id, sequence, sought })
    return new Promise((resolve) => unrecalled.set(sequence, resolve))
  }

  function settle<T>(waiting: Map<number, (value: T) => void>, number: number, value: T): void {
    waiting.get(number)?.(value)
    waiting.delete(number)
  }

  async function answer(id: number, request: EngineRequest): Promise<void> {
    const controller = new AbortController()
    running.set(id, controller)
    try {
      const reply = await handle(request, {
        signal: controller.signal,
        emit: (event) => emit(id, event),
        recall: (sought) => recall(id, sought),
      })
      send({ type: 'reply', id, reply })
    } catch (error) {
      send({ type: 'failure', id, error: toWire(error) })
    } finally {
      running.delete(id)
    }
  }

  setInterval(() => send({ type: 'heartbeat' }), HEARTBEAT_MS).unref()
  send({ type: 'ready', pid: process.pid, node: process.versions.node })
}

/** What Electron gives a process that it has started. It ends such a process itself when it goes. */
interface ParentPort {
  on(name: 'message', listener: (event: { data: unknown }) => void): void
  postMessage(message: unknown): void
}

/** Gives the way to send, over whichever connection this process was started with. */
function connectParent(onMessage: (raw: unknown) => void): (message: FromEngine) => void {
  process.on('SIGINT', () => undefined)
  const port: ParentPort | undefined = Reflect.get(process, 'parentPort')
  if (port !== undefined) {
    port.on('message', ({ data }) => onMessage(data))
    return (message) => port.postMessage(message)
  }
  process.on('disconnect', () => process.exit(1))
  if (process.env.REFLECTORY_ASKED_BY === 'stdin') readFrames(process.stdin, onMessage)
  else process.on('message', onMessage)
  return (message) => {
    // Where the parent has just gone, 'disconnect' ends this process.
    if (process.send && process.connected) process.send(message, undefined, {}, () => undefined)
  }
}

/** An error as the parent needs it. Without a code it is a defect of the program. */
function toWire(error: unknown): WireError {
  if (error instanceof ReflectoryError) {
    const { code, place, problem, remedy } = error
    return { code, place, problem, remedy, stack: error.stack ?? '' }
  }
  const problem = error instanceof Error ? error.message : String(error)
  if (error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) {
    const place = 'path' in error ? String(error.path) : 'the work folder'
    const remedy = 'Make room on it; what was recorded before stays, and the run can be resumed from there.'
    return { code: 'disk', place, problem: 'the disk is full', remedy, stack: error.stack ?? '' }
  }
  return { code: null, place: 'engine', problem, remedy: '', stack: (error instanceof Error && error.stack) || '' }
}
