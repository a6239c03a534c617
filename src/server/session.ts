/** Who may talk to the server: the browser that opened the printed address, and only from its page. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const COOKIE = 'reflectory'
/** Longer than a run; the key ends with the program anyway. */
const COOKIE_SECONDS = 30 * 24 * 3600

export interface Session {
  /** The address to open; it works once. */
  address: string
  /** Another one, which takes the place of one that was not used yet. */
  renew(): string
  /** The cookie for the address's token, or null where the token is wrong or was used. */
  exchange(token: string | null): string | null
  /** Why a request is refused, or null. */
  refuses(request: IncomingMessage): string | null
  /** The same, before the cookie is asked for. */
  refusesPlace(request: IncomingMessage): string | null
}

export function createSession(port: number): Session {
  const host = `127.0.0.1:${port}`
  const origin = `http://${host}`
  const key = randomBytes(32).toString('hex')
  let token: string | null = null

  function renew(): string {
    token = randomBytes(32).toString('hex')
    return `${origin}/?token=${token}`
  }

  /** A page of another site may reach this port, under its own name or with its own origin. */
  function refusesPlace({ headers, method }: IncomingMessage): string | null {
    if (headers.host !== host) return 'another host was asked for'
    if (headers.origin !== undefined && headers.origin !== origin) return 'another page is asking'
    if (method === 'POST' && headers.origin === undefined) return 'it is not said which page is asking'
    const site = headers['sec-fetch-site']
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'another site is asking'
    return null
  }

  return {
    address: renew(),
    renew,
    exchange(given) {
      if (token === null || given === null || !isEqual(given, token)) return null
      token = null
      return `${COOKIE}=${key}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${COOKIE_SECONDS}`
    },
    refusesPlace,
    refuses(request) {
      const place = refusesPlace(request)
      if (place !== null) return place
      const cookies = (request.headers.cookie ?? '').split(/;\s*/)
      const given = cookies.find((cookie) => cookie.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1)
      return given !== undefined && isEqual(given, key) ? null : 'open the address that was printed at the start'
    },
  }
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
