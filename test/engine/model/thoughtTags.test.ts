/** Tags of thoughts, whatever they look like, from whatever shows them. */
import { describe, expect, it } from 'vitest'
import { ANSWER, findThoughtTags, isThoughtTag, THOUGHT } from '../../../src/engine/model/thoughtTags.ts'

const nothing = { thinking: 'Q: hi\nA:', plain: 'Q: hi\nA:', history: null, source: '', tokens: [] }
const find = (evidence: Partial<Parameters<typeof findThoughtTags>[0]>) => findThoughtTags({ ...nothing, ...evidence })

describe('findThoughtTags', () => {
  it.each([
    ['<think>', '</think>'],
    ['<thinking>', '</thinking>'],
    ['<seed:think>', '</seed:think>'],
    ['[THINK]', '[/THINK]'],
    ['◁think▷', '◁/think▷'],
    ['<|think|>', '<|/think|>'],
    ['<|begin_of_thought|>', '<|end_of_thought|>'],
    ['<|START_THINKING|>', '<|END_THINKING|>'],
    ['<reasoning>', '</reasoning>'],
  ])('knows the end of %s', (open, close) => {
    expect(find({ thinking: `A:${open}\n` })).toEqual({ tags: { open, close }, found: 'prompt' })
    expect(find({ plain: `A:${open}\n\n${close}\n\n` })).toEqual({ tags: { open, close }, found: 'empty thought' })
    const history = `A:${open}${THOUGHT}\n${close}${ANSWER}`
    expect(find({ history })).toEqual({ tags: { open, close }, found: 'earlier thought' })
    expect(find({ thinking: `Think between ${open} and ${close}!\nA:` }).found).toBe('instructions')
    expect(find({ source: `{{ content.split('${close}')[-1] }}` })).toMatchObject(
      // That an end is meant shows in its form only where it has a slash.
      close.includes('/') ? { tags: { open, close }, found: 'template' } : { found: 'assumed' },
    )
    expect(find({ tokens: ['<s>', open, close] })).toEqual({ tags: { open, close }, found: 'tokens' })
    expect([isThoughtTag(open), isThoughtTag(close)]).toEqual([true, true])
  })

  it('takes what the model reads before what only the tokenizer knows', () => {
    const tokens = ['<thinking>', '</thinking>']
    expect(find({ tokens, thinking: 'A:<think>' }).tags.open).toBe('<think>')
    expect(find({ tokens, history: `<thought>${THOUGHT}</thought>` }).tags.open).toBe('<thought>')
  })

  it.each([
    ['closing tags', 'A:</think>'],
    ['orders not to think', 'hi <|no_think|>'],
    ['words', 'A: think'],
    ['marks of other things', 'A:<|assistant|>'],
  ])('takes no %s for the beginning of a thought', (_, thinking) => {
    expect(find({ thinking }).found).toBe('assumed')
  })

  it('needs both tags of a pair among the tokens', () => {
    expect(find({ tokens: ['<think>'] }).found).toBe('assumed')
  })

  it('takes marks around the answer from instructions that come with thinking only', () => {
    const asked = 'Use <think></think> and <response></response>.'
    expect(find({ thinking: asked }).tags.answer).toEqual({ open: '<response>', close: '</response>' })
    expect(find({ thinking: asked, plain: 'Use <response></response>.' }).tags).not.toHaveProperty('answer')
  })
})
