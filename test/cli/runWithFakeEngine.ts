/** `reflectory run` with the engine of the host's tests: study file and options as JSON. */
import { fileURLToPath } from 'node:url'
import { runCommand } from '../../src/cli/run.ts'
import { nodeEngine } from '../../src/host/engineChild.ts'

const [file, options] = process.argv.slice(2)
process.exitCode = await runCommand(
  file,
  JSON.parse(options),
  nodeEngine(fileURLToPath(new URL('../host/fakeEngine.ts', import.meta.url))),
)
