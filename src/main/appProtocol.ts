/** app://reflectory: the window's files, and nothing else, without a web server. */
import { protocol, type Session } from 'electron'
import { windowFile } from '../host/window/windowFiles.ts'

export const HOME = 'app://reflectory/'

/** Before the program is ready, or the scheme stays without an origin of its own. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
}

export function serveFiles(session: Session, folder: string): void {
  session.protocol.handle('app', (request) => respond(folder, request.url, request.method))
}

async function respond(folder: string, address: string, method: string): Promise<Response> {
  if (!isHome(address) || method !== 'GET') return new Response(null, { status: 404 })
  const [path] = address.slice(HOME.length - 1).split(/[?#]/)
  const file = await windowFile(folder, path)
  if (file === null) return new Response(null, { status: 404 })
  return new Response(Uint8Array.from(file.body), { headers: file.headers })
}

/** Whether an address is one of this program's own. */
export function isHome(address: string): boolean {
  return address.startsWith(HOME)
}
