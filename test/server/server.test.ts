/** The browser mode over real HTTP: who gets in, and what gets out. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createServices, type ServiceDesk } from '../../src/host/services/services.ts'
import { serveWindow, type ServedWindow } from '../../src/server/server.ts'
import { openStore, type Store } from '../../src/store/openStore.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

let folder: string
let store: Store
let desk: ServiceDesk
let served: ServedWindow
let origin: string

beforeEach(async () => {
  folder = temporaryFolder()
  mkdirSync(join(folder, 'window/assets'), { recursive: true })
  writeFileSync(join(folder, 'secret.json'), '"secret"')
  writeFileSync(join(folder, 'window/index.html'), '<meta property="csp-nonce" nonce="__CSP_NONCE__">')
  writeFileSync(join(folder, 'window/assets/a b.js'), '1')
  writeFileSync(join(folder, 'window/notes.txt'), 'no window has such a file')
  symlinkSync(join(folder, 'secret.json'), join(folder, 'window/link.json'))
  symlinkSync(join(folder, 'window/assets/a b.js'), join(folder, 'window/inside.js'))
  store = openStore(join(folder, 's.sqlite'))
  desk = createServices({ store, face: 'browser' })
  served = await serveWindow(desk, join(folder, 'window'))
  origin = new URL(served.address).origin
})
afterEach(async () => {
  await served.close()
  await desk.close()
  store.close()
})

interface Reply {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** As it stands: no client in between that would tidy the path or the headers. */
function ask(path: string, headers: Record<string, string> = {}, body?: string | Buffer): Promise<Reply> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const asked = httpRequest({ hostname, port, path, method, headers }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

async function enter(): Promise<string> {
  const { headers } = await ask(served.address.slice(origin.length))
  return String(headers['set-cookie']).split(';')[0]
}

const json = (cookie: string, more = {}) => ({ cookie, origin, 'content-type': 'application/json', ...more })

describe('the door', () => {
  test('gives a cookie for the token once, and takes the token out of the address', async () => {
    const path = served.address.slice(origin.length)
    const first = await ask(path)
    expect([first.status, first.headers.location]).toEqual([303, '/'])
    expect(String(first.headers['set-cookie'])).toMatch(/^reflectory=[0-9a-f]{64}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=\d+$/)
    expect((await ask(path)).status).toBe(403)
    expect((await ask('/?token=' + 'a'.repeat(64))).status).toBe(403)
  })

  test('is closed without the cookie, for another host, and for another page', async () => {
    const cookie = await enter()
    expect((await ask('/', { cookie })).status).toBe(200)
    for (const headers of [
      {},
      { cookie: 'reflectory=0' },
      { cookie, host: 'evil.example' },
      { cookie, host: `localhost:${new URL(origin).port}` },
      { cookie, origin: 'http://evil.example' },
      { cookie, 'sec-fetch-site': 'cross-site' },
    ]) {
      expect((await ask('/', headers)).status, JSON.stringify(headers)).toBe(403)
      expect((await ask('/events', headers)).status, JSON.stringify(headers)).toBe(403)
    }
    const { origin: _, ...withoutOrigin } = json(cookie)
    expect((await ask('/rpc/getSettings', withoutOrigin, '{}')).status).toBe(403)
  })
})

test('gives a fresh address as often as it is asked, and says in words why it does not open', async () => {
  const pathOf = (address: string) => address.slice(origin.length)
  const [first, second] = [served.renew(), served.renew()]
  const refused = await ask(pathOf(first))
  expect(refused.status).toBe(403)
  expect(refused.headers['content-type']).toBe('text/plain; charset=utf-8')
  expect(refused.body).toMatch(/An address works once.*press Enter in the terminal/)
  const entered = await ask(pathOf(second))
  expect(entered.status).toBe(303)
  expect(String(entered.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict; Path=\/; Max-Age=\d+/)
})

test('is on no other address of this machine', async () => {
  const { port } = new URL(origin)
  const answered = await new Promise((resolve) => {
    const asked = httpRequest({ hostname: '127.0.0.2', port, timeout: 2000 }, () => resolve(true))
    asked.on('timeout', () => asked.destroy(new Error('no answer')))
    asked.on('error', () => resolve(false))
    asked.end()
  })
  expect(answered).toBe(false)
})

describe('files', () => {
  test('come with their type and a strict policy, and the page with a nonce of its own each time', async () => {
    const cookie = await enter()
    const [one, two] = [await ask('/', { cookie }), await ask('/index.html', { cookie })]
    const nonce = /nonce="([^"]+)"/.exec(one.body)?.[1]
    expect(one.headers['content-security-policy']).toContain(`style-src 'self' 'nonce-${nonce}'`)
    expect(one.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/)
    expect(two.body).not.toContain(nonce)
    expect(await ask('/assets/a%20b.js', { cookie })).toMatchObject({
      status: 200,
      body: '1',
      headers: { 'content-type': 'text/javascript; charset=utf-8', 'x-content-type-options': 'nosniff' },
    })
    expect((await ask('/inside.js', { cookie })).status).toBe(200)
  })

  test.each([
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/assets/..%2f..%2fsecret.json',
    '/..%5csecret.json',
    '//etc/passwd.json',
    '/%2fetc%2fpasswd.json',
    '/link.json',
    '/assets',
    '/notes.txt',
    '/%00.json',
    '/%zz.json',
    '/C:/secret.json',
    '/absent.js',
    '/./index.html',
    '/assets//a%20b.js',
  ])('never %s', async (path) => {
    const { status, body } = await ask(path, { cookie: await enter() })
    expect(status).toBe(404)
    expect(body).not.toContain('"secret"')
  })
})

describe('calls', () => {
  test('are answered, and refused where they are none', async () => {
    const cookie = await enter()
    const settings = await ask('/rpc/getSettings', json(cookie), '{}')
    expect(JSON.parse(settings.body)).toMatchObject({ ok: true, value: { settings: { theme: 'system' } } })
    expect(JSON.parse((await ask('/rpc/toString', json(cookie), '{}')).body)).toMatchObject({ error: { code: 'bad-request' } })
    expect((await ask('/rpc/getSettings', json(cookie), '{')).status).toBe(400)
    expect((await ask('/rpc/getSettings', json(cookie, { 'content-type': 'text/plain' }), '{}')).status).toBe(415)
    expect((await ask('/rpc/getSettings', { cookie })).status).toBe(405)
    for (const body of ['null', '[]', '7', '"x"', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, '{"__proto__":{"a":1}}', '{"settings":{}}'])
      expect(JSON.parse((await ask('/rpc/getSettings', json(cookie), body)).body), body.slice(0, 20)).toMatchObject({
        ok: false,
        error: { code: 'bad-request' },
      })
    expect((await ask('/rpc/getSettings', json(cookie), '['.repeat(1e6))).status).toBe(400)
    expect((await ask('/rpc/getSettings', json(cookie), Buffer.from([0xff, 0xfe, 0]))).status).toBe(400)
    const deep = JSON.stringify({ text: '['.repeat(100_000) })
    expect(JSON.parse((await ask('/rpc/parseStudyText', json(cookie), deep)).body)).toMatchObject({
      value: { issues: [{ message: 'values lie too deep within one another' }] },
    })
    const huge = await ask('/rpc/saveDraft', json(cookie), Buffer.alloc(6 * 1024 * 1024, 32))
    expect(huge.status).toBe(413)
    expect((await ask('/', { cookie })).status).toBe(200)
  })

  test('what happens is pushed while it happens', async () => {
    const cookie = await enter()
    const { hostname, port } = new URL(origin)
    const text = await new Promise<string>((resolve) => {
      const asked = httpRequest({ hostname, port, path: '/events', headers: { cookie } }, (response) => {
        expect(response.headers['content-type']).toBe('text/event-stream')
        response.once('data', (chunk) => {
          resolve(String(chunk))
          asked.destroy()
        })
        const study = { name: 'x', model: '/none', arms: [{ name: 'a', method: 'base' }] }
        void ask('/rpc/startStudy', json(cookie), JSON.stringify({ study }))
      })
      asked.end()
    })
    expect(text).toMatch(/^data: \{"type":"queueChanged"/)
  })
})
