/** Services over a store of their own and the fake engine, and what they pushed. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { nodeEngine } from '../../../src/host/engineChild.ts'
import type { LaunchEngine } from '../../../src/host/engineChild.ts'
import { createServices } from '../../../src/host/services/services.ts'
import type { Client } from '../../../src/shared/rpc.ts'
import { createClient } from '../../../src/shared/rpcClient.ts'
import type { Pushed } from '../../../src/shared/rpc/pushed.ts'
import { openStore, type Store } from '../../../src/store/openStore.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

export const fakeEngine = nodeEngine(fileURLToPath(new URL('../fakeEngine.ts', import.meta.url)))

export interface Desk {
  /** As at the end of the program. */
  close(): Promise<void>
  client: Client
  store: Store
  pushed: Pushed[]
  /** Resolves with what is pushed next (or was already) and fits. */
  until(fits: (pushed: Pushed) => boolean): Promise<Pushed>
}

const freshFile = () => join(temporaryFolder(), 's.sqlite')

export function openDesk(launch: LaunchEngine = fakeEngine, file = freshFile()): Desk {
  const store = openStore(file)
  const desk = createServices({ store, face: 'browser', launch })
  const pushed: Pushed[] = []
  desk.listen((each) => pushed.push(each))
  async function close(): Promise<void> {
    await desk.close()
    store.close()
  }
  onTestFinished(close)
  return {
    close,
    store,
    pushed,
    client: createClient({ call: (method, input) => desk.call(method, input), listen: (listener) => desk.listen(listener) }),
    until: (fits) =>
      new Promise((resolve) => {
        const already = pushed.find(fits)
        if (already !== undefined) return resolve(already)
        const stop = desk.listen((each) => {
          if (!fits(each)) return
          stop()
          resolve(each)
        })
      }),
  }
}

/** The run's end was pushed. */
export function ended(runId: string) {
  return (pushed: Pushed) => pushed.type === 'runChanged' && pushed.runId === runId && pushed.state !== 'running'
}
