/** The gate to the services for every face: names and inputs are checked, failures become answers. */
import { dirname } from 'node:path'
import { z } from 'zod'
import { isMethodName, rpc, type MethodName, type Services } from '../../shared/rpc.ts'
import type { RpcReply } from '../../shared/rpc/method.ts'
import { explainStoreError } from '../../store/storeErrors.ts'
import type { Log } from './log.ts'
import { toRpcError } from './rpcError.ts'

/** Never rejects. `method` and `input` come from a window and may be anything. */
export async function callService(
  { services, log, storeFile }: { services: Services; log: Log; storeFile: string },
  method: unknown,
  input: unknown,
): Promise<RpcReply> {
  if (typeof method !== 'string' || !isMethodName(method)) return badRequest('call', 'there is no such method')
  const checked = rpc[method].input.safeParse(input)
  if (!checked.success) return badRequest(method, z.prettifyError(checked.error).slice(0, 500))
  try {
    const value = await handlerOf(services, method)(checked.data)
    return { ok: true, value: rpc[method].output.parse(value) }
  } catch (error) {
    const failure = toRpcError(isOfStore(error, storeFile) ? explainStoreError(storeFile, error) : error)
    if (failure.code === 'defect') log.add('error', `${method}: ${error instanceof Error ? error.name : 'defect'}`)
    return { ok: false, error: failure }
  }
}

/** A file that a person named is not the store, whatever went wrong with it. */
function isOfStore(error: unknown, storeFile: string): boolean {
  const path = error instanceof Error && 'path' in error ? String(error.path) : storeFile
  return path.startsWith(dirname(storeFile))
}

/** The table has the right handler under each name; its input was just checked by the same name's schema. */
function handlerOf(services: Services, method: MethodName): (input: unknown) => unknown {
  return services[method] as (input: unknown) => unknown
}

function badRequest(place: string, problem: string): RpcReply {
  return { ok: false, error: { code: 'bad-request', place, problem, remedy: 'Load the window again.' } }
}
