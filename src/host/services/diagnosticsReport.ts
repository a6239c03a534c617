/** A text to send to somebody who helps: machine, versions, runs by state, log. No prompts, texts or paths. */
import type { LogLine, Machine } from '../../shared/rpc/machine.ts'
import type { Store } from '../../store/openStore.ts'
import { countRuns, runsInState } from '../../store/runs.ts'
import { sizeOnDisk } from '../../store/size.ts'
import { countMatches } from '../../store/trajectoryPages.ts'

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`

export function diagnosticsReport(store: Store, machine: Machine, lines: readonly LogLine[]): string {
  const { count, capped } = countMatches(store, {})
  const states = (['running', 'interrupted', 'failed'] as const).map((state) => `${runsInState(store, state).length} ${state}`)
  return [
    `Reflectory ${machine.version} (${machine.face}), Node ${machine.node}, ${machine.platform}`,
    `${machine.processor}, ${machine.threads} threads; memory ${gigabytes(machine.memoryBytes)}, ${gigabytes(machine.freeMemoryBytes)} free; disk ${gigabytes(machine.freeDiskBytes)} free`,
    ...machine.devices.map(
      ({ device, report }) => `${device}: ${report.works ? 'works' : 'does not work'} (onnxruntime ${report.onnxruntime})`,
    ),
    `TensorFlow.js: ${machine.tensorflow.works ? 'works' : 'does not work'} (${machine.tensorflow.installed ?? 'no native build'})`,
    `store ${gigabytes(sizeOnDisk(store.file))}; ${countRuns(store)} runs (${states.join(', ')}), ${count}${capped ? '+' : ''} trajectories`,
    ...lines.map(({ at, level, text }) => `${at} ${level} ${text}`),
  ].join('\n')
}
