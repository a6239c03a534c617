/** Runs in each test file: gives it folders of its own, removes them, and fails a file that leaves something in the system's temporary folder. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'

const own = mkdtempSync(join(tmpdir(), 'file-'))
// Some tests are somebody else for a moment.
chmodSync(own, 0o755)
const system = join(own, 'system')
mkdirSync(system)
process.env.TEST_FILE_FOLDER = own
for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = system

// Registered first, so run last: the file has closed what it opened.
afterAll(() => {
  const left = readdirSync(system)
  rmSync(own, { recursive: true, force: true, maxRetries: 5 })
  expect(left, 'left in the temporary folder; tests take temporaryFolder()').toEqual([])
})
