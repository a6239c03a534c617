/** What keeps the page in: its files, its calls, its permissions, its window. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import type { BrowserWindow as ElectronWindow, Session, WebContents } from 'electron'
import { serveFiles } from '../../src/main/appProtocol.ts'
import { guardCalls } from '../../src/main/gatekeeper.ts'
import { lockContents, lockSession } from '../../src/main/lockDown.ts'
import { openWindow } from '../../src/main/window.ts'
import type { ServiceDesk } from '../../src/host/services/services.ts'
import type { RpcReply } from '../../src/shared/rpc/method.ts'
import * as electron from './electronDouble.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

vi.mock('electron', () => import('./electronDouble.ts'))
beforeEach(() => electron.startAnew())

/** The double stands where the real one does. */
const as = <T>(double: unknown): T => double as T

test('the window has no Node, a sandbox and a world of its own', () => {
  openWindow('/p/preload.cjs', { devTools: false })
  const [window] = electron.BrowserWindow.opened
  expect(window.options).toMatchObject({
    webPreferences: {
      preload: '/p/preload.cjs',
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      devTools: false,
    },
  })
  expect(window.loadURL).toHaveBeenCalledWith('app://reflectory/')
  expect(window.webContents.setWindowOpenHandler).toHaveBeenCalled()
  expect(window.webContents.listenerCount('will-navigate')).toBe(1)
})

test('the protocol gives the files of the window and nothing else', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'window'))
  writeFileSync(join(folder, 'secret.json'), '1')
  writeFileSync(join(folder, 'window/index.html'), '<meta nonce="__CSP_NONCE__">')
  symlinkSync(join(folder, 'secret.json'), join(folder, 'window/link.json'))
  const { defaultSession } = electron.session
  serveFiles(as<Session>(defaultSession), join(folder, 'window'))
  const respond: (request: Request) => Promise<Response> = defaultSession.protocol.handle.mock.calls[0][1]
  const ask = (url: string, method = 'GET') => respond(as<Request>({ url, method }))
  const page = await ask('app://reflectory/?x=1#/runs')
  expect(page.status).toBe(200)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  for (const url of [
    'app://reflectory/../secret.json',
    'app://reflectory/%2e%2e/secret.json',
    'app://reflectory/..%2fsecret.json',
    'app://reflectory//secret.json',
    `app://reflectory/${encodeURIComponent(join(folder, 'secret.json'))}`,
    'app://reflectory/link.json',
    'app://elsewhere/index.html',
    'app://reflectory.evil/index.html',
    'app://reflectorx/index.html',
  ])
    expect((await ask(url)).status, url).toBe(404)
  expect((await ask('app://reflectory/', 'POST')).status).toBe(404)
})

test('only the page itself may call, with plain data of a sensible size', async () => {
  const call = vi.fn(() => Promise.resolve<RpcReply>({ ok: true, value: 1 }))
  const window = new electron.BrowserWindow({})
  guardCalls(as<ServiceDesk>({ call }), () => as<ElectronWindow>(window))
  const handler: (event: unknown, method: unknown, input: unknown) => unknown = electron.ipcMain.handle.mock.calls[0][1]
  const own = { sender: window.webContents, senderFrame: { url: 'app://reflectory/#/runs', parent: null } }
  expect(await handler(own, 'getSettings', {})).toEqual({ ok: true, value: 1 })
  const refused = { ok: false, error: { code: 'bad-request' } }
  for (const event of [
    { ...own, sender: {} },
    { ...own, senderFrame: null },
    { ...own, senderFrame: { url: 'app://reflectory/', parent: {} } },
    { ...own, senderFrame: { url: 'https://evil.example/app://reflectory/', parent: null } },
  ])
    expect(await handler(event, 'getSettings', {})).toMatchObject(refused)
  const cycle: Record<string, unknown> = {}
  cycle.self = cycle
  for (const input of [cycle, 10n, { text: 'x'.repeat(6e6) }]) expect(await handler(own, 'saveDraft', input)).toMatchObject(refused)
  expect(call).toHaveBeenCalledTimes(1)
})

test('no permissions, no addresses elsewhere, no downloads but of what the window made', () => {
  const { defaultSession } = electron.session
  lockSession(as<Session>(defaultSession))
  const decide = vi.fn()
  defaultSession.setPermissionRequestHandler.mock.calls[0][0]({}, 'media', decide)
  expect(decide).toHaveBeenCalledWith(false)
  expect(defaultSession.setPermissionCheckHandler.mock.calls[0][0]()).toBe(false)
  expect(defaultSession.setDevicePermissionHandler.mock.calls[0][0]()).toBe(false)
  const cancels = (url: string) => {
    const answer = vi.fn()
    defaultSession.webRequest.onBeforeRequest.mock.calls[0][0]({ url }, answer)
    return answer.mock.calls[0][0].cancel
  }
  expect(cancels('app://reflectory/assets/a.js')).toBe(false)
  for (const url of ['https://example.org/', 'http://127.0.0.1/', 'ws://x/', 'file:///etc/passwd', 'app://other/', 'app://reflectory.evil/a.js'])
    expect(cancels(url), url).toBe(true)
  const isSaved = (url: string) => {
    const preventDefault = vi.fn()
    defaultSession.emit('will-download', { preventDefault }, { getURL: () => url })
    return preventDefault.mock.calls.length === 0
  }
  expect(isSaved('blob:app://reflectory/0b9c')).toBe(true)
  for (const url of ['https://example.org/a.zip', 'blob:app://reflectory.evil/1', 'app://reflectory/assets/a.js', 'data:text/html,a'])
    expect(isSaved(url), url).toBe(false)
})

test('no navigation away, no new windows, no web views', () => {
  const { webContents } = new electron.BrowserWindow({})
  lockContents(as<WebContents>(webContents))
  expect(webContents.setWindowOpenHandler.mock.calls[0][0]({ url: 'app://reflectory/' })).toEqual({ action: 'deny' })
  const prevents = (name: string, url: string) => {
    const preventDefault = vi.fn()
    webContents.emit(name, { url, preventDefault })
    return preventDefault.mock.calls.length > 0
  }
  expect(prevents('will-navigate', 'app://reflectory/#/x')).toBe(false)
  expect(prevents('will-navigate', 'https://example.org/')).toBe(true)
  expect(prevents('will-navigate', 'app://reflectory.evil/')).toBe(true)
  expect(prevents('will-redirect', 'app://reflectory/')).toBe(true)
  expect(prevents('will-attach-webview', '')).toBe(true)
})
