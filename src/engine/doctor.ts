/** Tries the machine: does a small graph run on onnxruntime's devices and on TensorFlow.js, and are the numbers right? */
import { createRequire } from 'node:module'
import * as ort from './onnx/onnxruntime.ts'
import { z } from 'zod'
import type { DoctorReport, TensorFlowReport } from '../shared/channel.ts'
import type { Device } from '../shared/devices.ts'
import { multiply, tryDevice } from './onnx/tryDevice.ts'
import { findNativeBuild, openTensorFlow, placeOf } from './tfjs/tensorflow.ts'

/** Run it in a process of its own: a broken driver may take the process with it. */
export async function examine(device: Device): Promise<DoctorReport> {
  const { version } = z
    .object({ version: z.string() })
    .parse(createRequire(import.meta.url)('onnxruntime-node/package.json'))
  const carried = ort.listSupportedBackends().map((backend) => backend.name)
  const report = { node: process.versions.node, onnxruntime: version, carried }
  return { ...report, ...(await tryDevice(device)) }
}

/** The same for TensorFlow.js; its native build may take the process with it too. */
export async function examineTensorFlow(): Promise<TensorFlowReport> {
  let installed: string | null = null
  try {
    installed = findNativeBuild()?.name ?? null
    const product = await multiply({ executor: 'tfjs', device: 'cpu', threads: 1 })
    return { installed, works: true, detail: `${placeOf(await openTensorFlow())}, where ${product}` }
  } catch (error) {
    return { installed, works: false, detail: error instanceof Error ? error.message : String(error) }
  }
}
