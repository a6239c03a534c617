/** A server of the user's own that speaks the OpenAI protocol: patient where it is busy, and bounded in everything. */
import http from 'node:http'
import https from 'node:https'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { ReflectoryError } from '../../shared/errors.ts'
import type { EndpointConfig } from '../../shared/judges.ts'
import type { RandomStream } from '../../shared/random.ts'
import { exchangeJson, ExchangeFailure, shown } from './exchange.ts'

const MAXIMUM_BYTES = 8 * 1024 * 1024
/** Checking whether the server is there should not take as long as an answer may. */
const CHECK_TIMEOUT_MS = 15_000
const LONGEST_WAIT_MS = 5 * 60_000
const LONGEST_BACK_OFF_MS = 30_000

export interface ClientOptions {
  environment?: Readonly<Record<string, string | undefined>>
  /** The first wait between two attempts; each further one is twice as long. */
  backOffMs?: number
}

const Models = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) })

export class EndpointClient {
  readonly config: EndpointConfig
  private readonly key: string | null
  private readonly backOffMs: number
  private readonly agent: http.Agent
  private running = 0
  private readonly queue: (() => void)[] = []

  /** Throws `endpoint` where the variable that should hold the key is not set. */
  constructor(config: EndpointConfig, { environment = process.env, backOffMs = 500 }: ClientOptions = {}) {
    this.config = config
    this.backOffMs = backOffMs
    this.key = config.keyVariable === null ? null : (environment[config.keyVariable] ?? '')
    if (this.key === '') {
      throw new ReflectoryError(
        'endpoint',
        config.url,
        `the environment variable ${config.keyVariable} is not set`,
        'Set it to the key of the server before the start, or leave keyVariable out.',
      )
    }
    // Agents of our own know nothing of proxies in the environment: texts go straight to the server.
    const options = { keepAlive: true, maxSockets: config.concurrency }
    this.agent = config.url.startsWith('https:') ? new https.Agent(options) : new http.Agent(options)
  }

  /** Asks which models there are. Throws `endpoint` where nothing useful answers, or the model is not among them. */
  async check(signal?: AbortSignal): Promise<void> {
    const { url, model, timeoutSeconds } = this.config
    const timeoutMs = Math.min(CHECK_TIMEOUT_MS, timeoutSeconds * 1000)
    let answer: unknown
    try {
      answer = await exchangeJson(this.exchange('GET', 'models', null, timeoutMs, signal))
    } catch (error) {
      throw this.error(error)
    }
    const models = Models.safeParse(answer)
    if (!models.success) {
      throw this.error(new ExchangeFailure('the answer is no list of models', { isPassing: false }))
    }
    const names = models.data.data.map(({ id }) => id)
    if (names.includes(model) || names.includes(`${model}:latest`)) return
    const known = names.length === 0 ? 'it has none' : `it has ${shown(names.join(', '))}`
    const problem = `the server has no model '${model}' (${known})`
    throw new ReflectoryError('endpoint', url, problem, 'Name one of its models.')
  }

  /**
   * The JSON that the server answers to a POST. Passing failures are tried again, after a wait that doubles each time
   * and varies by `random`, or the one that the server asks for. Throws `ExchangeFailure` in the end.
   */
  async post(path: string, body: object, random: RandomStream, signal?: AbortSignal): Promise<unknown> {
    await this.enter()
    try {
      for (let attempt = 0; ; attempt++) {
        try {
          const text = JSON.stringify({ model: this.config.model, ...body })
          return await exchangeJson(this.exchange('POST', path, text, this.config.timeoutSeconds * 1000, signal))
        } catch (error) {
          if (!(error instanceof ExchangeFailure) || !error.isPassing || attempt >= this.config.retries) throw error
          const backOff = Math.min(LONGEST_BACK_OFF_MS, this.backOffMs * 2 ** attempt) * (0.5 + 0.5 * random.uniform())
          if ((error.waitMs ?? 0) > LONGEST_WAIT_MS) throw error
          await wait(Math.max(backOff, error.waitMs ?? 0), undefined, signal === undefined ? {} : { signal })
        }
      }
    } finally {
      this.leave()
    }
  }

  /** A failure in the words of an error that names address and remedy. */
  error(failure: unknown): unknown {
    if (!(failure instanceof ExchangeFailure)) return failure
    const remedy = 'Check that the server runs, and that url is its address up to /v1.'
    return new ReflectoryError('endpoint', this.config.url, failure.message, remedy, { cause: failure })
  }

  release(): void {
    this.agent.destroy()
  }

  private exchange(method: 'GET' | 'POST', path: string, body: string | null, timeoutMs: number, signal?: AbortSignal) {
    const url = new URL(`${this.config.url.replace(/\/+$/, '')}/${path}`)
    const headers: Record<string, string> = this.key === null ? {} : { authorization: `Bearer ${this.key}` }
    const bounds = { timeoutMs, maximumBytes: MAXIMUM_BYTES, ...(signal === undefined ? {} : { signal }) }
    return { method, url, headers, body, agent: this.agent, ...bounds }
  }

  private async enter(): Promise<void> {
    // Whoever leaves hands its place on, so that the count stays as it is.
    if (this.running < this.config.concurrency) this.running++
    else await new Promise<void>((resolve) => this.queue.push(resolve))
  }

  private leave(): void {
    const next = this.queue.shift()
    if (next === undefined) this.running--
    else next()
  }
}
