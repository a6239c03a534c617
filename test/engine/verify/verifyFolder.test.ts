import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { families } from '../../fixtures/families.ts'
import { describe, expect, it } from 'vitest'
import { verifyFolder } from '../../../src/engine/verify/verifyFolder.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const shared = process.env['REFLECTORY_SHARED'] ?? '../shared'
const stories = join(shared, 'models/stories260K-hf')
const missing = !existsSync(stories)
const options = { device: 'cpu', threads: 1 } as const

/** A copy of a fixture with a changed expected.json. */
function fixtureWith(change: (expected: Record<string, unknown>) => void): string {
  const folder = temporaryFolder()
  cpSync('test/fixtures/llama-a', folder, { recursive: true })
  const file = join(folder, 'expected.json')
  const expected: Record<string, unknown> = JSON.parse(readFileSync(file, 'utf8'))
  change(expected)
  writeFileSync(file, JSON.stringify(expected))
  return folder
}

describe('verifyFolder', () => {
  it('finds every quantity of an adapter over its base within its tolerance', async () => {
    const rows = await verifyFolder('test/fixtures/qwen2-lora', options)
    expect(rows.filter(({ passed }) => !passed)).toEqual([])
    expect(rows.find(({ quantity }) => quantity === 'parameters with a gradient')?.count).toBe(42)
    expect(rows).toHaveLength(18)
  })

  for (const name of families) {
    it(`finds every quantity of ${name} within its tolerance`, { timeout: 60_000 }, async () => {
      const rows = await verifyFolder(join('test/fixtures', name), options)
      expect(rows.filter(({ passed }) => !passed)).toEqual([])
      expect(rows.map(({ quantity }) => quantity)).toEqual([
        'parameters',
        'logits, right-padded',
        'logits, left-padded',
        'completion tokens',
        'completion token count',
        'completion log-probabilities',
        'completion entropies',
        'mean negative log-probability',
        'loss of the gradient',
        'parameters with a gradient',
        'gradient norms, all parameters',
        'gradient norms, chosen parameters',
        'gradient norm, whole model',
        'gradient entries (in units of their RMS)',
        'greedy tokens',
        'greedy log-probabilities',
        'greedy smallest lead of a logit',
        'greedy tokens, batch',
        'greedy smallest lead of a logit, batch',
      ])
    })
  }

  const why = missing ? ` (skipped: ${shared} is not there)` : ''
  it.skipIf(missing)(
    `finds every quantity of the story model within its tolerance${why}`,
    { timeout: 60_000 },
    async () => {
      const rows = await verifyFolder(stories, options)
      expect(rows.filter(({ passed }) => !passed)).toEqual([])
      expect(rows.map(({ count }) => count)).toEqual([512, 512, 1, 64, 64, 1, 1, 68])
    },
  )

  it('fails the one quantity that was tampered with', { timeout: 60_000 }, async () => {
    const folder = fixtureWith((expected) => {
      delete expected['greedy']
      delete expected['gradients']
      expected['right_padded'] = undefined
      expected['completion'] = { ...Object(expected['completion']), mean_nll: 7.8167 }
    })
    const rows = await verifyFolder(folder, options)
    expect(rows.filter(({ passed }) => !passed).map(({ quantity }) => quantity)).toEqual([
      'mean negative log-probability',
    ])
  })

  it('says so where nothing can be compared', async () => {
    const empty = fixtureWith((expected) => {
      for (const key of Object.keys(expected)) if (!['sequences', 'prompt_lens'].includes(key)) delete expected[key]
    })
    await expect(verifyFolder(empty, options)).rejects.toThrow(/no quantity that could be compared/)
    const foreign = fixtureWith((expected) => {
      for (const key of Object.keys(expected)) delete expected[key]
    })
    await expect(verifyFolder(foreign, options)).rejects.toThrow(/neither "sequences"/)
    await expect(verifyFolder(temporaryFolder(), options)).rejects.toThrow(/expected\.json: the file does not exist/)
  })

  it('refuses an adapter whose base model is not there', async () => {
    const folder = temporaryFolder()
    cpSync('test/fixtures/qwen2-lora', folder, { recursive: true })
    await expect(verifyFolder(folder, options)).rejects.toThrow(/base_model_name_or_path: the base model \.\.\/qwen2-a is not a folder/)
  })
})
