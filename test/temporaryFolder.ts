/** A folder for a test, which goes when its test file is done. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Not in the system's temporary folder, where `ownFolder.ts` looks for what was left. Outside of vitest, nobody removes it. */
export function temporaryFolder(): string {
  return mkdtempSync(join(process.env.TEST_FILE_FOLDER ?? tmpdir(), 'test-'))
}
