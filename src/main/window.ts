/** The window itself. */
import { BrowserWindow } from 'electron'
import { HOME } from './appProtocol.ts'
import { lockContents } from './lockDown.ts'

/** @param preload file of the built preload script */
export function openWindow(preload: string, options: { devTools: boolean }): BrowserWindow {
  const window = new BrowserWindow({
    width: 1360,
    height: 900,
    minWidth: 480,
    minHeight: 400,
    title: 'Reflectory',
    show: false,
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      // Its dictionaries would be fetched.
      spellcheck: false,
      devTools: options.devTools,
    },
  })
  lockContents(window.webContents)
  window.once('ready-to-show', () => window.show())
  void window.loadURL(HOME)
  return window
}
