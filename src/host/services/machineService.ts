/** Diagnostics, settings, and what takes up the disk. */
import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ReflectoryError } from '../../shared/errors.ts'
import type { Services } from '../../shared/rpc.ts'
import type { Machine, machineMethods } from '../../shared/rpc/machine.ts'
import { reclaim, reclaimableBytes, runSizes } from '../../store/removal.ts'
import { freeBytes, sizeOnDisk } from '../../store/size.ts'
import { readSettings, saveSettings } from '../../store/settings.ts'
import { countMatches } from '../../store/trajectoryPages.ts'
import { chooseDataFolder, nextDataFolder } from '../dataFolder.ts'
import { examineDevices, examineTensorFlow, machineFacts } from '../machine.ts'
import { nameTensorFlowFolder } from '../tensorflowFolder.ts'
import { version } from '../version.ts'
import type { ServiceContext } from './context.ts'
import { diagnosticsReport } from './diagnosticsReport.ts'
import { folderBytes } from './folderBytes.ts'
import type { RunQueue } from './runQueue.ts'

export function machineService(
  context: ServiceContext,
  queue: RunQueue,
  { pointerFile, remark }: { pointerFile: string | null; remark: string | null },
): Pick<Services, keyof typeof machineMethods> {
  const { store, launch, face, log } = context

  async function machine(): Promise<Machine> {
    const devices = await examineDevices(launch)
    return { version, face, ...machineFacts(store.file), devices, tensorflow: await examineTensorFlow(launch) }
  }

  return {
    doctor: machine,
    readLog: ({ after, limit }) => log.after(after, limit),
    async copyReport() {
      return { text: diagnosticsReport(store, await machine(), log.after(0, 200)) }
    },
    getSettings() {
      return {
        settings: readSettings(store),
        dataFolder: dirname(store.file),
        canChangeDataFolder: pointerFile !== null,
        nextDataFolder: pointerFile === null ? null : nextDataFolder(pointerFile, store.file),
        dataFolderRemark: remark,
      }
    },
    saveSettings({ settings }) {
      saveSettings(store, settings)
      nameTensorFlowFolder(settings)
      return {}
    },
    chooseDataFolder({ folder }) {
      if (pointerFile === null) {
        const remedy = 'Start Reflectory anew with another folder (--data FOLDER).'
        throw new ReflectoryError('bad-argument', folder, 'the data folder was given at the start', remedy)
      }
      return chooseDataFolder(pointerFile, store.file, folder)
    },
    diskUse() {
      const storeBytes = sizeOnDisk(store.file)
      const runs = runSizes(store)
      const all = runs.reduce((sum, { trajectories }) => sum + trajectories, 0)
      return {
        studies: [...new Set(runs.map(({ study }) => study))].map((study) => ({
          study,
          runs: runs.filter((run) => run.study === study).map(({ runId, state, workFolder, trajectories }) => ({
            runId,
            state,
            trajectories,
            recordBytes: all === 0 ? 0 : Math.round((storeBytes * trajectories) / all),
            checkpointBytes: folderBytes(workFolder),
          })),
        })),
        storeBytes,
        reclaimableBytes: reclaimableBytes(store),
        backups: backupsOf(store.file),
        freeDiskBytes: freeBytes(store.file),
      }
    },
    reclaimDisk() {
      if (queue.active() !== null) {
        const problem = 'a run is being recorded'
        throw new ReflectoryError('store', basename(store.file), problem, 'Wait for its end, or pause it.')
      }
      const before = sizeOnDisk(store.file)
      if (countMatches(store, {}).count > 0 && freeBytes(store.file) < before) {
        const problem = 'making the store smaller needs as much free disk as the store takes'
        throw new ReflectoryError('disk', basename(store.file), problem, 'Make room first.')
      }
      reclaim(store)
      return { freedBytes: Math.max(0, before - sizeOnDisk(store.file)) }
    },
  }
}

/** Copies that were made before the store's layout changed. */
function backupsOf(file: string): { name: string; bytes: number }[] {
  const folder = dirname(file)
  return readdirSync(folder)
    .filter((name) => name.startsWith(basename(file)) && name.endsWith('.backup'))
    .map((name) => ({ name, bytes: statSync(join(folder, name)).size }))
}
