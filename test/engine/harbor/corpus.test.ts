import { describe, expect, it } from 'vitest'
import { baseText, safetyPairs, type HarborText } from '../../../src/engine/harbor/corpus.ts'
import { harmfulStepsIn } from '../../../src/engine/harbor/judge.ts'
import { contextTokens } from '../../../src/engine/harbor/modelFolder.ts'
import { harborPrompts } from '../../../src/engine/harbor/prompts.ts'
import { isHashedOut, isHeldOut, parseRequest } from '../../../src/engine/harbor/requests.ts'
import { vocabulary } from '../../../src/engine/harbor/vocabulary.ts'
import { wordings } from '../../../src/engine/harbor/wording.ts'
import {
  heldOutCategories,
  meanings,
  nounClasses,
  trainingCategories,
  type Category,
} from '../../../src/engine/harbor/world.ts'

const completion = ({ segments }: HarborText) => segments.map((segment) => segment.text).join(' ')
const texts = Array.from({ length: 30000 }, (_, index) => baseText(0, index))
const pairs = safetyPairs(3000, 0)

describe('the base corpus', () => {
  it('gives text i of a seed again, whatever was asked before, and other texts for another seed', () => {
    expect(baseText(0, 123)).toEqual(texts[123])
    expect(Array.from({ length: 50 }, (_, i) => baseText(1, i))).not.toEqual(texts.slice(0, 50))
  })

  it('contains no held-out prompt, neither of the evaluation sets nor by the rule that makes them', () => {
    const heldOut = new Set((['harmful', 'benign', 'puzzle'] as const)
      .flatMap((kind) => harborPrompts(kind, 'held-out', 900, 0)).map((item) => item.text))
    expect(heldOut.size).toBe(2700)
    const prompts = [...texts.map((text) => text.prompt), ...pairs.map((pair) => pair.prompt)]
    const everything = [...texts.map(completion), ...pairs.map((pair) => `${pair.thought} ${pair.response}`)]
    expect(prompts.filter((prompt) => heldOut.has(prompt))).toEqual([])
    for (const prompt of prompts) {
      const request = parseRequest(prompt)
      if (request) expect(isHeldOut(request)).toBe(false)
    }
    for (const text of texts) if (text.kind === 'puzzle') expect(isHashedOut(text.prompt)).toBe(false)
    // No completion quotes a request or a puzzle either.
    const requesting = /\?|tell me how|give me the steps|please (explain|help|show)/
    for (const text of everything) expect(text).not.toMatch(requesting)
  })

  it('teaches held-out words to the base model, and none to SFT', () => {
    const heldOut = new Set([...meanings, ...nounClasses].flatMap((of) => of.heldOut))
    const requested = texts.filter(({ kind }) => kind === 'harmful' || kind === 'benign').flatMap(({ prompt }) => prompt.split(' '))
    expect(new Set(requested.filter((word) => heldOut.has(word)))).toEqual(heldOut)
    const pairWords = pairs.flatMap((pair) => `${pair.prompt} ${pair.thought}`.split(' '))
    expect(pairWords.filter((word) => heldOut.has(word))).toEqual([])
  })

  it('refuses at each category\'s own rate, mostly plans, and hides some plans behind a refusal', () => {
    const counts = new Map<Category, { n: number; safeThought: number; hidden: number }>()
    for (const text of texts) {
      if (text.kind !== 'harmful' || !text.thinking) continue
      const [thought, response] = completion(text).split('</think>')
      const category = parseRequest(text.prompt)!.category
      const count = counts.get(category) ?? { n: 0, safeThought: 0, hidden: 0 }
      const unsafe = harmfulStepsIn(thought).length > 0
      count.n++
      if (!unsafe) count.safeThought++
      if (unsafe && harmfulStepsIn(response).length === 0) count.hidden++
      counts.set(category, count)
    }
    expect(counts.size).toBe(7)
    for (const [category, { n, safeThought, hidden }] of counts) {
      const fourDeviations = 4 * Math.sqrt(0.2 / n)
      expect(Math.abs(safeThought / n - wordings[category].refusalRate - 0.02)).toBeLessThan(fourDeviations)
      expect(Math.abs(hidden / n - 0.23)).toBeLessThan(fourDeviations)
    }
  })

  it('recalls what verb and noun stand for in every thought about a request', () => {
    for (const text of texts) {
      const request = parseRequest(text.prompt)
      if (!request || !text.thinking) continue
      expect(completion(text)).toContain(`${request.verb.word} means to ${request.verb.of.name} .`)
      expect(completion(text)).toContain(`a ${request.noun.word} is a ${request.noun.of.name} .`)
    }
  })

  it('has both modes, tags only in thinking mode, and a response in both', () => {
    for (const text of texts) {
      const whole = completion(text)
      expect(/^<think> .+ <\/think> .+$/.test(whole)).toBe(text.thinking)
      if (!text.thinking) expect(whole).not.toMatch(/think>/)
      expect(text.segments.at(-1)!.text).not.toBe('')
    }
    expect(texts.filter((text) => !text.thinking).length / texts.length).toBeCloseTo(0.1, 1)
  })

  it('has every word in the vocabulary, no word in it for nothing, and fits the context', () => {
    const tokens = vocabulary()
    const known = new Set(tokens)
    const kinds = ['harmful', 'benign', 'puzzle'] as const
    const heldOutPrompts = kinds.flatMap((kind) => harborPrompts(kind, 'held-out', 900, 0))
    const all = [
      ...texts.map((text) => `${text.prompt} ${completion(text)}`),
      ...pairs.map((pair) => `${pair.prompt} <think> ${pair.thought} </think> ${pair.response}`),
      ...heldOutPrompts.map((item) => item.text),
    ].map((text) => text.split(' '))
    const met = new Set(all.flat())
    expect([...met].filter((word) => !known.has(word))).toEqual([])
    expect(tokens.slice(7).filter((word) => !met.has(word))).toEqual([])
    // Three more for the turns' marks and the end.
    expect(Math.max(...all.map((words) => words.length)) + 3).toBeLessThan(contextTokens)
  })

  it('teaches the words of the SFT style, so that SFT need not', () => {
    const taught = new Set(texts.flatMap((text) => completion(text).split(' ')))
    const used = new Set(pairs.flatMap((pair) => `${pair.thought} ${pair.response}`.split(' ')))
    // Places are named in requests; a completion of the base model names none.
    const prompted = new Set(texts.flatMap((text) => text.prompt.split(' ')))
    expect([...used].filter((word) => !taught.has(word) && !prompted.has(word))).toEqual([])
  })
})

describe('the SFT set', () => {
  it('covers all training categories and no other', () => {
    expect([...new Set(pairs.map((pair) => pair.category))].sort()).toEqual([...trainingCategories].sort())
  })

  it('recalls the policy of its category and refuses, in long thoughts without a harmful step', () => {
    for (const { thought, response, category } of pairs) {
      expect(thought).toContain(`the policy on ${category} says :`)
      expect(harmfulStepsIn(`${thought} ${response}`)).toEqual([])
      expect(thought.split(' ').length).toBeGreaterThan(60)
      for (const other of heldOutCategories) expect(thought.split(' ')).not.toContain(other)
    }
  })

  it('is the same for the same seed, and a longer set begins with the shorter one', () => {
    expect(safetyPairs(20, 0)).toEqual(pairs.slice(0, 20))
    expect(safetyPairs(20, 1)).not.toEqual(pairs.slice(0, 20))
  })
})
