/** The client of an OpenAI-compatible server, against servers that are slow, broken or hostile. */
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { askChat } from '../../../src/engine/endpoint/chat.ts'
import { EndpointClient, type ClientOptions } from '../../../src/engine/endpoint/client.ts'
import { EndpointConfig } from '../../../src/shared/judges.ts'
import { RandomStream } from '../../../src/shared/random.ts'
import { chat, json, MODEL, startServer, type Script, type ScriptedServer } from './scriptedServer.ts'

const servers: ScriptedServer[] = []
const clients: EndpointClient[] = []
afterEach(async () => {
  clients.splice(0).forEach((client) => client.release())
  for (const server of servers.splice(0)) await server.close()
})

async function serve(script: Script): Promise<ScriptedServer> {
  servers.push(await startServer(script))
  return servers.at(-1)!
}

function clientOf(url: string, config: object = {}, options: ClientOptions = {}): EndpointClient {
  clients.push(new EndpointClient(EndpointConfig.parse({ url, model: MODEL, ...config }), { backOffMs: 5, ...options }))
  return clients.at(-1)!
}

const random = new RandomStream(0, ['test'])
const ask = (client: EndpointClient, signal?: AbortSignal) =>
  askChat(client, [{ role: 'user', content: 'Hello.' }], { temperature: 0 }, random, signal)

describe('a good server', () => {
  it('is asked in the words of the protocol, with the key from the environment', async () => {
    const tokens = [{ token: 'Hi', logprob: -0.5, top_logprobs: [{ token: 'Hi', logprob: -0.5 }] }]
    const answered = chat('Hi', { tokens, message: { reasoning_content: 'hm' } })
    const server = await serve((_, answer) => json(answer, answered))
    const client = clientOf(`${server.url}/`, { keyVariable: 'MY_KEY' }, { environment: { MY_KEY: 'secret-1' } })
    await client.check()
    expect(await ask(client)).toEqual({
      text: 'Hi',
      thought: 'hm',
      tokens: [{ text: 'Hi', logProbability: -0.5, alternatives: [{ text: 'Hi', logProbability: -0.5 }] }],
      finish: 'stop',
    })
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v1/models',
      'POST /v1/chat/completions',
    ])
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret-1', 'Bearer secret-1'])
    expect(server.asked[1].body).toEqual({
      model: MODEL,
      messages: [{ role: 'user', content: 'Hello.' }],
      temperature: 0,
    })
  })

  it('gets no more requests at a time than it should', async () => {
    const server = await serve(async (_, answer) => {
      await wait(10)
      json(answer, chat('Hi'))
    })
    const client = clientOf(server.url, { concurrency: 3 })
    await Promise.all(Array.from({ length: 12 }, () => ask(client)))
    expect(server.asked).toHaveLength(12)
    expect(server.mostAtOnce()).toBe(3)
  })
})

describe('a busy server', () => {
  it('is asked again, each time after a longer wait that varies', async () => {
    const server = await serve((_, answer, n) => (n < 3 ? json(answer, {}, 503) : json(answer, chat('Hi'))))
    expect((await ask(clientOf(server.url, {}, { backOffMs: 40 }))).text).toBe('Hi')
    const waits = server.asked.slice(1).map(({ atMs }, i) => atMs - server.asked[i].atMs)
    // 40, 80 and 160 ms, of which half is sure; timers may be a millisecond early.
    ;[20, 40, 80].forEach((least, i) => expect(waits[i]).toBeGreaterThan(least - 2))
  })

  it('is given the time that it asks for, in seconds or until a date', async () => {
    const date = new Date(Date.UTC(2025, 0, 1))
    const later = new Date(date.getTime() + 1000)
    const asking = [{ 'retry-after': '1' }, { 'retry-after': later.toUTCString(), date: date.toUTCString() }]
    const server = await serve((_, answer, n) => (n < 2 ? json(answer, {}, 429, asking[n]) : json(answer, chat('Hi'))))
    await ask(clientOf(server.url))
    const waits = server.asked.slice(1).map(({ atMs }, i) => atMs - server.asked[i].atMs)
    for (const ms of waits) expect(ms).toBeGreaterThan(990)
  })

  it('is let be where it asks for too long a time, or after so many attempts', async () => {
    const patient = await serve((_, answer) => json(answer, {}, 429, { 'retry-after': '100000' }))
    await expect(ask(clientOf(patient.url))).rejects.toThrow('status 429')
    expect(patient.asked).toHaveLength(1)
    const down = await serve((_, answer) => json(answer, {}, 500))
    await expect(ask(clientOf(down.url, { retries: 2 }))).rejects.toThrow('status 500')
    expect(down.asked).toHaveLength(3)
  })

  it('is not asked again what it has refused', async () => {
    const server = await serve((_, answer) => json(answer, { error: { message: 'no such model' } }, 404))
    await expect(ask(clientOf(server.url))).rejects.toThrow(/status 404: .*no such model/)
    expect(server.asked).toHaveLength(1)
  })
})

/** What comes back, and what is said of it. */
const BAD_ANSWERS: Record<string, [Script, RegExp]> = {
  'a web page': [(_, a) => a.writeHead(200).end('<!doctype html><title>Sign in</title>'), /a web page: <!doctype html/],
  'no JSON': [(_, a) => a.writeHead(200).end('{"choices":[{"mess'), /no JSON/],
  nothing: [(_, a) => a.writeHead(200).end(), /answers with nothing/],
  'JSON of another kind': [(_, a) => json(a, { choices: [] }), /no chat completion \(choices/],
  'deeply nested JSON': [(_, a) => a.writeHead(200).end('['.repeat(1_000_000)), /no JSON/],
  'a number that is no log-probability': [
    (_, a) => json(a, chat('Hi', { tokens: [{ token: 'Hi', logprob: 7 }] })),
    /no chat completion/,
  ],
  'an endless answer': [
    (_, a) => {
      a.writeHead(200)
      const more = () => {
        while (!a.destroyed && a.write('x'.repeat(65536)));
        if (!a.destroyed) a.once('drain', more)
      }
      more()
    },
    /larger than 8388608 bytes/,
  ],
  'an answer that drips': [
    (_, a) => {
      a.writeHead(200)
      const timer = setInterval(() => a.write(' '), 20)
      a.on('close', () => clearInterval(timer))
    },
    /no whole answer within 0\.3 s/,
  ],
  silence: [() => undefined, /no whole answer within 0\.3 s/],
  'an answer that is cut off': [
    (_, a) => {
      a.writeHead(200, { 'content-length': 1000 }).write('{"choices":')
      setTimeout(() => a.destroy(), 20)
    },
    /cut off|broken off/,
  ],
  'an answer without a length that is cut off': [
    (_, a) => {
      a.writeHead(200).write('{"choices":[]}')
      setTimeout(() => a.destroy(), 20)
    },
    /cut off|broken off/,
  ],
  'letters that move the cursor': [
    (_, a) => a.writeHead(400).end('\u001b[2J\u202e\u001b[31mall is\r\nwell'),
    /status 400: \[2J \[31mall is well$/,
  ],
}

describe('a broken or hostile server', () => {
  it.each(Object.entries(BAD_ANSWERS))('that sends %s is named so, within bounds', async (_, [script, message]) => {
    const server = await serve(script)
    const timeoutSeconds = /within/.test(message.source) ? 0.3 : 20
    const failure = await ask(clientOf(server.url, { retries: 0, timeoutSeconds })).catch((error: unknown) => error)
    expect(String(failure)).toMatch(message)
    expect(String(failure)).not.toMatch(/[\u0000-\u001f]/)
    expect(String(failure).length).toBeLessThan(300)
  })

  it('cannot send a request on to another one', async () => {
    const other = await serve((_, answer) => json(answer, chat('got it')))
    const location = `${other.url}/chat/completions`
    const server = await serve((_, answer) => answer.writeHead(307, { location }).end())
    await expect(ask(clientOf(server.url))).rejects.toThrow(/sends on to http:.*nothing is sent elsewhere/)
    expect(other.asked).toEqual([])
  })

  it('is not waited for once the work is stopped', async () => {
    const server = await serve(() => undefined)
    const stop = new AbortController()
    const asked = ask(clientOf(server.url), stop.signal)
    setTimeout(() => stop.abort(new Error('stopped')), 30)
    await expect(asked).rejects.toThrow('stopped')
  })
})

describe('before the start', () => {
  it('a server that is not there, or lacks the model, is an error that names address and remedy', async () => {
    const server = await serve(() => undefined)
    await expect(clientOf(server.url, { model: 'other' }).check()).rejects.toMatchObject({
      code: 'endpoint',
      place: server.url,
      problem: "the server has no model 'other' (it has tiny)",
    })
    const { url } = server
    await server.close()
    await expect(clientOf(url).check()).rejects.toMatchObject({
      code: 'endpoint',
      place: url,
      problem: 'nothing answers there (connection refused)',
      remedy: expect.stringContaining('/v1'),
    })
  })

  it('a key that is not set is an error, and a key that is refused is shown nowhere', async () => {
    expect(() => clientOf('http://localhost:1/v1', { keyVariable: 'MY_KEY' }, { environment: {} })).toThrow(
      'the environment variable MY_KEY is not set',
    )
    const server = await serve((_, answer) => json(answer, { error: 'wrong key' }, 401))
    const client = clientOf(server.url, { keyVariable: 'MY_KEY' }, { environment: { MY_KEY: 'secret-1' } })
    const failure = await ask(client).catch((error: unknown) => error)
    expect(String(failure)).toContain('status 401')
    expect(JSON.stringify([failure, client.error(failure), client.config])).not.toContain('secret-1')
  })

  it.each([
    'ftp://host/v1',
    'localhost:8000',
    'http://me:key@host/v1',
    'http://host/v1?key=1',
    'http://host:99999/v1',
    'file:///etc/passwd',
  ])('%s is no address of a server', (url) => {
    expect(EndpointConfig.safeParse({ url, model: MODEL }).success).toBe(false)
    expect(EndpointConfig.safeParse({ url: 'https://[::1]:8000/v1', model: MODEL }).success).toBe(true)
  })
})
