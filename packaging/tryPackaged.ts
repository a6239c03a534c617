/**
 * Runs in the Node that is shipped, on a copy of what is shipped: loads every package, opens a store, asks the packaged engine, and
 * reads the window's files as its page asks for them. Prints what worked, a line each; fails at the first thing that fails.
 *
 * Arguments: the resources folder, an empty folder for the records.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { filesBelow } from './folder.ts'
import { importsOf, packageOf } from './imports.ts'

interface Reply {
  ok: boolean
  value?: unknown
}
interface Desk {
  call(method: string, input: object): Promise<Reply>
  close(): Promise<void>
}
interface ServedWindow {
  builtWindow: string
  windowFile(folder: string, path: string): Promise<{ body: Uint8Array } | null>
}

/** Files of the window as the build names them, wherever a text has one. */
const NAMED = /["'(`]((?:\.{0,2}\/)?(?:assets\/)?[\w-]+-[\w-]{8}\.(?:js|css|svg|png|woff2))["')`]/g

const [resources, dataFolder] = process.argv.slice(2)
const load = (path: string) => import(pathToFileURL(join(resources, 'app/out/host', path)).href)
const { openRecords } = await load('records.js')
const { createServices } = await load('services/services.js')
const { builtWindow, windowFile }: ServedWindow = await load('window/windowFiles.js')

const say = (line: string): void => void process.stdout.write(`${line}\n`)

say(`every package loads where it is imported: ${(await loadedPackages('app')) + (await loadedPackages('engine'))}`)
const records: { store: object; close(): void } = openRecords(dataFolder, dataFolder)
const desk: Desk = createServices({ ...records, face: 'electron' })
await must('the store opens and lists its runs', 'listRuns', {}, [/"runs":\[\]/])
const computes = [/"device":"cpu","report":\{[^}]*"works":true/, /"tensorflow":\{[^}]*"works":true[^}]*WebAssembly/i]
await must('the engine computes with onnxruntime and with TensorFlow.js', 'doctor', {}, computes)
const speakers = [{ kind: 'model', model: 'harbor' }]
const asked = { prompt: 'hello', samples: 1, sampling: { maxNewTokens: 8 }, speakers }
await must('Harbor is there and answers', 'tryIt', asked, [/"samples":\[\{/])
await desk.close()
records.close()
say(`the window is served: ${await servedFiles()} files`)

/** What was left out of a package would be missed only when it is used. */
async function loadedPackages(program: string): Promise<number> {
  const folder = join(resources, program)
  const scripts = filesBelow(join(folder, 'out')).filter(({ path }) => /^(?!renderer\/).*\.js$/.test(path))
  const imports = scripts.flatMap(({ path }) => importsOf(readFileSync(join(folder, 'out', path), 'utf8')))
  const packages = new Set(imports.filter((specifier) => packageOf(specifier) !== null))
  const asker = pathToFileURL(join(folder, 'package.json'))
  for (const specifier of packages) await import(import.meta.resolve(specifier, asker))
  return packages.size
}

async function must(what: string, method: string, input: object, wanted: readonly RegExp[]): Promise<void> {
  const begunAt = performance.now()
  const reply = JSON.stringify(await desk.call(method, input))
  if (!wanted.every((pattern) => pattern.test(reply)))
    throw new Error(`${what}: no. ${method} answered ${reply.slice(0, 2000)}`)
  say(`${what} (${((performance.now() - begunAt) / 1000).toFixed(1)} s)`)
}

/** The page, and everything that it or one of its scripts and styles names. */
async function servedFiles(): Promise<number> {
  const seen = new Set(['/'])
  for (const path of seen) {
    const file = await windowFile(builtWindow, path)
    if (file === null) throw new Error(`the window asks for ${path}, which is not there`)
    if (!/\.(js|css)$|^\/$/.test(path)) continue
    const text = Buffer.from(file.body).toString('utf8')
    const folder = path === '/' ? '/' : path.slice(0, path.lastIndexOf('/') + 1)
    for (const [, name] of text.matchAll(NAMED)) {
      const from = /^assets\//.test(name) ? '/' : folder
      seen.add(new URL(name, `app://reflectory${from}`).pathname)
    }
  }
  return seen.size
}
