/** The way to the services: what preload put there, or this page's own server. */
import type { Bridge } from '../../shared/rpc.ts'
import { Pushed } from '../../shared/rpc/pushed.ts'
import { RpcReply } from '../../shared/rpc/method.ts'

declare global {
  interface Window {
    /** Put there by Electron's preload; absent in a browser. */
    reflectory?: Bridge
  }
}

/** Pause between two attempts to be connected again. */
const RETRY_MS = 2000

type ConnectionListener = (isConnected: boolean) => void
const connectionListeners = new Set<ConnectionListener>()

/** Tells when the server stops answering, and when it answers again. Never called in Electron. */
export function onConnection(listener: ConnectionListener): () => void {
  connectionListeners.add(listener)
  return () => connectionListeners.delete(listener)
}

/** A page that is left ends its own requests, which is no lost connection. */
let isLeaving = false
window.addEventListener('pagehide', () => (isLeaving = true))
window.addEventListener('pageshow', () => (isLeaving = false))

function tellConnection(isConnected: boolean): void {
  if (isLeaving) return
  for (const listener of connectionListeners) listener(isConnected)
}

export const bridge: Bridge = window.reflectory ?? httpBridge()

function httpBridge(): Bridge {
  return {
    async call(method, input) {
      try {
        const response = await fetch(`/rpc/${method}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(input),
        })
        const reply = RpcReply.parse(await response.json())
        if (response.ok) tellConnection(true)
        return reply
      } catch {
        tellConnection(false)
        const remedy = 'Start `npm run serve` again and open the address that it prints.'
        const problem = 'Reflectory does not answer'
        return { ok: false, error: { code: 'unreachable', place: 'this page', problem, remedy } }
      }
    },
    listen(listener) {
      let source: EventSource
      let wasLost = false
      let again: ReturnType<typeof setTimeout> | undefined

      function connect(): void {
        source = new EventSource('/events')
        source.onmessage = (message: MessageEvent<string>) => listener(Pushed.parse(JSON.parse(message.data)))
        source.onerror = () => {
          wasLost = true
          tellConnection(false)
          // A browser gives up for good on an answer that is no stream; this page does not.
          source.close()
          clearTimeout(again)
          again = setTimeout(connect, RETRY_MS)
        }
        source.onopen = () => {
          tellConnection(true)
          if (wasLost) listener({ type: 'reconnected' })
          wasLost = false
        }
      }
      connect()
      return () => {
        clearTimeout(again)
        source.close()
      }
    },
  }
}
