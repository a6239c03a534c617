/** Errors as the window gets them. */
import { ReflectoryError } from '../../shared/errors.ts'
import type { RpcError } from '../../shared/rpc/method.ts'
import { EngineDied } from '../engineProcess.ts'

export function toRpcError(error: unknown): RpcError {
  if (error instanceof ReflectoryError) {
    const { code, place, problem, remedy } = error
    return { code, place, problem, remedy }
  }
  const problem = error instanceof Error ? error.message : String(error)
  if (error instanceof EngineDied) return { code: 'engine', place: 'engine', problem, remedy: 'Try again.' }
  const remedy = 'This is a defect of Reflectory; Diagnostics has a report to send.'
  return { code: 'defect', place: 'Reflectory', problem, remedy }
}
