/** The window in a browser on this machine: its files, its calls, and what is pushed to it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { ReflectoryError } from '../shared/errors.ts'
import type { ServiceDesk } from '../host/services/services.ts'
import { windowFile } from '../host/window/windowFiles.ts'
import type { Pushed } from '../shared/rpc/pushed.ts'
import type { RpcReply } from '../shared/rpc/method.ts'
import { createSession, type Session } from './session.ts'

/** A study may be 4 MB; nothing else comes near. */
const LARGEST_BODY = 5 * 1024 * 1024
/** Keeps connections alive that carry nothing for a while. */
const SIGN_OF_LIFE_MS = 20_000
/** A page that does not read what is pushed to it is cut off, and asks anew when it is back. */
const UNREAD_BYTES = 4 * 1024 * 1024

export interface ServedWindow {
  address: string
  /** A fresh address, for another browser or one that was closed. */
  renew(): string
  close(): Promise<void>
}

/** Listens on loopback only. `port` 0 takes a free one. */
export async function serveWindow(desk: ServiceDesk, folder: string, port = 0): Promise<ServedWindow> {
  let session: Session
  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      if (!response.headersSent) refuse(response, 500, 'the request could not be answered')
      response.end()
    })
  })
  session = createSession(await listening(server, port))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Not what a browser would make of it: '..' would be gone before it is looked at.
    const [path, query = ''] = (request.url ?? '/').split('?', 2)
    const token = path === '/' ? new URLSearchParams(query).get('token') : null
    if (request.method === 'GET' && token !== null && session.refusesPlace(request) === null) {
      const cookie = session.exchange(token)
      if (cookie !== null) return redirectHome(response, cookie)
    }
    const refusal = session.refuses(request)
    if (refusal !== null) return path === '/' ? refusePage(response, refusal) : refuse(response, 403, refusal)
    if (path.startsWith('/rpc/')) return answerCall(path.slice('/rpc/'.length), request, response)
    if (request.method !== 'GET') return refuse(response, 405, 'only GET is answered here')
    if (path === '/events') return pushTo(response)
    const file = await windowFile(folder, path)
    if (file === null) return refuse(response, 404, 'there is no such file')
    response.writeHead(200, file.headers).end(file.body)
  }

  async function answerCall(method: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return refuse(response, 405, 'calls are made by POST')
    if (!request.headers['content-type']?.startsWith('application/json')) return refuse(response, 415, 'JSON is expected')
    const body = await bodyOf(request)
    if (body === null) {
      response.setHeader('connection', 'close')
      return refuse(response, 413, 'the request is too long')
    }
    let input: unknown
    try {
      input = JSON.parse(body)
    } catch {
      return refuse(response, 400, 'the request is no JSON')
    }
    reply(response, 200, await desk.call(method, input))
  }

  function pushTo(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }).flushHeaders()
    const write = (line: string) => {
      if (response.writableLength > UNREAD_BYTES) response.destroy()
      else response.write(line)
    }
    const stop = desk.listen((pushed: Pushed) => write(`data: ${JSON.stringify(pushed)}\n\n`))
    const alive = setInterval(() => write(': alive\n\n'), SIGN_OF_LIFE_MS)
    response.on('close', () => {
      stop()
      clearInterval(alive)
    })
  }

  return {
    address: session.address,
    renew: session.renew,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function listening(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const problem = error.code === 'EADDRINUSE' ? 'another program uses it' : `it cannot be listened on (${error.code ?? error.message})`
      reject(new ReflectoryError('bad-argument', `port ${port}`, problem, 'Leave --port out, and a free one is taken.', { cause: error }))
    })
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('the server has no port'))
      else resolve(address.port)
    })
  })
}

/** Null where it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes: Buffer = chunk
    length += bytes.length
    if (length > LARGEST_BODY) return null
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The token leaves the address bar, and the history with it. */
function redirectHome(response: ServerResponse, cookie: string): void {
  response.writeHead(303, { location: '/', 'set-cookie': cookie, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }).end()
}

/** To a person, who sees it in the browser. */
function refusePage(response: ServerResponse, problem: string): void {
  const text =
    `Reflectory does not open here: ${problem}.\n\n` +
    'An address works once. For a fresh one press Enter in the terminal where Reflectory runs, and open what it prints.\n'
  response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }).end(text)
}

function refuse(response: ServerResponse, status: number, problem: string): void {
  const remedy = 'Open the address that Reflectory printed when it started.'
  reply(response, status, { ok: false, error: { code: 'bad-request', place: 'server', problem, remedy } })
}

function reply(response: ServerResponse, status: number, body: RpcReply): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    .end(JSON.stringify(body))
}
