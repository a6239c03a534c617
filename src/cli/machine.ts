/** `reflectory verify, doctor`: is a checkpoint computed rightly, and what does this machine offer? */
import { resolve } from 'node:path'
import { z } from 'zod'
import type { TensorFlowReport, VerifiedQuantity } from '../shared/channel.ts'
import { startEngine } from '../host/engineProcess.ts'
import { examineDevices, examinePlacement, examineTensorFlow, machineFacts } from '../host/machine.ts'
import { ReflectoryError } from '../shared/errors.ts'
import { deviceRemedies, fallbackWords, type Device, type Placement } from '../shared/devices.ts'
import { Executor } from '../shared/study.ts'
import { textTable } from './textTable.ts'

const Common = z.object({ json: z.boolean().default(false) })
const print = (text: string) => process.stdout.write(`${text}\n`)

/** Exit status 0 within tolerance, 1 over it, 2 where nothing was compared. */
export async function verifyCommand(folder: string, raw: unknown): Promise<number> {
  const { json, executor } = Common.extend({ executor: Executor.default('onnx') }).parse(raw)
  const engine = startEngine()
  try {
    const { quantities } = await engine.request({ type: 'verify', folder: resolve(folder), executor }).reply
    if (quantities.length === 0) {
      throw new ReflectoryError(
        'bad-data',
        folder,
        'nothing in its expected.json could be compared',
        'Name a folder with expected outputs.',
      )
    }
    // JSON has no infinity; it stands for lists of different length, and for what is not a number.
    print(json ? JSON.stringify({ folder, quantities }) : verifyTable(quantities))
    return quantities.every(({ passed }) => passed) ? 0 : 1
  } finally {
    await engine.close()
  }
}

function verifyTable(quantities: readonly VerifiedQuantity[]): string {
  const rows = quantities.map(({ quantity, count, largestDifference, tolerance, measure, passed }) => [
    quantity,
    String(count),
    measure === 'mismatches' ? `${largestDifference} differ` : largestDifference.toExponential(1),
    measure === 'mismatches' ? 'exact' : `${tolerance.toExponential(0)} ${measure}`,
    passed ? 'ok' : 'OVER TOLERANCE',
  ])
  const over = quantities.filter(({ passed }) => !passed).length
  const verdict =
    over === 0
      ? `all ${quantities.length} quantities are within tolerance`
      : `${over} of ${quantities.length} quantities are over tolerance`
  return `${textTable(['quantity', 'count', 'largest difference', 'tolerance', ''], rows)}\n\n${verdict}`
}

/** Exit status 1 where not even the processor works. */
export async function doctorCommand(raw: unknown): Promise<number> {
  const { json, store, families } = Common.extend({ store: z.string(), families: z.boolean().default(false) }).parse(raw)
  const devices = await examineDevices()
  const placed = families ? await placementsOf(devices.filter(({ device, report }) => device !== 'cpu' && report.works)) : null
  const tensorflow = await examineTensorFlow()
  const machine = machineFacts(resolve(store))
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`
  if (json) {
    const reports = devices.map(({ device, report }) => ({ device, ...report }))
    print(JSON.stringify({ ...machine, devices: reports, tensorflow, ...(placed && { placements: placed }) }))
  } else {
    print(`Node ${machine.node} on ${machine.platform}; ${machine.processor}, ${machine.threads} threads`)
    print(
      `memory ${gigabytes(machine.memoryBytes)}, ${gigabytes(machine.freeMemoryBytes)} free; ` +
        `disk ${gigabytes(machine.freeDiskBytes)} free for the store`,
    )
    print(`onnxruntime ${devices[0].report.onnxruntime}, built with ${devices[0].report.carried.join(', ')}`)
    for (const { device, report } of devices)
      print(
        report.works
          ? `  ${device}: works (${report.detail})`
          : `  ${device}: does not work (${report.detail}). ${deviceRemedies[device]}`,
      )
    print(tensorFlowLine(tensorflow))
    if (placed !== null) print(placementTable(placed))
  }
  return devices[0].report.works ? 0 : 1
}

interface DevicePlacement {
  device: Device
  family: string
  placement: Placement
}

async function placementsOf(devices: readonly { device: Device }[]): Promise<DevicePlacement[]> {
  const placed: DevicePlacement[] = []
  for (const { device } of devices) {
    const models = await examinePlacement(device, null)
    placed.push(...models.map(({ name, placement }) => ({ device, family: name, placement })))
  }
  return placed
}

/** A training step and a decoding step together, a row a family. */
function placementTable(placed: readonly DevicePlacement[]): string {
  if (placed.length === 0) return '\nno device beside the processor works, so there is nothing to place on one'
  const rows = placed.map(({ device, family, placement }) => [
    device,
    family,
    String(Math.round(placement.nodes)),
    fallbackWords(placement),
  ])
  return `\nwhat small models of each family leave to the processor\n${textTable(['device', 'family', 'nodes', 'falls back'], rows, 'words')}`
}

/** TensorFlow.js computes only where it is asked to, so that nothing else depends on it. */
export function tensorFlowLine({ installed, works, detail }: TensorFlowReport): string {
  const build = installed === null ? '@tensorflow/tfjs-node-gpu was not found' : `${installed} was found`
  return `TensorFlow.js, for --executor tfjs: ${build}; ${works ? 'it computes' : 'does not work:'} ${detail}`
}
