/** The typed client of the contract, over any bridge. */
import { type Bridge, type Client, isMethodName, rpc } from './rpc.ts'
import { RpcReply, type RpcError } from './rpc/method.ts'

/** A call that failed, in words for a person. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed'
  readonly error: RpcError

  constructor(error: RpcError) {
    super(`${error.place}: ${error.problem}. ${error.remedy}`)
    this.error = error
  }
}

/** Every method of the contract as an async function. Rejects with `CallFailed`. */
export function createClient(bridge: Bridge): Client {
  const call = async (method: string, input: unknown) => {
    if (!isMethodName(method)) throw new TypeError(`there is no method '${method}'`)
    const reply = RpcReply.parse(await bridge.call(method, input))
    if (!reply.ok) throw new CallFailed(reply.error)
    return rpc[method].output.parse(reply.value)
  }
  const methods = Object.keys(rpc).map((method) => [method, (input: unknown) => call(method, input)])
  return Object.fromEntries(methods) as Client
}
