/** The one client of the services: every method of the contract, and what they push. */
import type { Pushed } from '../../shared/rpc/pushed.ts'
import type { RpcError } from '../../shared/rpc/method.ts'
import { CallFailed, createClient } from '../../shared/rpcClient.ts'
import { bridge } from './bridge.ts'

export { onConnection } from './bridge.ts'
export const client = createClient(bridge)

type Listener = (pushed: Pushed) => void
const listeners = new Set<Listener>()
let endListening: (() => void) | null = null

/** One stream serves every listener. Gives a function that ends this listening. */
export function listen(listener: Listener): () => void {
  listeners.add(listener)
  endListening ??= bridge.listen((pushed) => listeners.forEach((each) => each(pushed)))
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    endListening?.()
    endListening = null
  }
}

/** Any failure in the words of the contract. */
export function asRpcError(failure: unknown): RpcError {
  if (failure instanceof CallFailed) return failure.error
  return {
    code: 'defect',
    place: 'this window',
    problem: failure instanceof Error ? failure.message : String(failure),
    remedy: 'This is a fault of the program. Load the page again; Diagnostics has a report to send.',
  }
}
