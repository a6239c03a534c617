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

type ConnectionListener = (isConnected: boolean) => void
const connectionListeners = new Set<ConnectionListener>()

/** Tells when the server stops answering, and when it answers again. Never called in Electron. */
export function onConnection(listener: ConnectionListener): () => void {
  connectionListeners.add(listener)
  return () => connectionListeners.delete(listener)
}

function tellConnection(isConnected: boolean): void {
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
        return RpcReply.parse(await response.json())
      } catch {
        tellConnection(false)
        const remedy = 'Start `npm run serve` again and open the address that it prints.'
        const problem = 'Reflectory does not answer'
        return { ok: false, error: { code: 'unreachable', place: 'this page', problem, remedy } }
      }
    },
    listen(listener) {
      const source = new EventSource('/events')
      let wasLost = false
      source.onmessage = (message: MessageEvent<string>) => listener(Pushed.parse(JSON.parse(message.data)))
      source.onerror = () => {
        wasLost = true
        tellConnection(false)
      }
      source.onopen = () => {
        tellConnection(true)
        if (wasLost) listener({ type: 'reconnected' })
        wasLost = false
      }
      return () => source.close()
    },
  }
}
