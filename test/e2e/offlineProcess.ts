/** Preloaded into the processes that a test starts: a connection beyond this machine is refused, and written down. */
import { appendFileSync } from 'node:fs'
import { Socket } from 'node:net'

const LOOPBACK = ['127.0.0.1', '::1', 'localhost']

Socket.prototype.connect = new Proxy(Socket.prototype.connect, {
  apply(connect, socket: Socket, given: unknown[]) {
    const host = hostOf(given)
    if (host !== null && !LOOPBACK.includes(host)) {
      appendFileSync(process.env.STRAY_LOG ?? '', `process ${process.pid} connects to ${host}\n`)
      throw new Error(`this test is offline, and ${host} was asked for`)
    }
    return Reflect.apply(connect, socket, given)
  },
})

/** Of `connect(options)`, `connect(port, host)`, or the array that Node's own modules hand on. Null for a pipe. */
function hostOf([first, second]: unknown[]): string | null {
  const options: unknown = Array.isArray(first) ? first[0] : first
  if (typeof options === 'object' && options !== null) {
    if ('path' in options && typeof options.path === 'string') return null
    return 'host' in options && typeof options.host === 'string' ? options.host : 'localhost'
  }
  return typeof options === 'string' ? null : typeof second === 'string' ? second : 'localhost'
}
