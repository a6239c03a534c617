/** The messages between the engine process and its parent. */
import { z } from 'zod'
import { EngineEvent } from './events.ts'
import { StudyResult } from './result.ts'
import { StudyConfig } from './study.ts'

export const EngineRequest = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('runStudy'),
    /** Paths in it are absolute. */
    study: StudyConfig,
    /** Checkpoints go here; the engine creates it once the study was found good. */
    workFolder: z.string(),
    resume: z.boolean(),
  }),
  z.object({ type: z.literal('verify'), folder: z.string() }),
  z.object({ type: z.literal('doctor') }),
])
export type EngineRequest = z.infer<typeof EngineRequest>

/** One quantity of a checkpoint's expected.json, compared. */
export const VerifiedQuantity = z.object({
  name: z.string(),
  /** Largest absolute difference (or relative, where the unit says so), or the count of tokens that differ. */
  difference: z.number(),
  tolerance: z.number(),
  unit: z.string(),
  compared: z.int(),
})
export type VerifiedQuantity = z.infer<typeof VerifiedQuantity>

export const VerifyReport = z.object({ folder: z.string(), layout: z.string(), quantities: z.array(VerifiedQuantity) })
export type VerifyReport = z.infer<typeof VerifyReport>

export const DoctorReport = z.object({
  node: z.string(),
  onnxruntime: z.string(),
  /** Providers that onnxruntime lists, and whether a small graph ran on each. */
  providers: z.array(z.object({ name: z.string(), works: z.boolean(), detail: z.string() })),
})
export type DoctorReport = z.infer<typeof DoctorReport>

export const EngineReply = z.discriminatedUnion('type', [
  z.object({ type: z.literal('runStudy'), result: StudyResult }),
  z.object({ type: z.literal('verify'), report: VerifyReport }),
  z.object({ type: z.literal('doctor'), report: DoctorReport }),
])
export type EngineReply = z.infer<typeof EngineReply>

/** An error on its way to the parent; `code` is null when it is a defect of the program and not the person's to mend. */
export const WireError = z.object({
  code: z.enum(['bad-model', 'bad-data', 'bad-study', 'bad-argument', 'too-long', 'too-large', 'store', 'disk', 'device', 'engine', 'cancelled']).nullable(),
  place: z.string(),
  problem: z.string(),
  remedy: z.string(),
  stack: z.string(),
})
export type WireError = z.infer<typeof WireError>

export const ToEngine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('request'), id: z.int(), request: EngineRequest }),
  z.object({ type: z.literal('cancel'), id: z.int() }),
  /** The event was dealt with: it is in the store, so that what the engine saves after it cannot run ahead of the records. */
  z.object({ type: z.literal('received'), id: z.int(), sequence: z.int() }),
])
export type ToEngine = z.infer<typeof ToEngine>

export const FromEngine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), pid: z.int(), node: z.string() }),
  z.object({ type: z.literal('heartbeat') }),
  z.object({ type: z.literal('event'), id: z.int(), sequence: z.int(), event: EngineEvent }),
  z.object({ type: z.literal('reply'), id: z.int(), reply: EngineReply }),
  z.object({ type: z.literal('failure'), id: z.int(), error: WireError }),
])
export type FromEngine = z.infer<typeof FromEngine>
