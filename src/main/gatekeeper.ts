/** The one place where messages of the window come in: only from its own page, checked before anything is done. */
import { ipcMain, type BrowserWindow, type IpcMainInvokeEvent } from 'electron'
import type { ServiceDesk } from '../host/services/services.ts'
import type { RpcReply } from '../shared/rpc/method.ts'
import { isHome } from './appProtocol.ts'

/** A study may be 4 MB; nothing else comes near. */
const LARGEST_INPUT = 5 * 1024 * 1024

/** `current` gives the window that is open, if there is one. */
export function guardCalls(desk: ServiceDesk, current: () => BrowserWindow | null): void {
  ipcMain.handle('rpc', (event, method: unknown, input: unknown): RpcReply | Promise<RpcReply> => {
    if (!isOurPage(event, current())) return refusal('this page may not call')
    const size = sizeOf(input)
    if (size === null) return refusal('the request is no plain data')
    if (size > LARGEST_INPUT) return refusal('the request is too long')
    return desk.call(method, input)
  })
}

/** Not a frame within the page, and not a page that took its place. */
function isOurPage({ sender, senderFrame }: IpcMainInvokeEvent, window: BrowserWindow | null): boolean {
  if (window === null || sender !== window.webContents || senderFrame === null) return false
  return senderFrame.parent === null && isHome(senderFrame.url)
}

function sizeOf(input: unknown): number | null {
  try {
    return JSON.stringify(input)?.length ?? 0
  } catch {
    // Cycles and big numbers go through structured cloning, but not through the contract.
    return null
  }
}

function refusal(problem: string): RpcReply {
  return { ok: false, error: { code: 'bad-request', place: 'window', problem, remedy: 'Start Reflectory again.' } }
}
