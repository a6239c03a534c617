/** A server on this machine that answers as a test tells it to, and remembers what it was asked. */
import http from 'node:http'
import { z } from 'zod'

export interface Asked {
  method: string
  path: string
  headers: http.IncomingHttpHeaders
  /** Parsed, where there was one. */
  body: Record<string, unknown>
  /** Milliseconds since the server was started. */
  atMs: number
}

/** `request` counts from 0, the list of models not among them. */
export type Script = (asked: Asked, answer: http.ServerResponse, request: number) => unknown

export interface ScriptedServer {
  url: string
  asked: Asked[]
  /** The most requests that were open at the same time. */
  mostAtOnce(): number
  close(): Promise<void>
}

export const MODEL = 'tiny'

export async function startServer(script: Script): Promise<ScriptedServer> {
  const asked: Asked[] = []
  const started = performance.now()
  let [open, most, requests] = [0, 0, 0]
  const server = http.createServer((request, answer) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const text = Buffer.concat(parts).toString()
      const body = text === '' ? {} : z.record(z.string(), z.unknown()).parse(JSON.parse(text))
      const { method = '', url: path = '', headers } = request
      const each = { method, path, headers, body, atMs: performance.now() - started }
      asked.push(each)
      if (path === '/v1/models') return void json(answer, { object: 'list', data: [{ id: MODEL }] })
      most = Math.max(most, ++open)
      answer.on('close', () => open--)
      void script(each, answer, requests++)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = z.object({ port: z.number() }).parse(server.address())
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    asked,
    mostAtOnce: () => most,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

export function json(
  answer: http.ServerResponse,
  value: unknown,
  status = 200,
  headers: http.OutgoingHttpHeaders = {},
): void {
  answer.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}

/** A chat completion as servers of the protocol write it. */
export function chat(text: string, more: { tokens?: object[]; finish?: string; message?: object } = {}): object {
  const { tokens, finish = 'stop', message = {} } = more
  return {
    id: 'chat-1',
    object: 'chat.completion',
    model: MODEL,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: text, ...message },
        finish_reason: finish,
        logprobs: tokens === undefined ? null : { content: tokens },
      },
    ],
    usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
  }
}
