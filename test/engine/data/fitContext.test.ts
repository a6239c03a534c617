import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitContext } from '../../../src/engine/data/fitContext.ts'

const examples = [
  { fixed: 40, thought: 60 },
  { fixed: 40, thought: 61 },
  { fixed: 100, thought: 5 },
  { fixed: 120, thought: 0 },
]

describe('fitContext', () => {
  it('refuses with the counts and the remedy', () => {
    expect(() => fitContext(examples, 100, 'refuse', 'pairs.json')).toThrow(
      'pairs.json: 3 of 4 rows do not fit the context of 100 tokens (the longest has 120). ' +
        'Leave them out (on the command line --too-long drop), ' +
        'or shorten the thought of 1 (--too-long truncate-thought). ' +
        'In the window: New study, Model, "What does not fit the context".',
    )
    expect(fitContext(examples, 120, 'refuse', 'pairs.json').kept).toBe(4)
  })

  it('drops what is too long', () => {
    const plan = fitContext(examples, 100, 'drop', '')
    expect(plan.fits.map(({ kind }) => kind)).toEqual(['keep', 'drop', 'drop', 'drop'])
  })

  it('shortens the thought only, and drops where nothing of it would remain', () => {
    const plan = fitContext(examples, 100, 'truncate-thought', '')
    expect(plan.fits[1]).toEqual({ kind: 'truncate-thought', thoughtTokens: 60 })
    expect(plan).toMatchObject({ kept: 1, truncated: 1, dropped: 2 })
  })

  it('never leaves an example longer than the context, and never cuts one that fits', () => {
    const lengths = fc.array(fc.record({ fixed: fc.nat(50), thought: fc.nat(50) }))
    fc.assert(
      fc.property(lengths, fc.nat(80), (list, context) => {
        const { fits, kept, dropped, truncated } = fitContext(list, context, 'truncate-thought', '')
        expect(kept + dropped + truncated).toBe(list.length)
        fits.forEach((fit, i) => {
          const { fixed, thought } = list[i]
          if (fit.kind === 'keep') expect(fixed + thought).toBeLessThanOrEqual(context)
          else expect(fixed + thought).toBeGreaterThan(context)
          if (fit.kind === 'truncate-thought') {
            expect(fixed + fit.thoughtTokens).toBe(context)
            expect(fit.thoughtTokens).toBeLessThan(thought)
          }
        })
      }),
    )
  })
})
