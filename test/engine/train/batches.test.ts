import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  epochBatches,
  checkExamples,
  microBatches,
  placeCompletions,
  readCompletions,
  type Sequence,
} from '../../../src/engine/train/batches.ts'
import { RandomStream } from '../../../src/shared/random.ts'

const options = { tokensPerMicroBatch: 128, maxRows: 6, timeMultiple: 16, maxTime: 100 }

function sequence(promptLength: number, completionLength: number, first = 1): Sequence {
  const all = Int32Array.from({ length: promptLength + completionLength }, (_, i) => first + i)
  return { promptTokens: all.slice(0, promptLength), completionTokens: all.slice(promptLength) }
}

describe('epochBatches', () => {
  it('runs 12 examples at batch 8 as 8 + 4, every example once an epoch, in another order each epoch', () => {
    const steps = [0, 1, 2, 3].map(epochBatches(12, 8, new RandomStream(5)))
    expect(steps.map((batch) => batch.length)).toEqual([8, 4, 8, 4])
    const epochs = [
      [...steps[0], ...steps[1]],
      [...steps[2], ...steps[3]],
    ]
    for (const epoch of epochs) expect([...epoch].sort((a, b) => a - b)).toEqual([...Array(12).keys()])
    expect(epochs[0]).not.toEqual(epochs[1])
  })

  it('depends on seed and step alone, so that a resumed run sees the same examples', () => {
    const whole = epochBatches(12, 8, new RandomStream(5))
    const steps = [0, 1, 2, 3].map(whole)
    expect(epochBatches(12, 8, new RandomStream(5))(3)).toEqual(steps[3])
    expect(whole(1)).toEqual(steps[1])
    expect(epochBatches(12, 8, new RandomStream(6))(3)).not.toEqual(steps[3])
  })
})

describe('microBatches', () => {
  const lengths = fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 })), {
    minLength: 1,
    maxLength: 40,
  })

  it('holds every sequence exactly once, within the token budget, in multiples of the time step', () => {
    fc.assert(
      fc.property(lengths, (pairs) => {
        const sequences = pairs.map(([p, c]) => sequence(p, c))
        const batches = microBatches(sequences, options)
        const members = batches.flatMap((batch) => batch.members)
        expect([...members].sort((a, b) => a - b)).toEqual([...sequences.keys()])
        for (const { rows, time, members } of batches) {
          expect(rows * time <= options.tokensPerMicroBatch || rows === 1).toBe(true)
          expect(time % options.timeMultiple === 0 || time === options.maxTime).toBe(true)
          expect(rows).toBeGreaterThanOrEqual(members.length)
          expect(rows).toBeLessThanOrEqual(options.maxRows)
        }
      }),
    )
  })

  it('gives the target of each completion token at the place where its value is put, and reads it back', () => {
    fc.assert(
      fc.property(lengths, (pairs) => {
        const sequences = pairs.map(([p, c], i) => sequence(p, c, 1000 * i + 1))
        const tokens = sequences.map((s) => s.completionTokens)
        for (const batch of microBatches(sequences, options)) {
          const placed = placeCompletions(batch, sequences, tokens)
          placed.forEach((value, i) => expect(value === 0 || value === batch.targets[i]).toBe(true))
          for (const { member, values } of readCompletions(batch, sequences, placed)) {
            expect([...values]).toEqual([...tokens[member]])
          }
        }
      }),
      { numRuns: 30 },
    )
  })

  it('pads at the end with token 0, lays time out first and shifts the targets by one', () => {
    const [batch] = microBatches([sequence(2, 3), sequence(1, 1, 50)], { ...options, timeMultiple: 3 })
    expect(batch).toMatchObject({ rows: 2, time: 6, members: [0, 1] })
    expect([...batch.tokens]).toEqual([1, 50, 2, 0, 3, 0, 4, 0, 0, 0, 0, 0])
    expect([...batch.targets]).toEqual([2, 51, 3, 0, 4, 0, 5, 0, 0, 0, 0, 0])
  })

  it('uses few shapes: one full shape a time, and powers of two for what is left', () => {
    const random = new RandomStream(1)
    const shapes = new Set<string>()
    for (let step = 0; step < 100; step++) {
      const sequences = Array.from({ length: 30 }, () => sequence(10, 1 + random.integer(50)))
      for (const batch of microBatches(sequences, options)) shapes.add(`${batch.rows}x${batch.time}`)
    }
    expect(shapes.size).toBeLessThanOrEqual(12)
  })

  it('refuses a sequence longer than the context, or without prompt or completion', () => {
    expect(() => microBatches([sequence(50, 52)], options)).toThrow('102 tokens')
    expect(() => microBatches([sequence(50, 51)], options)).not.toThrow()
    expect(() => microBatches([sequence(0, 5)], options)).toThrow('0 prompt')
  })
})

describe('checkExamples', () => {
  it('names the example that has nothing to learn', () => {
    const good = { ...sequence(1, 2), lossMask: Uint8Array.of(0, 1) }
    const bad = { ...sequence(1, 2), lossMask: Uint8Array.of(0, 0) }
    expect(() => checkExamples([good], 'pairs.json')).not.toThrow()
    expect(() => checkExamples([good, bad], 'pairs.json')).toThrow('pairs.json, example 2')
    expect(() => checkExamples([], 'pairs.json')).toThrow('no examples')
  })
})
