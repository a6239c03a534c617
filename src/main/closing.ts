/** Closing the window while a run is on: the person decides what becomes of it. */
import { app, dialog, type BrowserWindow } from 'electron'
import type { ServiceDesk } from '../host/services/services.ts'

const CHOICES = ['Keep running in the background', 'Save and stop', 'Cancel'] as const

/** `end` saves, and leaves the program. */
export function askBeforeClosing(window: BrowserWindow, desk: ServiceDesk, end: () => void): void {
  let isAsking = false
  window.on('close', (event) => {
    const running = desk.queue.active()
    if (running === null) return
    event.preventDefault()
    if (isAsking) return
    isAsking = true
    void ask(window, running.study)
      .then((choice) => {
        if (choice === 'Keep running in the background') window.destroy()
        if (choice === 'Save and stop') end()
      })
      .finally(() => (isAsking = false))
  })
}

async function ask(window: BrowserWindow, study: string): Promise<(typeof CHOICES)[number]> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    title: 'Reflectory',
    message: `The study '${study}' is running`,
    detail: 'It can go on without a window; start Reflectory again to see it. Stopped, it can be resumed where it was saved.',
    buttons: [...CHOICES],
    defaultId: 0,
    cancelId: CHOICES.indexOf('Cancel'),
    noLink: true,
  })
  return CHOICES[response] ?? 'Cancel'
}

/** Without a window the program lives as long as something runs. */
export function leaveWhenIdle(desk: ServiceDesk, hasWindow: () => boolean): void {
  const leave = () => {
    if (!hasWindow() && desk.queue.active() === null) app.quit()
  }
  app.on('window-all-closed', leave)
  // After the queue has started the next one, if there is one.
  desk.queue.onEnd(() => setImmediate(leave))
}
