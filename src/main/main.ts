/** The desktop program. `main` is the list of what happens at its start. */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { app, dialog, session, type BrowserWindow } from 'electron'
import { openRecords, type Records } from '../host/records.ts'
import { createServices, type ServiceDesk } from '../host/services/services.ts'
import { builtWindow } from '../host/window/windowFiles.ts'
import { readSettings } from '../store/settings.ts'
import { declareScheme, serveFiles } from './appProtocol.ts'
import { chooseEngine, packagedNode } from './chooseEngine.ts'
import { askBeforeClosing, leaveWhenIdle } from './closing.ts'
import { guardCalls } from './gatekeeper.ts'
import { lockSession } from './lockDown.ts'
import { setMenu } from './menu.ts'
import { printPdf } from './printPdf.ts'
import { watchRuns } from './runWatch.ts'
import { openWindow } from './window.ts'

const preload = fileURLToPath(new URL('../preload/preload.cjs', import.meta.url))

async function main(): Promise<void> {
  if (!app.requestSingleInstanceLock()) return app.quit()
  // As the installer's menu entry has it: Windows shows notifications of such programs only.
  if (process.platform === 'win32') app.setAppUserModelId('reflectory')
  // The browser engine would look for updates of its own parts.
  app.commandLine.appendSwitch('disable-background-networking')
  declareScheme()
  app.enableSandbox()
  await app.whenReady()

  const { records, desk } = openDesk()
  let window: BrowserWindow | null = null
  const show = () => {
    window ??= createWindow()
    if (window.isMinimized()) window.restore()
    window.focus()
  }
  lockSession(session.defaultSession)
  serveFiles(session.defaultSession, builtWindow)
  guardCalls(desk, () => window)
  desk.listen((pushed) => window?.webContents.send('pushed', pushed))
  watchRuns(desk, () => readSettings(records.store).notifyAtEnd, show)
  leaveWhenIdle(desk, () => window !== null)
  setMenu(process.platform)
  app.on('second-instance', show)
  app.on('activate', show)
  app.on('before-quit', (event) => leave(event))
  show()

  function createWindow(): BrowserWindow {
    const opened = openWindow(preload, { devTools: !app.isPackaged })
    askBeforeClosing(opened, desk, () => void save())
    opened.on('closed', () => (window = null))
    return opened
  }

  /**
   * A run that is going on is asked about where there is a window to ask in, and saved before the program ends. Once more, while
   * it is being saved, means at once.
   */
  function leave(event: { preventDefault(): void }): void {
    if (isSaved) return
    event.preventDefault()
    const running = desk.queue.active()
    if (isSaving && running !== null) desk.queue.stop(running.runId)
    else if (window !== null && running !== null) window.close()
    else void save()
  }

  let isSaving = false
  let isSaved = false
  async function save(): Promise<void> {
    if (isSaving) return
    isSaving = true
    await desk.close()
    records.close()
    isSaved = true
    app.quit()
  }
}

function openDesk(): { records: Records; desk: ServiceDesk } {
  const records = openRecords(givenFolder(), app.isPackaged ? app.getPath('userData') : process.cwd())
  const launch = chooseEngine(app.isPackaged ? packagedNode(process.resourcesPath) : process.env.REFLECTORY_NODE)
  return { records, desk: createServices({ ...records, face: 'electron', launch, printPdf }) }
}

function givenFolder(): string | undefined {
  // Electron and Chromium have options of their own.
  const { values } = parseArgs({ args: process.argv.slice(1), options: { data: { type: 'string' } }, strict: false })
  return typeof values.data === 'string' ? values.data : undefined
}

main().catch((error: unknown) => {
  dialog.showErrorBox('Reflectory cannot start', error instanceof Error ? error.message : String(error))
  app.exit(1)
})
