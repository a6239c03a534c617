/** What a machine is asked for while a run is on. */
import type { ServiceDesk } from './services/services.ts'

/** Calls `begin` whenever a run comes to be on, and what that gave when none is any more. */
export function whileRunning(desk: ServiceDesk, begin: () => () => void): void {
  let end: (() => void) | null = null
  const look = () => {
    const runs = desk.queue.active() !== null
    if (runs) end ??= begin()
    else {
      end?.()
      end = null
    }
  }
  desk.listen(({ type }) => {
    if (type === 'runChanged' || type === 'queueChanged') look()
  })
  // What an earlier start left waiting is on already.
  look()
}
