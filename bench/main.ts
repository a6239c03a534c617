/** `npm run bench`: the engine; `npm run bench -- KIND`: another part, whose file in this folder says what it measures. */
import { parseArgs } from 'node:util'
import { describeMachine } from './verdict.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

interface Given {
  /** Rows of what is made for it. */
  rows: (usual: number) => number
  megabytes: number
  /** Where what is made is kept, or published files lie. */
  folder: string | null
}

const benches: Record<string, (given: Given) => Promise<void>> = {
  model: async ({ folder }) => (await import('./model.ts')).benchModel(folder, say),
  store: async ({ rows, folder }) => (await import('./store.ts')).benchStore(rows(1_000_000), folder, say),
  window: async ({ rows, folder }) => (await import('./window.ts')).benchWindow(rows(1_000_000), folder, say),
  eval: async () => (await import('./eval.ts')).benchEval(say),
  verdicts: async () => (await import('./verdicts.ts')).benchVerdicts(say),
  analyze: async ({ rows, folder }) => (await import('./analyze.ts')).benchAnalyze(rows(100_000), folder, say),
  data: async ({ folder, megabytes }) => (await import('./data.ts')).benchData(folder ?? '../shared/data', megabytes, say),
  report: async () => (await import('./report.ts')).benchReport(say),
  bundle: async ({ rows }) => (await import('./bundle.ts')).benchBundle(rows(90_000), say),
}

const [kind, ...rest] = process.argv.slice(2)
if (kind === undefined || kind.startsWith('-')) await import('./engine.ts')
else if (Object.hasOwn(benches, kind)) {
  const options = { rows: { type: 'string' }, megabytes: { type: 'string', default: '1024' }, folder: { type: 'string' } } as const
  const { rows, megabytes, folder } = parseArgs({ args: rest, options }).values
  say(describeMachine())
  await benches[kind]({ rows: (usual) => Number(rows ?? usual), megabytes: Number(megabytes), folder: folder ?? null })
} else {
  process.stderr.write(`there is no bench '${kind}'; there are ${Object.keys(benches).join(', ')}\n`)
  process.exitCode = 2
}
