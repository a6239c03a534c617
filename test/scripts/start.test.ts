/** `npm start`, with programs in Electron's place: which face opens, and what is said about it. */
import { spawn } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../temporaryFolder.ts'

const start = fileURLToPath(new URL('../../scripts/start.ts', import.meta.url))

/** Runs it until it ends, or until it serves: then it is asked to stop. */
function run(electron: string | null, env: Record<string, string>) {
  const folder = temporaryFolder()
  if (electron !== null) {
    writeFileSync(join(folder, 'electron'), `#!/bin/sh\n${electron}\n`)
    chmodSync(join(folder, 'electron'), 0o755)
  }
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...others } = process.env
  return new Promise<{ status: number | null; out: string; err: string }>((resolve) => {
    const child = spawn(process.execPath, [start, '--data', join(folder, 'data')], {
      env: { ...others, ELECTRON_OVERRIDE_DIST_PATH: folder, ...env },
    })
    let [out, err] = ['', '']
    child.stdout.on('data', (data) => {
      out += data
      if (out.includes('http://')) child.kill('SIGTERM')
    })
    child.stderr.on('data', (data) => (err += data))
    child.on('close', (status) => resolve({ status, out, err }))
  })
}

const oneLine = (why: string) => new RegExp(`^reflectory: ${why}; starting the browser mode instead$`, 'm')

test.skipIf(process.platform !== 'linux')('opens Electron on this program where binary and display are there', async () => {
  const { status, out, err } = await run('echo "$1 $2" "$REFLECTORY_NODE"', { DISPLAY: ':9' })
  expect({ status, err }).toEqual({ status: 0, err: '' })
  expect(out).toMatch(new RegExp(`^\\S*/ --data ${process.execPath}\n$`))
})

test.skipIf(process.platform !== 'linux').each([
  ['the binary', null, { DISPLAY: ':9' }, "Electron's binary is not here .npm run install:electron fetches it."],
  ['a display', 'echo window', {}, 'there is no display'],
  ['libraries', 'echo libnss3.so is missing >&2; exit 127', { DISPLAY: ':9' }, 'Electron ended with status 127'],
])('without %s it says so in one line and serves a browser', async (_, electron, env, why) => {
  const { status, out, err } = await run(electron, env)
  expect(err).toMatch(oneLine(why))
  expect(out).toMatch(/^Reflectory is at http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]{64}\n$/)
  expect(status).toBe(0)
})
