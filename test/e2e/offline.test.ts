/** What the other journeys rest on: a page or a process that leaves this machine is seen. */
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { requires } from '../requirements.ts'
import { openBrowser } from './browserPage.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

/** Reserved for documentation; nobody is there. */
const ELSEWHERE = '192.0.2.1'

describe.skipIf(!requires('browser'))('the watch over a page', () => {
  test('sees a request beyond this machine', async () => {
    const browser = await openBrowser()
    try {
      await browser.page.evaluate(`void fetch('http://${ELSEWHERE}/').catch(() => undefined)`)
      await expect.poll(() => browser.strayRequests).toEqual([`http://${ELSEWHERE}/`])
    } finally {
      await browser.close()
    }
  })
})

describe('the watch over a process', () => {
  let folder: string
  beforeAll(() => {
    folder = temporaryFolder()
  })

  test.each([
    ['fetch', `await fetch('http://${ELSEWHERE}/')`],
    ['a bare socket', `(await import('node:net')).connect(80, '${ELSEWHERE}')`],
    ['TLS', `(await import('node:tls')).connect({ port: 443, host: '${ELSEWHERE}' })`],
    ['a name', `(await import('node:http')).get('http://example.invalid/')`],
  ])('sees and refuses %s', (_, code) => {
    const log = join(folder, 'strays')
    rmSync(log, { force: true })
    const guard = new URL('offlineProcess.ts', import.meta.url).href
    const { status } = spawnSync(process.execPath, ['--import', guard, '--input-type=module', '-e', code], {
      env: { ...process.env, STRAY_LOG: log },
      timeout: 30_000,
    })
    expect(status).not.toBe(0)
    expect(readFileSync(log, 'utf8')).toContain('connects to')
  })
})
