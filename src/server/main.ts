/** The browser mode: prints an address, serves until it is stopped. Closing the browser stops nothing. */
import { parseArgs } from 'node:util'
import { openRecords } from '../host/records.ts'
import { createServices } from '../host/services/services.ts'
import { builtWindow } from '../host/window/windowFiles.ts'
import { whileRunning } from '../host/whileRunning.ts'
import { ReflectoryError } from '../shared/errors.ts'
import { serveWindow } from './server.ts'
import { stayAwake } from './stayAwake.ts'

try {
  await main()
} catch (error) {
  const message = error instanceof ReflectoryError ? `error: ${error.message}` : error instanceof Error ? error.stack : String(error)
  process.stderr.write(`${message}\n`)
  process.exitCode = error instanceof ReflectoryError ? 2 : 1
}

async function main(): Promise<void> {
  const { data, port } = readOptions()
  const records = openRecords(data, process.cwd())
  if (records.remark !== null) process.stderr.write(`reflectory: ${records.remark}\n`)
  const desk = createServices({ ...records, face: 'browser' })
  let wasTold = false
  const tellOnce = (why: string) => {
    if (!wasTold) desk.log.add('warning', `the machine may fall asleep while a run is on: ${why}`)
    wasTold = true
  }
  whileRunning(desk, () => stayAwake(tellOnce))
  const served = await serveWindow(desk, builtWindow, port)
  let isStopping = false
  const stop = async () => {
    // Once more means at once.
    if (isStopping) process.exit(130)
    isStopping = true
    await served.close()
    await desk.close()
    records.close()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop())
  process.stdout.write(`Reflectory is at ${served.address}\n`)
  process.stderr.write(
    'The address works once; Enter prints another one. Ctrl-C stops Reflectory; a run that is going on is saved first.\n',
  )
  // The program does not stay for what is typed.
  if (process.stdin.isTTY) process.stdin.on('data', () => process.stdout.write(`Reflectory is at ${served.renew()}\n`)).unref()
}

function readOptions(): { data: string | undefined; port: number } {
  try {
    const { values } = parseArgs({ options: { data: { type: 'string' }, port: { type: 'string', default: '0' } } })
    if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65535) throw new Error(`'${values.port}' is no port`)
    return { data: values.data, port: Number(values.port) }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw new ReflectoryError('bad-argument', 'options', problem, 'Give --data FOLDER or --port NUMBER, or nothing')
  }
}
