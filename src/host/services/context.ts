/** What all services stand on. */
import type { Pushed } from '../../shared/rpc/pushed.ts'
import type { Store } from '../../store/openStore.ts'
import type { LaunchEngine } from '../engineChild.ts'
import type { Log } from './log.ts'

export interface ServiceContext {
  store: Store
  /** How engines are started; Node's fork when absent. */
  launch: LaunchEngine | undefined
  push(pushed: Pushed): void
  log: Log
  face: 'electron' | 'browser'
}

export const utcNow = (): string => new Date().toISOString()
