/** The browser mode as a person starts it: a process of its own, entered by its printed address. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Client } from '../../src/shared/rpc.ts'
import { RpcReply } from '../../src/shared/rpc/method.ts'
import { createClient } from '../../src/shared/rpcClient.ts'

const program = fileURLToPath(new URL('../../src/server/main.ts', import.meta.url))

interface Ended {
  status: number | null
  err: string
}

export interface ServerProcess {
  /** What came first: the printed address, or the end. */
  address: string | null
  ended: Promise<Ended>
  kill(signal: NodeJS.Signals): void
  /** Uses the address up. */
  enter(): Promise<Client>
}

export async function startServer(
  data: string,
  env: Record<string, string> = {},
  options: { uid?: number } = {},
): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, '--data', data], {
    env: { ...process.env, ...env },
    ...options,
  })
  let [out, err] = ['', '']
  child.stderr.on('data', (text) => (err += text))
  const ended = new Promise<Ended>((resolve) => child.on('close', (status) => resolve({ status, err })))
  const printed = new Promise<string>((resolve) => {
    child.stdout.on('data', (text) => {
      out += text
      const found = /http:\S+/.exec(out)
      if (found) resolve(found[0])
    })
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const address = await Promise.race([printed, ended.then(() => null)])
  return { address, ended, kill: (signal) => child.kill(signal), enter: () => enter(address ?? '') }
}

async function enter(address: string): Promise<Client> {
  const { origin } = new URL(address)
  const { headers } = await fetch(address, { redirect: 'manual' })
  const cookie = headers.get('set-cookie')?.split(';')[0] ?? ''
  return createClient({
    async call(method, input) {
      const body = JSON.stringify(input)
      const asked = { method: 'POST', headers: { cookie, origin, 'content-type': 'application/json' }, body }
      return RpcReply.parse(await (await fetch(`${origin}/rpc/${method}`, asked)).json())
    },
    listen: () => () => undefined,
  })
}
