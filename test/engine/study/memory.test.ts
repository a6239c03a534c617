import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { planAdapter } from '../../../src/engine/model/adapter.ts'
import { estimateMemory, fitTraining, memoryUses, totalBytes } from '../../../src/engine/study/memory.ts'
import { SftArm } from '../../../src/shared/arms.ts'
import { measuredConfig, type MeasuredShape } from './measuredStep.ts'

const shapes: [string, MeasuredShape][] = [
  ['a small model on long texts', { width: 192, layers: 6, words: 2048, rows: 1, time: 1024, recompute: false, rank: null }],
  ['a wider model', { width: 512, layers: 6, words: 4096, rows: 8, time: 128, recompute: false, rank: null }],
  ['a wider model with inner values computed again', { width: 512, layers: 6, words: 4096, rows: 8, time: 128, recompute: true, rank: null }],
  ['an adapter over a wide model', { width: 768, layers: 6, words: 8192, rows: 8, time: 128, recompute: false, rank: 8 }],
]

describe('the estimate of memory', () => {
  // Each in a process of its own, whose peak is that of one training step.
  it.each(shapes)('is within 20%% of the measured peak for %s', async (_, shape) => {
    const program = join(import.meta.dirname, 'measuredStep.ts')
    const env = { ...process.env, MALLOC_MMAP_THRESHOLD_: String(2 ** 25), MALLOC_TRIM_THRESHOLD_: String(2 ** 30) }
    const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(shape)], { env })
    const config = measuredConfig(shape)
    const adapter = shape.rank === null ? null : planAdapter(config, { rank: shape.rank, alpha: 8, rslora: false, targets: null })
    const estimate = totalBytes(estimateMemory(config, { adapter, ...shape }, null))
    expect(Number(stdout) / estimate).toBeGreaterThan(0.8)
    expect(Number(stdout) / estimate).toBeLessThan(1.2)
  }, 60_000)
})

describe('fitTraining', () => {
  const config = measuredConfig({ ...shapes[1][1], layers: 12 })
  const arm = SftArm.parse({ name: 'sft', method: 'sft' })
  const fit = (available: number, changes = {}) => fitTraining(config, { ...arm, ...changes }, 500, available)

  it('takes the fastest way that fits', () => {
    expect(fit(1e12)).toEqual({ tokensPerMicroBatch: 1024, recompute: false })
    const whole = totalBytes(estimateMemory(config, { adapter: null, rows: 2, time: 512, recompute: false }, null))
    expect(fit(0.75 * whole).recompute).toBe(true)
  })

  it('refuses what cannot fit, with the numbers and what would help', () => {
    expect(() => fit(1e8)).toThrow(expect.objectContaining({ code: 'too-large', place: 'arms.sft' }))
    expect(() => fit(1e8)).toThrow(/training needs \d+\.\d GB beside the weights for a sequence of 512 tokens, and 0\.1 GB are free.*adapter/)
    const lora = { rank: 4, alpha: 8, rslora: false, targets: null }
    expect(fit(0.6e9, { lora })).toEqual(expect.objectContaining({ recompute: true }))
  })
})

describe('memoryUses', () => {
  const config = measuredConfig(shapes[0][1])

  it('tells what each use takes, and the longest sequence that fits', () => {
    const [sampling, adapter, whole] = memoryUses(config, 1e12)
    expect([sampling, adapter, whole].map(({ use, longest }) => [use, longest])).toEqual([['sampling', 2048], ['adapter', 2048], ['whole', 2048]])
    expect(sampling.bytes).toBeGreaterThan(0)
    expect(whole.bytes).toBeGreaterThan(adapter.bytes)
  })

  it('says that nothing fits where the weights do not', () => {
    expect(memoryUses(config, 1e7).map(({ longest }) => longest)).toEqual([null, null, null])
  })
})
