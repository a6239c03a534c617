/** What a method of the contract is: what goes in and what comes out, both checked. */
import { z } from 'zod'
import { WireError } from '../channel.ts'

export interface Method {
  input: z.ZodType
  output: z.ZodType
}

export const Nothing = z.strictObject({})

/** Why a call failed, for a person. `bad-request` and `defect` are faults of the program, the others a person can mend. */
export const RpcError = z.object({
  code: z.union([WireError.shape.code.unwrap(), z.enum(['bad-request', 'defect', 'unreachable'])]),
  place: z.string(),
  problem: z.string(),
  remedy: z.string(),
})
export type RpcError = z.infer<typeof RpcError>

/** A call that failed is an answer too: it travels the same way over IPC and HTTP. */
export const RpcReply = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: RpcError }),
])
export type RpcReply = z.infer<typeof RpcReply>

/** At most so many rows at once. */
export const pageLimit = z.int().min(1).max(200).default(50)
