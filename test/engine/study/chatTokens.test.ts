import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ChatTokens, lengthOf } from '../../../src/engine/study/chatTokens.ts'
import { openStudyModel } from '../../../src/engine/study/studyModel.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'
import { writeTinyHarbor } from './tinyHarbor.ts'

function harborChat() {
  const folder = join(temporaryFolder(), 'model')
  writeTinyHarbor(folder)
  const model = openStudyModel(folder)
  const read = (tokens: Int32Array) => model.tokenizer.decode(tokens, { skipSpecialTokens: false })
  return { chat: new ChatTokens(model), read, model }
}

const pair = {
  prompt: 'the answer',
  thought: 'wait , let me check . the answer is safe .',
  response: 'the answer is no .',
}

it('teaches the completion with its tags and its end, and nothing of the prompt', () => {
  const { chat, read } = harborChat()
  const { example, thought } = chat.pair(pair)
  expect(example.promptTokens).toEqual(chat.prompt(pair.prompt, true).tokens)
  expect(read(example.completionTokens)).toMatch(/^<think>.*check.*<\/think>.*no \.\s*<\|end\|>$/)
  expect(example.lossMask).toEqual(new Uint8Array(example.completionTokens.length).fill(1))
  expect(thought).toBe(11)
})

it('renders a pair without a thought as one in non-thinking mode', () => {
  const { chat, read } = harborChat()
  const { example, thought } = chat.pair({ ...pair, thought: '' })
  expect(thought).toBe(0)
  expect(example.promptTokens).toEqual(chat.prompt(pair.prompt, false).tokens)
  expect(read(example.completionTokens)).not.toContain('think>')
})

it('shortens the thought alone, to what is left beside prompt and response', () => {
  const { chat, read } = harborChat()
  const { example } = chat.pair(pair)
  const limit = lengthOf(example) - 4
  const shortened = chat.shortened(pair, 7, limit)
  expect(shortened && lengthOf(shortened)).toBe(limit)
  expect(shortened && read(shortened.completionTokens)).toMatch(/^<think>\s*wait.*<\/think>.*no \.\s*<\|end\|>$/)
  expect(chat.shortened(pair, 7, lengthOf(example) - 11)).toBeNull()
})

it('gives text, split and segments that speak of the same tokens', () => {
  const { chat } = harborChat()
  const { example } = chat.pair(pair)
  const text = chat.text(example.completionTokens, 'stop')
  const split = chat.split(text, chat.prompt(pair.prompt, true).opensThought)
  expect(split).toEqual({ state: 'complete', thought: pair.thought, response: pair.response })
  const { thought, response } = chat.segments(example.completionTokens, split)
  expect(thought.end - thought.start).toBe(11)
  expect(response.end).toBe(example.completionTokens.length)
})
