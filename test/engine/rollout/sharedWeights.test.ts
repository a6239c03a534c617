import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

// In a process of its own, whose memory is that of the weights and the sessions.
it('a further session over the same frozen weights adds at most 5% of their bytes', async () => {
  const program = join(import.meta.dirname, 'sessionMemory.ts')
  const env = { ...process.env, MALLOC_MMAP_THRESHOLD_: String(2 ** 25), MALLOC_TRIM_THRESHOLD_: String(2 ** 30) }
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program], { env })
  const { weights, added } = JSON.parse(stdout)
  expect(weights).toBeGreaterThan(2e8)
  expect(added).toBeLessThan(0.05 * weights)
}, 60_000)
