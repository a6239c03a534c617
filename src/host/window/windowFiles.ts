/** The built window's files, for whoever serves them: nothing outside their folder, whatever a request names. */
import { randomBytes } from 'node:crypto'
import { readFile, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Beside src, and beside the folders of what was built from it. */
export const builtWindow = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../../out/renderer' : '../../renderer', import.meta.url),
)

export interface WindowFile {
  body: Uint8Array
  headers: Record<string, string>
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

/** Put into the page when it is built, and replaced here. */
const NONCE_PLACE = '__CSP_NONCE__'

/**
 * The file that a request's path (as it came, encoded) asks for; the page itself for '/'. Null where there is none, where the
 * path leaves the folder (`..`, encoded, absolute, by a link), and for kinds of files that no window has.
 */
export async function windowFile(folder: string, path: string): Promise<WindowFile | null> {
  const name = decoded(path)
  const type = name === null ? undefined : types[extname(name)]
  if (name === null || type === undefined) return null
  try {
    const root = await realpath(folder)
    const file = await realpath(join(root, name))
    if (!file.startsWith(root + sep)) return null
    const body = await readFile(file)
    return type === types['.html'] ? page(body) : { body, headers: { ...always, 'content-type': type } }
  } catch {
    // It is not there, or is a folder.
    return null
  }
}

/** A plain relative path, or null. */
function decoded(path: string): string | null {
  let name: string
  try {
    name = decodeURIComponent(path === '/' ? '/index.html' : path)
  } catch {
    return null
  }
  const parts = name.split('/').slice(1)
  const isPlain = name.startsWith('/') && parts.every((part) => part !== '' && part !== '..' && part !== '.')
  return isPlain && !/[\\\0:]/.test(name) ? parts.join('/') : null
}

const always = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

/** The page with a fresh nonce: Vuetify makes its theme's style sheet at run time, and only that one is let in. */
function page(body: Buffer): WindowFile {
  const nonce = randomBytes(18).toString('base64')
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return {
    body: Buffer.from(body.toString('utf8').replaceAll(NONCE_PLACE, nonce)),
    headers: { ...always, 'content-type': types['.html'], 'content-security-policy': policy },
  }
}
