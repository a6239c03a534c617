/** While a run is on the machine stays awake; at its end the person is told. */
import { Notification, powerSaveBlocker } from 'electron'
import type { ServiceDesk } from '../host/services/services.ts'
import { whileRunning } from '../host/whileRunning.ts'

/** `show` brings the window back. */
export function watchRuns(desk: ServiceDesk, notifies: () => boolean, show: () => void): void {
  whileRunning(desk, () => {
    const blocker = powerSaveBlocker.start('prevent-app-suspension')
    return () => powerSaveBlocker.stop(blocker)
  })
  desk.listen((pushed) => {
    if (pushed.type !== 'runChanged' || pushed.state === null || pushed.state === 'running') return
    if (!notifies() || !Notification.isSupported()) return
    const notification = new Notification({ title: 'Reflectory', body: `Run ${pushed.runId} is ${pushed.state}.` })
    notification.on('click', show)
    notification.show()
  })
}
