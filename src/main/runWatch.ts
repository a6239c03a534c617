/** While a run is on the machine stays awake; at its end the person is told. */
import { Notification, powerSaveBlocker } from 'electron'
import type { ServiceDesk } from '../host/services/services.ts'

/** `show` brings the window back. */
export function watchRuns(desk: ServiceDesk, notifies: () => boolean, show: () => void): void {
  let blocker: number | null = null
  desk.listen((pushed) => {
    if (pushed.type !== 'runChanged' && pushed.type !== 'queueChanged') return
    const runs = desk.queue.active() !== null
    if (runs && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension')
    if (!runs && blocker !== null) {
      powerSaveBlocker.stop(blocker)
      blocker = null
    }
    if (pushed.type !== 'runChanged' || pushed.state === null || pushed.state === 'running') return
    if (!notifies() || !Notification.isSupported()) return
    const notification = new Notification({ title: 'Reflectory', body: `Run ${pushed.runId} is ${pushed.state}.` })
    notification.on('click', show)
    notification.show()
  })
}
