/** The one client of the services. */
import { createClient } from '../shared/rpcClient.ts'
import { bridge } from './bridge.ts'

export const client = createClient(bridge)
export const listen = bridge.listen
