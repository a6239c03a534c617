/** One request to a server and its whole answer, bounded in time and size; nothing goes to any other address. */
import http from 'node:http'
import https from 'node:https'

/** Why there is no answer that could be used. */
export class ExchangeFailure extends Error {
  override readonly name = 'ExchangeFailure'
  /** Whether the same request may well succeed later. */
  readonly isPassing: boolean
  /** What the server asks to wait before that. */
  readonly waitMs: number | null

  constructor(problem: string, options: { isPassing: boolean; waitMs?: number | null; cause?: unknown }) {
    super(problem, { cause: options.cause })
    this.isPassing = options.isPassing
    this.waitMs = options.waitMs ?? null
  }
}

export interface Exchange {
  method: 'GET' | 'POST'
  url: URL
  headers: Readonly<Record<string, string>>
  body: string | null
  /** From the start to the last byte. */
  timeoutMs: number
  maximumBytes: number
  agent: http.Agent
  signal?: AbortSignal
}

/**
 * The parsed JSON of an answer with a status of success. Redirects are not followed. Throws `ExchangeFailure`, and the
 * signal's reason where that ends it.
 */
export function exchangeJson(exchange: Exchange): Promise<unknown> {
  const { method, url, headers, body, timeoutMs, maximumBytes, agent, signal } = exchange
  return new Promise((resolve, reject) => {
    const json = { 'content-type': 'application/json' }
    const content = body === null ? {} : { ...json, 'content-length': Buffer.byteLength(body) }
    const { request } = url.protocol === 'https:' ? https : http
    const sent = request(url, { method, agent, headers: { accept: 'application/json', ...headers, ...content } })
    const fail = (error: unknown): void => {
      finish()
      sent.destroy()
      reject(error)
    }
    const stop = (): void => fail(signal?.reason)
    const timer = setTimeout(() => {
      fail(new ExchangeFailure(`no whole answer within ${timeoutMs / 1000} s`, { isPassing: true }))
    }, timeoutMs)
    const finish = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
    }
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted) return stop()

    sent.on('error', (cause) => fail(unreached(cause)))
    sent.on('response', (answer) => {
      const parts: Buffer[] = []
      let size = 0
      answer.on('data', (part: Buffer) => {
        parts.push(part)
        size += part.length
        if (size > maximumBytes) {
          fail(new ExchangeFailure(`the answer is larger than ${maximumBytes} bytes`, { isPassing: false }))
        }
      })
      answer.on('error', (cause) => fail(unreached(cause)))
      answer.on('close', () => {
        // Without a complete end, an answer without a stated length would pass for a whole one.
        if (!answer.complete) fail(new ExchangeFailure('the answer was cut off', { isPassing: true }))
      })
      answer.on('end', () => {
        if (!answer.complete) return
        finish()
        try {
          resolve(readAnswer(answer, Buffer.concat(parts)))
        } catch (error) {
          reject(error)
        }
      })
    })
    sent.end(body ?? undefined)
  })
}

function unreached(cause: Error): ExchangeFailure {
  const code = 'code' in cause ? String(cause.code) : ''
  const words: Record<string, string> = {
    ECONNREFUSED: 'nothing answers there (connection refused)',
    ENOTFOUND: 'there is no machine of that name',
    EAI_AGAIN: 'the name of the machine could not be looked up',
    EHOSTUNREACH: 'the machine cannot be reached',
    ECONNRESET: 'the connection was broken off',
    EPIPE: 'the connection was broken off',
  }
  const isPassing = !['ENOTFOUND', 'ERR_INVALID_URL', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT'].includes(code)
  return new ExchangeFailure(words[code] ?? `the connection failed (${cause.message})`, { isPassing, cause })
}

function readAnswer({ statusCode: status = 0, headers }: http.IncomingMessage, bytes: Buffer): unknown {
  if (status >= 300 && status < 400) {
    const target = shown(headers.location ?? 'nowhere')
    throw new ExchangeFailure(`the server sends on to ${target}, and nothing is sent elsewhere`, { isPassing: false })
  }
  const text = bytes.toString('utf8')
  if (status < 200 || status >= 300) {
    const isPassing = [408, 409, 425, 429].includes(status) || status >= 500
    throw new ExchangeFailure(`the server answers with status ${status}: ${shown(text)}`, {
      isPassing,
      waitMs: retryAfterMs(headers),
    })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    const kind = /^\s*<(!doctype|html|\?xml)/i.test(text) ? 'a web page' : text === '' ? 'nothing' : 'no JSON'
    throw new ExchangeFailure(`the server answers with ${kind}: ${shown(text)}`, { isPassing: false, cause })
  }
}

/** Seconds, or a date, which is compared with the server's own clock. */
function retryAfterMs(headers: http.IncomingHttpHeaders): number | null {
  const after = headers['retry-after']
  if (after === undefined) return null
  if (/^\d{1,9}$/.test(after.trim())) return Number(after) * 1000
  const wait = Date.parse(after) - Date.parse(headers.date ?? '')
  return Number.isNaN(wait) ? null : Math.max(0, wait)
}

/** The beginning of a text by a stranger, on one line, without what would move a terminal's cursor. */
export function shown(text: string): string {
  const line = text.slice(0, 400).replace(/[\p{C}\s]+/gu, ' ').trim()
  return line.length > 160 ? `${line.slice(0, 160)}…` : line === '' ? '(empty)' : line
}
