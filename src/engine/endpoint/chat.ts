/** Chat completions as the OpenAI protocol has them: what is asked, and what is read of the answer. */
import { z } from 'zod'
import type { RandomStream } from '../../shared/random.ts'
import type { EndpointClient } from './client.ts'
import { ExchangeFailure } from './exchange.ts'

export interface Message {
  role: 'system' | 'user' | 'assistant'
  content: string
}

/** One token of the answer; `alternatives` are the likeliest at its place, itself among them. */
export interface AnsweredToken {
  text: string
  logProbability: number
  alternatives: readonly { text: string; logProbability: number }[]
}

export interface ChatAnswer {
  text: string
  /** What a reasoning model thought, where the server tells it apart from the answer. */
  thought: string | null
  /** Null where the server gives none. */
  tokens: readonly AnsweredToken[] | null
  finish: 'stop' | 'length'
}

const logProbability = z.number().max(0.01)
const Alternative = z.looseObject({ token: z.string(), logprob: logProbability })
const ChatCompletion = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        message: z.looseObject({
          content: z.string().nullish(),
          reasoning_content: z.string().nullish(),
          reasoning: z.string().nullish(),
        }),
        finish_reason: z.string().nullish(),
        logprobs: z
          .looseObject({
            content: z.array(Alternative.extend({ top_logprobs: z.array(Alternative).nullish() })).nullish(),
          })
          .nullish(),
      }),
    )
    .min(1),
})

/** Throws `ExchangeFailure`. `settings` are the protocol's own fields. */
export async function askChat(
  client: EndpointClient,
  messages: readonly Message[],
  settings: Readonly<Record<string, unknown>>,
  random: RandomStream,
  signal?: AbortSignal,
): Promise<ChatAnswer> {
  const received = await client.post('chat/completions', { messages, ...settings }, random, signal)
  const answer = ChatCompletion.safeParse(received)
  if (!answer.success) {
    const { path, message } = answer.error.issues[0]
    throw new ExchangeFailure(`the answer is no chat completion (${path.join('.')}: ${message})`, { isPassing: false })
  }
  const [{ message, finish_reason: finish, logprobs }] = answer.data.choices
  const tokens = logprobs?.content?.map(({ token, logprob, top_logprobs: top }) => ({
    text: token,
    logProbability: Math.min(0, logprob),
    alternatives: (top ?? []).map((each) => ({ text: each.token, logProbability: Math.min(0, each.logprob) })),
  }))
  return {
    text: message.content ?? '',
    thought: message.reasoning_content ?? message.reasoning ?? null,
    tokens: tokens ?? null,
    finish: finish === 'length' ? 'length' : 'stop',
  }
}
