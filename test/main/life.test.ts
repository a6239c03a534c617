/** The desktop program from start to end: instances, the engine's process, closing, sleep, notifications. */
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { nodeFile, targets } from '../../packaging/targets.ts'
import { EngineDied, startEngine } from '../../src/host/engineProcess.ts'
import { openRecords } from '../../src/host/records.ts'
import { utilityEngine } from '../../src/main/utilityEngine.ts'
import { openStore } from '../../src/store/openStore.ts'
import { plan, study } from '../sampleStudy.ts'
import * as electron from './electronDouble.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

vi.mock('electron', () => import('./electronDouble.ts'))

let folder: string
const argv = process.argv
beforeEach(() => {
  electron.startAnew()
  vi.resetModules()
  folder = temporaryFolder()
  process.argv = ['electron', '/app', '--data', folder, '--enable-logging']
})
afterEach(async () => {
  process.argv = argv
  electron.utilityProcess.children.forEach((child) => child.emit('exit', 0))
  electron.dialog.showMessageBox.mockResolvedValue({ response: 1 })
  electron.app.quit()
  await vi.waitFor(() => expect(electron.app.listenerCount('before-quit') === 0 || electron.app.hasQuit).toBe(true))
})

const start = async () => {
  await import('../../src/main/main.ts')
  await vi.waitFor(() => expect(electron.BrowserWindow.opened).toHaveLength(1))
  const [window] = electron.BrowserWindow.opened
  const handler: (event: unknown, method: unknown, input: unknown) => Promise<unknown> = electron.ipcMain.handle.mock.calls[0][1]
  const own = { sender: window.webContents, senderFrame: { url: 'app://reflectory/', parent: null } }
  return { window, call: (method: unknown, input: unknown) => handler(own, method, input) }
}

/** A study whose engine has planned it and goes on. */
async function startWithRun() {
  const { window, call } = await start()
  await call('startStudy', { study })
  const child = electron.utilityProcess.children[0]
  child.emit('message', { type: 'event', id: 1, sequence: 1, event: plan })
  return { window, call, child }
}

const interrupted = { type: 'event', id: 1, sequence: 2, event: { type: 'interrupted', reason: 'saved', resumable: true } }
const cancelled = { code: 'cancelled', place: 'study', problem: 'was stopped', remedy: '', stack: '' }

test('starts with one window; another start brings that one to the front', async () => {
  const { window } = await start()
  electron.app.emit('second-instance')
  expect(electron.BrowserWindow.opened).toEqual([window])
  expect(window.focus).toHaveBeenCalledTimes(2)
})

test('all of it is locked before the page is there, and a packaged program has no developer tools', async () => {
  electron.app.isPackaged = true
  Object.assign(process, { resourcesPath: folder })
  const { window } = await start()
  const { app, protocol, session } = electron
  expect(app.commandLine.appendSwitch).toHaveBeenCalledWith('disable-background-networking')
  const [ready] = app.whenReady.mock.invocationCallOrder
  for (const early of [protocol.registerSchemesAsPrivileged, app.enableSandbox])
    expect(early.mock.invocationCallOrder[0]).toBeLessThan(ready)
  const { setPermissionRequestHandler, webRequest, protocol: files } = session.defaultSession
  for (const lock of [setPermissionRequestHandler, webRequest.onBeforeRequest, files.handle, electron.ipcMain.handle])
    expect(lock.mock.invocationCallOrder[0]).toBeLessThan(window.loadURL.mock.invocationCallOrder[0])
  expect(window.options).toMatchObject({ webPreferences: { devTools: false } })
})

test('a second instance leaves at once, without touching the store', async () => {
  electron.app.isFirst = false
  await import('../../src/main/main.ts')
  await vi.waitFor(() => expect(electron.app.hasQuit).toBe(true))
  expect(electron.protocol.registerSchemesAsPrivileged).not.toHaveBeenCalled()
})

test('a store of a newer version is said in words before it ends', async () => {
  const store = openStore(join(folder, 'reflectory.sqlite'))
  store.db.pragma('user_version = 99')
  store.close()
  await import('../../src/main/main.ts')
  await vi.waitFor(() => expect(electron.app.exit).toHaveBeenCalledWith(1))
  expect(electron.dialog.showErrorBox.mock.calls[0][1]).toMatch(/newer version.*Update Reflectory/)
})

test('records that another Reflectory has open are said in words, and left alone', async () => {
  const records = openRecords(folder, folder)
  await import('../../src/main/main.ts')
  await vi.waitFor(() => expect(electron.app.exit).toHaveBeenCalledWith(1))
  expect(electron.dialog.showErrorBox.mock.calls[0][1]).toMatch(/is open in another Reflectory\. Go on in its window or browser/)
  expect(electron.BrowserWindow.opened).toEqual([])
  records.close()
})

test('a data folder that cannot be one is said in words', async () => {
  writeFileSync(join(folder, 'file'), '')
  process.argv = ['electron', '/app', '--data', join(folder, 'file', 'data')]
  await import('../../src/main/main.ts')
  await vi.waitFor(() => expect(electron.app.exit).toHaveBeenCalledWith(1))
  expect(electron.dialog.showErrorBox.mock.calls[0][1]).toMatch(/cannot be opened\. Check that/)
})

test('nothing that a page may send is more than refused', async () => {
  const { call } = await start()
  const deep = JSON.parse(`${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`)
  let deeper: unknown = 1
  for (let i = 0; i < 100_000; i++) deeper = [deeper]
  const calls: [unknown, unknown][] = [
    [undefined, undefined],
    [null, {}],
    [['getSettings'], {}],
    ['__proto__', {}],
    ['constructor', {}],
    ['toString', {}],
    ['getSettings', undefined],
    ['getSettings', []],
    ['getSettings', { extra: 1 }],
    ['getSettings', deep],
    ['getSettings', deeper],
    ['runDetail', { runId: 'x'.repeat(4_000_000) }],
    ['listTrajectories', { filter: { search: '"*:(' }, page: { at: 'sideways' } }],
    ['listRuns', { limit: Infinity }],
    ['trajectoryDetail', { id: 1.5 }],
    ['trajectoryDetail', { id: Number.MAX_SAFE_INTEGER }],
    ['saveDraft', { id: '1; DROP TABLE runs', name: 'x'.repeat(300), text: '' }],
    ['startStudy', { study: { name: '../..', arms: [] } }],
    ['chooseDataFolder', { folder: 'relative' }],
  ]
  for (const [method, input] of calls)
    expect(await call(method, input), `${String(method)}`).toMatchObject({ ok: false, error: { problem: expect.stringMatching(/./), remedy: expect.stringMatching(/./) } })
  expect(await call('listRuns', {})).toEqual({ ok: true, value: { runs: [], next: null } })
  expect(await call('listTrajectories', { filter: { search: '"*:( NEAR OR' }, page: { at: 'first' } })).toMatchObject({ ok: true })
})

test('an engine that crashes leaves the window open and the run interrupted with its reason; the person is told', async () => {
  const { window, call, child } = await startWithRun()
  expect(electron.powerSaveBlocker.start).toHaveBeenCalledWith('prevent-app-suspension')
  child.stderr.emit('data', Buffer.from('out of memory\n'))
  child.emit('exit', 139)
  await vi.waitFor(async () => {
    expect(await call('runDetail', { runId: 'small-1' })).toMatchObject({
      value: { state: 'interrupted', resumable: true, reason: 'the engine ended with status 139; its last words: out of memory' },
    })
  })
  expect(electron.BrowserWindow.opened).toEqual([window])
  expect(electron.powerSaveBlocker.stop).toHaveBeenCalledWith(7)
  expect(electron.Notification.shown).toEqual([{ title: 'Reflectory', body: 'Run small-1 is interrupted.' }])
})

test('closing asks while a run is on: it may go on without a window, and the program ends with it', async () => {
  const { window, child } = await startWithRun()
  electron.dialog.showMessageBox.mockResolvedValue({ response: 2 })
  window.close()
  window.close()
  electron.app.quit()
  await vi.waitFor(() => expect(electron.dialog.showMessageBox).toHaveBeenCalledTimes(1))
  await new Promise((resolve) => setImmediate(resolve))
  expect(electron.dialog.showMessageBox.mock.calls).toEqual([
    [window, expect.objectContaining({ buttons: ['Keep running in the background', 'Save and stop', 'Cancel'], cancelId: 2 })],
  ])
  expect(electron.BrowserWindow.opened).toEqual([window])
  expect(electron.app.hasQuit).toBe(false)
  electron.dialog.showMessageBox.mockResolvedValue({ response: 0 })
  window.close()
  await vi.waitFor(() => expect(electron.BrowserWindow.opened).toEqual([]))
  expect(electron.app.hasQuit).toBe(false)
  child.emit('exit', 1)
  await vi.waitFor(() => expect(electron.app.hasQuit).toBe(true))
})

test('closing may save and stop: the engine is asked to, and only then the program ends', async () => {
  const { window, child } = await startWithRun()
  electron.dialog.showMessageBox.mockResolvedValue({ response: 1 })
  window.close()
  await vi.waitFor(() => expect(child.sent).toContainEqual({ type: 'cancel', id: 1 }))
  expect(electron.app.hasQuit).toBe(false)
  child.emit('message', interrupted)
  child.emit('message', { type: 'failure', id: 1, error: cancelled })
  await vi.waitFor(() => expect(electron.app.hasQuit).toBe(true))
  const { store, close } = openRecords(folder, folder)
  expect(store.db.prepare('SELECT state, reason FROM runs').get()).toEqual({
    state: 'interrupted',
    reason: 'the program was closed',
  })
  close()
})

test('a step that is too long to wait for is not waited for when one quits once more', async () => {
  const { window, child } = await startWithRun()
  electron.dialog.showMessageBox.mockResolvedValue({ response: 1 })
  window.close()
  await vi.waitFor(() => expect(child.sent).toContainEqual({ type: 'cancel', id: 1 }))
  expect(child.kill).not.toHaveBeenCalled()
  electron.app.quit()
  await vi.waitFor(() => expect(electron.app.hasQuit).toBe(true))
  expect(child.kill).toHaveBeenCalled()
  expect(electron.dialog.showMessageBox).toHaveBeenCalledTimes(1)
})

test('quitting asks as closing does while a run is on', async () => {
  const { window, child } = await startWithRun()
  electron.dialog.showMessageBox.mockResolvedValue({ response: 2 })
  electron.app.quit()
  await vi.waitFor(() => expect(electron.dialog.showMessageBox).toHaveBeenCalledTimes(1))
  expect(child.sent).not.toContainEqual({ type: 'cancel', id: 1 })
  expect(electron.BrowserWindow.opened).toEqual([window])
})

test('without a window the next of the queue is run before the program ends; nobody is told who does not want to be', async () => {
  const { window, call, child } = await startWithRun()
  const { settings } = JSON.parse(JSON.stringify(await call('getSettings', {}))).value
  await call('saveSettings', { settings: { ...settings, notifyAtEnd: false } })
  await call('startStudy', { study: { ...study, name: 'next' } })
  electron.dialog.showMessageBox.mockResolvedValue({ response: 0 })
  window.close()
  await vi.waitFor(() => expect(electron.BrowserWindow.opened).toEqual([]))
  child.emit('exit', 1)
  await vi.waitFor(() => expect(electron.utilityProcess.children).toHaveLength(2))
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(electron.app.hasQuit).toBe(false)
  electron.utilityProcess.children[1].emit('exit', 1)
  await vi.waitFor(() => expect(electron.app.hasQuit).toBe(true))
  expect(electron.Notification.shown).toEqual([])
})

test("a large model gets a plain Node, any other Electron's own kind of process", async () => {
  const { chooseEngine } = await import('../../src/main/chooseEngine.ts')
  const launch = chooseEngine(process.execPath)
  launch()
  launch(['harbor'])
  launch([join(folder, 'absent')])
  const large = join(folder, 'large')
  mkdirSync(large)
  writeFileSync(join(large, 'model-1.safetensors'), '')
  launch([large])
  expect(electron.utilityProcess.children).toHaveLength(4)
  truncateSync(join(large, 'model-1.safetensors'), 600 * 1024 * 1024)
  const child = launch(['harbor', large])
  expect(electron.utilityProcess.children).toHaveLength(4)
  child.kill()
  expect(await child.ended).toMatch(/SIGKILL/)
})

test('a packaged program finds the Node that was shipped beside it', async () => {
  const { packagedNode } = await import('../../src/main/chooseEngine.ts')
  const [target] = targets.filter(({ platform }) => platform === process.platform)
  expect(packagedNode('/resources')).toBe(join('/resources', nodeFile(target)))
})

test('the engine speaks over its port, and its end is an error with its last words', async () => {
  const engine = startEngine(utilityEngine)
  const [child] = electron.utilityProcess.children
  const answer = engine.request({ type: 'doctor', device: 'cpu' })
  expect(child.sent).toEqual([{ type: 'request', id: 1, request: { type: 'doctor', device: 'cpu' } }])
  child.emit('exit', 5)
  await expect(answer.reply).rejects.toThrow(EngineDied)
  answer.cancel()
  expect(child.sent).toHaveLength(1)
})
