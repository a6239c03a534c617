import { describe, expect, it } from 'vitest'
import { splitThought } from '../../../src/engine/model/thoughtSplit.ts'

const closed = { opensThought: false }
const opened = { opensThought: true }

describe('splitThought', () => {
  it('splits a thought that the model opened and closed', () => {
    expect(splitThought('<think>\nwait, no\n</think>\n\nI will not.', closed)).toEqual({
      state: 'complete',
      thought: 'wait, no',
      response: 'I will not.',
    })
  })

  it('splits a thought that the prompt opened', () => {
    expect(splitThought('wait, no\n</think>\n\nI will not.', opened)).toEqual({
      state: 'complete',
      thought: 'wait, no',
      response: 'I will not.',
    })
  })

  it('drops an opening tag that repeats the one of the prompt', () => {
    expect(splitThought('\n<think>\nhm</think>ok', opened)).toEqual({
      state: 'complete',
      thought: 'hm',
      response: 'ok',
    })
  })

  it('never takes an unfinished thought for a response', () => {
    expect(splitThought('<think>first I would', closed)).toEqual({
      state: 'unfinished-thought',
      thought: 'first I would',
      response: '',
    })
    expect(splitThought('first I would', opened)).toEqual({
      state: 'unfinished-thought',
      thought: 'first I would',
      response: '',
    })
    expect(splitThought('first </thin', opened).state).toBe('unfinished-thought')
  })

  it('takes all of the text for the response where no thought was opened', () => {
    expect(splitThought(' Sure.\n', closed)).toEqual({ state: 'no-thought', thought: '', response: 'Sure.' })
    expect(splitThought('', closed)).toEqual({ state: 'no-thought', thought: '', response: '' })
  })

  it('leaves tags inside the answer to the answer', () => {
    expect(splitThought('Models write <think>x</think> first.', closed)).toEqual({
      state: 'no-thought',
      thought: '',
      response: 'Models write <think>x</think> first.',
    })
    expect(splitThought('<think>a</think>Tags: <think>b</think>.', closed)).toEqual({
      state: 'complete',
      thought: 'a',
      response: 'Tags: <think>b</think>.',
    })
  })

  it('takes thoughts one behind the other for one, and what comes after other text for the answer', () => {
    expect(splitThought('<think>a</think>\n<think>\nb\n</think>\nYes, <think>c</think>.', closed)).toEqual({
      state: 'complete',
      thought: 'a\n\nb',
      response: 'Yes, <think>c</think>.',
    })
    expect(splitThought('a</think><think></think>Yes.', opened)).toEqual({
      state: 'complete',
      thought: 'a',
      response: 'Yes.',
    })
  })

  it('never takes a second thought that was cut off for a response', () => {
    expect(splitThought('<think>a</think> <think>how to', closed)).toEqual({
      state: 'unfinished-thought',
      thought: 'a\n\nhow to',
      response: '',
    })
  })

  it('takes off what a model puts around its answer, cut off or not', () => {
    const tags = { open: '<think>', close: '</think>', answer: { open: '<response>', close: '</response>' } }
    const response = (text: string) => splitThought(text, { opensThought: false, tags }).response
    expect(response('<think>a</think><response>Yes.</response>')).toBe('Yes.')
    expect(response('<think>a</think>\n<response> Yes, <response>')).toBe('Yes, <response>')
    expect(response('<response>Yes.</response>')).toBe('Yes.')
    expect(response('<think>a</think>Yes.')).toBe('Yes.')
  })

  it('takes tags by their letters: others close nothing', () => {
    expect(splitThought('<think>a</Think></ think></thinking>', closed).state).toBe('unfinished-thought')
    expect(splitThought('<thinking>a</thinking>b', closed).state).toBe('no-thought')
  })

  it('keeps an empty thought, and an answer that never came, apart', () => {
    expect(splitThought('<think>\n\n</think>\n\nYes.', closed)).toEqual({
      state: 'complete',
      thought: '',
      response: 'Yes.',
    })
    expect(splitThought('done\n</think>\n', opened)).toEqual({ state: 'complete', thought: 'done', response: '' })
  })

  it('reads other tags where told', () => {
    const tags = { open: '[thought]', close: '[answer]' }
    expect(splitThought('[thought]a[answer]b', { opensThought: false, tags })).toEqual({
      state: 'complete',
      thought: 'a',
      response: 'b',
    })
  })
})
