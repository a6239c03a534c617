/** Diagnostics and settings: what this machine offers, the log, what takes up disk. */
import { z } from 'zod'
import { DoctorReport, TensorFlowReport } from '../channel.ts'
import { Device, DeviceChoice } from '../devices.ts'
import { type Method, Nothing } from './method.ts'

export const Machine = z.object({
  version: z.string(),
  /** 'electron' or 'browser'. */
  face: z.string(),
  node: z.string(),
  platform: z.string(),
  processor: z.string(),
  threads: z.int(),
  memoryBytes: z.number(),
  freeMemoryBytes: z.number(),
  freeDiskBytes: z.number(),
  devices: z.array(z.object({ device: Device, report: DoctorReport })),
  tensorflow: TensorFlowReport,
})
export type Machine = z.infer<typeof Machine>

export const LogLine = z.object({
  number: z.int(),
  at: z.string(),
  level: z.enum(['info', 'warning', 'error']),
  text: z.string(),
})
export type LogLine = z.infer<typeof LogLine>

export const Settings = z.object({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** How harmful text is revealed: one item at a time, or all of it until the window closes. */
  reveal: z.enum(['item', 'session']).default('item'),
  shortcuts: z.boolean().default(true),
  /** Less motion than the system asks for. */
  reduceMotion: z.boolean().default(false),
  /** Taken for new studies. */
  device: DeviceChoice.default('cpu'),
  threads: z.int().min(0).max(512).default(0),
  /** Where @tensorflow/tfjs-node-gpu was installed; empty: nowhere. */
  tensorflowFolder: z.string().max(4096).default(''),
  notifyAtEnd: z.boolean().default(true),
})
export type Settings = z.infer<typeof Settings>

const StudyDisk = z.object({
  study: z.string(),
  runs: z.array(
    z.object({
      runId: z.string(),
      state: z.string(),
      trajectories: z.int(),
      /** Estimated share of the store. */
      recordBytes: z.number(),
      /** Checkpoints and trained models. */
      checkpointBytes: z.number(),
    }),
  ),
})

export const machineMethods = {
  /** Starts an engine for each device to try it; takes seconds. */
  doctor: { input: Nothing, output: Machine },
  /** Oldest first; `after` is the number of the last line that was seen. */
  readLog: {
    input: z.strictObject({ after: z.int().default(0), limit: z.int().min(1).max(2000).default(500) }),
    output: z.array(LogLine),
  },
  /** Text to be pasted somewhere: machine, versions, runs by state, log. No prompts, no texts, no paths. */
  copyReport: { input: Nothing, output: z.object({ text: z.string() }) },
  getSettings: {
    input: Nothing,
    output: z.object({
      settings: Settings,
      dataFolder: z.string(),
      canChangeDataFolder: z.boolean(),
      /** The one that counts from the next start on, where another was chosen. */
      nextDataFolder: z.string().nullable(),
      /** Why records are not where they were asked for. */
      dataFolderRemark: z.string().nullable(),
    }),
  },
  saveSettings: { input: z.strictObject({ settings: Settings }), output: Nothing },
  /**
   * Another folder for the store, from the next start on. Records that lie there are opened then; where there are none, the
   * present ones are copied there. The present folder stays as it is.
   */
  chooseDataFolder: {
    input: z.strictObject({ folder: z.string().min(1).max(4096) }),
    output: z.object({ hasRecords: z.boolean() }),
  },
  diskUse: {
    input: Nothing,
    output: z.object({
      studies: z.array(StudyDisk),
      storeBytes: z.number(),
      /** Room inside the store that `reclaimDisk` would give back. */
      reclaimableBytes: z.number(),
      backups: z.array(z.object({ name: z.string(), bytes: z.number() })),
      freeDiskBytes: z.number(),
    }),
  },
  /** Gives room that deleted records took back to the disk. Refused while a run is on. */
  reclaimDisk: { input: Nothing, output: z.object({ freedBytes: z.number() }) },
} satisfies Record<string, Method>
