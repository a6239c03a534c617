/** What can be wrong before and beneath the browser mode: it ends, or goes on, and says what to do; with real processes. */
import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { openStore } from '../../src/store/openStore.ts'
import { startServer } from './serverProcess.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

function folder(): string {
  const made = temporaryFolder()
  chmodSync(made, 0o755)
  return made
}

async function refusal(data: string, options: { uid?: number } = {}): Promise<{ status: number | null; err: string }> {
  const { address, ended } = await startServer(data, {}, options)
  expect(address).toBeNull()
  return ended
}

describe('does not start', () => {
  test('twice on the same records; the first goes on, and where it is gone the next may', async () => {
    const data = folder()
    const first = await startServer(data)
    const { status, err } = await refusal(data)
    expect(status).toBe(2)
    expect(err).toMatch(/^error: .*reflectory\.sqlite: is open in another Reflectory\. Go on in its window or browser, or close it/)
    const client = await first.enter()
    expect(await client.listQueue({})).toEqual([])
    first.kill('SIGKILL')
    await first.ended
    expect((await startServer(data)).address).not.toBeNull()
  })

  test.each<[string, (data: string) => void, RegExp]>([
    ['on a store of a newer version', (data) => withStore(data, (db) => db.pragma('user_version = 99')), /comes from a newer version .*Update Reflectory/],
    ['on a damaged store', (data) => writeFileSync(join(data, 'reflectory.sqlite'), 'no store '.repeat(2000)), /is not a store, or is damaged\. .*backup/],
    ['on a store of another program', (data) => foreign(data), /is a database of another program/],
  ])('%s', async (_, prepare, message) => {
    const data = folder()
    prepare(data)
    const { status, err } = await refusal(data)
    expect(status).toBe(2)
    expect(err).toMatch(message)
    expect(err.trim().split('\n')).toHaveLength(1)
  })

  test('under a file', async () => {
    const file = join(folder(), 'file')
    writeFileSync(file, '')
    expect(await refusal(join(file, 'data'))).toEqual({ status: 2, err: expect.stringMatching(/cannot be opened\. Check that it is a file in a folder/) })
  })

  test.skipIf(process.getuid?.() !== 0)('in a folder that this user may not write', async () => {
    const data = folder()
    openStore(join(data, 'reflectory.sqlite')).close()
    const { status, err } = await refusal(data, { uid: 65534 })
    expect(status).toBe(2)
    expect(err).toMatch(/^error: .*reflectory\.sqlite: cannot be (opened|written to)\. /)
    expect(await refusal(join(data, 'new'), { uid: 65534 })).toMatchObject({ status: 2, err: expect.stringMatching(/cannot be written to\. Give write permission/) })
  })

  test('while another program keeps the store to itself', async () => {
    const data = folder()
    openStore(join(data, 'reflectory.sqlite')).close()
    const holder = spawn(
      process.execPath,
      ['-e', "const db = new (require('better-sqlite3'))(process.argv[1]); db.pragma('locking_mode = EXCLUSIVE'); db.exec('BEGIN EXCLUSIVE'); console.log('held'); process.stdin.resume()", join(data, 'reflectory.sqlite')],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    await once(holder.stdout, 'data')
    const { status, err } = await refusal(data)
    expect(status).toBe(2)
    expect(err).toMatch(/is locked by another program\. Wait until that program is done/)
    holder.kill()
  })
})

describe('goes on after', () => {
  test('what is no HTTP, or too much of it', async () => {
    const server = await startServer(folder())
    const { hostname, port } = new URL(server.address ?? '')
    for (const said of [
      '\u0000\u0001garbage\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: ${hostname}\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
      'POST /rpc/getSettings HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'GET /\u00ff HTTP/9.9\r\n\r\n',
    ])
      expect(await talk(hostname, Number(port), said), said.slice(0, 20)).toMatch(/^HTTP\/1\.1 4\d\d/)
    const client = await server.enter()
    expect(await client.listRuns({})).toEqual({ runs: [], next: null })
  })

  test('a store that another program locks for a while: reading goes on, writing is refused in words', async () => {
    const data = folder()
    const server = await startServer(data)
    const client = await server.enter()
    const other = new Database(join(data, 'reflectory.sqlite'))
    other.exec('BEGIN IMMEDIATE')
    const { settings } = await client.getSettings({})
    await expect(client.saveSettings({ settings })).rejects.toThrow(/is locked by another program\. Wait until that program is done/)
    expect(await client.listDrafts({})).toEqual([])
    other.exec('ROLLBACK')
    other.close()
    await client.saveSettings({ settings: { ...settings, theme: 'dark' } })
    expect((await client.getSettings({})).settings.theme).toBe('dark')
  })
})

function withStore(data: string, change: (db: Database.Database) => void): void {
  const store = openStore(join(data, 'reflectory.sqlite'))
  change(store.db)
  store.close()
}

function foreign(data: string): void {
  mkdirSync(data, { recursive: true })
  const db = new Database(join(data, 'reflectory.sqlite'))
  db.exec('CREATE TABLE theirs (x)')
  db.close()
}

/** What comes back for bytes as they stand. */
function talk(hostname: string, port: number, said: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = ''
    const socket = connect(port, hostname, () => socket.write(Buffer.from(said, 'latin1')))
    socket.on('data', (data) => (heard += data))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(heard))
    socket.setTimeout(5000, () => socket.destroy())
  })
}
