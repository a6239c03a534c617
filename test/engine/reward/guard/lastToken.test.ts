import { expect, it } from 'vitest'
import { openCheckpoint } from '../../../../src/engine/model/checkpoint.ts'
import { LastToken } from '../../../../src/engine/reward/guard/lastToken.ts'
import { RandomStream } from '../../../../src/shared/random.ts'
import { families } from '../../../fixtures/families.ts'
import { lastLogits } from './tinyGuard.ts'

it.each(families)('%s: reads prompts of any length side by side as each alone', async (family) => {
  const folder = `test/fixtures/${family}`
  const { config, tensorNames, readTensor } = openCheckpoint(folder)
  const weights = new Map(tensorNames.map((name) => [name, readTensor(name)]))
  const random = new RandomStream(0, ['prompts'])
  const prompts = [1, 7, 16, 17, 40].map((length) =>
    Int32Array.from({ length }, () => 3 + random.integer(config.vocabularySize - 3)),
  )
  const reader = new LastToken(config, weights, { device: 'cpu', threads: 1 })
  const rows: Float32Array[] = []
  await reader.read(prompts, (index, row) => (rows[index] = row.slice()))
  for (const [i, prompt] of prompts.entries()) {
    const logits = await lastLogits(folder, [...prompt])
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0)
    const worst = Math.max(...rows[i].map((p, token) => Math.abs(p - Math.exp(logits[token]) / total)))
    expect(worst).toBeLessThan(1e-5)
  }
  await reader.release()
})
