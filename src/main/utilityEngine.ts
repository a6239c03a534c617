/** The engine in a process of Electron's own kind. */
import { utilityProcess } from 'electron'
import { describeEnd, engineProgram, type EngineChild } from '../host/engineChild.ts'

const STDERR_KEPT = 4000

export function utilityEngine(): EngineChild {
  const child = utilityProcess.fork(engineProgram, [], {
    serviceName: 'Reflectory engine',
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let lastWords = ''
  let isOver = false
  child.stderr?.on('data', (data: Buffer) => {
    lastWords = (lastWords + data.toString('utf8')).slice(-STDERR_KEPT)
  })
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code) => {
      isOver = true
      resolve(describeEnd(code, null, lastWords))
    })
  })
  return {
    send: (message) => {
      if (!isOver) child.postMessage(message)
    },
    onMessage: (listener) => child.on('message', listener),
    ended,
    // Nothing is going on in an engine that is let go; what a run needs was saved before.
    letGo: () => child.kill(),
    kill: () => child.kill(),
  }
}
