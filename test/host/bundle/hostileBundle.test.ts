/** Bundles that are damaged or made up: each is refused with the reason, and the store stays as it was. */
import { createHash } from 'node:crypto'
import { createWriteStream, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { buffer } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openPromise } from 'yauzl'
import { ZipFile } from 'yazl'
import { readBundle } from '../../../src/host/bundle/readBundle.ts'
import { Manifest } from '../../../src/host/bundle/manifest.ts'
import { writeBundle } from '../../../src/host/bundle/writeBundle.ts'
import { hashStudy } from '../../../src/host/runs.ts'
import { openStore, type Store } from '../../../src/store/openStore.ts'
import { study } from '../../sampleStudy.ts'
import { record } from '../report/recordedRuns.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

/** The files of an honest bundle by their names, manifest.json among them. */
type Files = Map<string, Buffer>

const folderOf = (): string => {
  const folder = temporaryFolder()
  return folder
}

async function honestFile(): Promise<string> {
  const { store, run } = record()
  store.db.prepare('UPDATE studies SET config_hash = ?').run(hashStudy(study))
  const to = join(folderOf(), 'home.zip')
  await writeBundle(store, run, { to, withoutHarmfulTexts: false, now: '2026-02-03T04:05:06.000Z' })
  return to
}

async function filesOf(file: string): Promise<Files> {
  const zip = await openPromise(file, { lazyEntries: true, autoClose: false })
  const files: Files = new Map()
  for await (const entry of zip.eachEntry()) files.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)))
  zip.close()
  return files
}

async function zipOf(files: Files): Promise<string> {
  const file = join(folderOf(), 'made-up.zip')
  const zip = new ZipFile()
  for (const [name, content] of files) zip.addBuffer(content, name)
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(file))
  return file
}

/** An honest bundle with one change, its manifest knowing of it. */
async function changed(name: string, change: (content: string) => string): Promise<string> {
  const files = await filesOf(await honestFile())
  files.set(name, Buffer.from(change(files.get(name)!.toString('utf8'))))
  return zipOf(signed(files))
}

/** With hashes and sizes that fit. */
function signed(files: Files): Files {
  const manifest = Manifest.parse(JSON.parse(files.get('manifest.json')!.toString()))
  manifest.files = [...files].flatMap(([path, content]) =>
    path === 'manifest.json' ? [] : [{ path, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }],
  )
  return new Map(files).set('manifest.json', Buffer.from(JSON.stringify(manifest)))
}

const edited = (change: (manifest: Record<string, unknown>) => void) => async () => {
  const files = await filesOf(await honestFile())
  const manifest = JSON.parse(files.get('manifest.json')!.toString())
  change(manifest)
  return zipOf(files.set('manifest.json', Buffer.from(JSON.stringify(manifest))))
}

function raw(change: (bytes: Buffer) => Buffer) {
  return async () => {
    const file = join(folderOf(), 'damaged.zip')
    writeFileSync(file, change(readFileSync(await honestFile())))
    return file
  }
}

const emptyStore = (): Store => {
  const store = openStore(join(folderOf(), 's.sqlite'))
  onTestFinished(() => store.close())
  return store
}

const cases: [string, () => Promise<string>, RegExp][] = [
  ['is no zip', raw(() => Buffer.from('not a zip')), /no zip file/],
  ['is cut off', raw((bytes) => bytes.subarray(0, bytes.length / 2)), /no zip file|list of files/],
  ['has a flipped bit in its numbers', raw((bytes) => flipped(bytes)), /not what it was|cannot be read|no zip/],
  ['has no manifest', async () => zipOf(new Map([['a.txt', Buffer.from('a')]])), /no manifest\.json/],
  ['has a manifest that is none', async () => zipOf(new Map([['manifest.json', Buffer.from('{')]])), /manifest\.json cannot be read/],
  ['was made by a newer version', edited((manifest) => (manifest.version = 2)), /newer version/],
  ['comes from a newer store', edited((manifest) => (manifest.layout = 10_000)), /newer version/],
  ['names a run like a path', edited((manifest) => (manifest.run = '../../x')), /manifest\.json is not one: run/],
  ['lists a path outside', edited((manifest) => (manifest.files = [{ path: '../x', bytes: 1, sha256: 'a'.repeat(64) }])), /no file that a bundle holds/],
  ['lists a trained file with a path in it', edited((manifest) => (manifest.files = [{ path: 'trained/rl-0/../../x', bytes: 1, sha256: 'a'.repeat(64) }])), /no file that a bundle holds/],
  ['holds a path outside', async () => renamed('manifest.json', '../anifest.json'), /list of files cannot be read/],
  ['holds a file that is not listed', async () => zipOf((await filesOf(await honestFile())).set('tables/extra.txt', Buffer.from('x'))), /does not list/],
  ['lacks a file that is listed', async () => without('tables/arms.jsonl'), /'tables\/arms\.jsonl' is missing/],
  ['lists another size', edited((manifest) => ((manifest.files as { bytes: number }[])[0].bytes += 1)), /bytes where/],
  ['lists another hash', edited((manifest) => ((manifest.files as { sha256: string }[])[0].sha256 = 'a'.repeat(64))), /not what it was/],
  ['has a row too short', async () => changed('tables/steps.jsonl', (text) => `${text}[1, 2]\n`), /values for|metrics of a row/],
  ['has a column that is not known', async () => changed('tables/notices.jsonl', (text) => text.replace('"level"', '"evil"').concat('[1,"small-1","x","y","z"]\n')), /not known here/],
  ['has SQL for a column', async () => changed('tables/notices.jsonl', (text) => text.replace('"level"', '"level) --"')), /names of the columns/],
  ['has a line that is no JSON', async () => changed('tables/steps.jsonl', (text) => `${text}{\n`), /no JSON/],
  ['has bytes that end too early', async () => changed('tables/trajectory_tokens.bin', (text) => text.slice(0, 3)), /end too early/],
  ['has bytes that belong to no row', async () => changed('tables/trajectory_tokens.bin', (text) => `${text}more`), /leave bytes over/],
  ['has a row that belongs to none', async () => changed('tables/verdicts.jsonl', (text) => text.replace(/\n\[\d+,/, '\n[999999,')), /belongs to a row of trajectories/],
  ['has a study that is none', async () => changed('tables/studies.jsonl', (text) => text.replace('arms', 'barms')), /study cannot be read|not one/],
  ['has a prompt under the digest of another', async () => changed('tables/prompts.jsonl', (text) => text.replace(/"[0-9a-f]{64}"/, `"${'b'.repeat(64)}"`)), /digest/],
  ['has a verdict on a part that is none', async () => changed('tables/verdicts.jsonl', (text) => text.replace('"whole"', '"whale"')), /component of a row of verdicts/],
  ['has a trajectory of a phase that is none', async () => changed('tables/trajectories.jsonl', (text) => text.replace('"evaluation"', '"evil"')), /phase of a row of trajectories/],
  ['has a result that is none', async () => changed('tables/runs.jsonl', (text) => text.replace('seconds', 'sconds')), /result of a row/],
]

describe('a bundle that', () => {
  test.each(cases)('%s is refused, and nothing is taken in', async (_, make, problem) => {
    const store = emptyStore()
    const before = readdirSync(join(store.file, '..')).sort()
    const error = await readBundle(store, await make()).then(
      () => null,
      (caught: unknown) => caught,
    )
    expect(error).toMatchObject({ name: 'ReflectoryError', problem: expect.stringMatching(problem), remedy: expect.stringMatching(/\.$/) })
    for (const table of ['runs', 'arms', 'trajectories', 'trajectory_tokens']) {
      expect(store.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), table).toBe(0)
    }
    expect(readdirSync(join(store.file, '..')).filter((name) => name !== 'runs').sort()).toEqual(before)
  })
})

test('a bomb is refused before it is unpacked', async () => {
  const files = await filesOf(await honestFile())
  files.set('trained/rl-0/model.safetensors', Buffer.alloc(50_000_000))
  const file = await zipOf(signed(files))
  const store = emptyStore()
  await expect(readBundle(store, file, { room: 10_000_000 })).rejects.toMatchObject({ code: 'disk', problem: expect.stringContaining('room') })
  expect(readdirSync(join(store.file, '..')).filter((name) => name === 'runs')).toEqual([])
})

test('a file that inflates to more than its size says is given up there', async () => {
  const files = await filesOf(await honestFile())
  const name = 'tables/notices.jsonl'
  files.set(name, Buffer.alloc(50_000_000, ' '))
  const manifest = JSON.parse(signed(files).get('manifest.json')!.toString())
  manifest.files.find(({ path }: { path: string }) => path === name).bytes = 1000
  const file = await zipOf(files.set('manifest.json', Buffer.from(JSON.stringify(manifest))))
  // The directory at the end of the zip says the same: the size stands 24 bytes into an entry of 46, which its name follows.
  const bytes = readFileSync(file)
  bytes.writeUInt32LE(1000, bytes.lastIndexOf(name) - 46 + 24)
  writeFileSync(file, bytes)
  await expect(readBundle(emptyStore(), file)).rejects.toMatchObject({ problem: expect.stringMatching(/holds more than it says/) })
})

test('a bundle that is changed between its check and its taking in is not taken in', async () => {
  const file = await honestFile()
  const store = emptyStore()
  let isChanged = false
  const onProgress = (done: number, total: number) => {
    if (isChanged || done < total / 2) return
    isChanged = true
    writeFileSync(file, flipped(readFileSync(file)))
  }
  await expect(readBundle(store, file, { onProgress })).rejects.toMatchObject({ problem: expect.stringMatching(/not what it was/) })
  expect(store.db.prepare('SELECT count(*) FROM runs').pluck().get()).toBe(0)
})

function flipped(bytes: Buffer): Buffer {
  const at = bytes.indexOf('tables/trajectory_tokens.bin') + 'tables/trajectory_tokens.bin'.length + 4
  bytes[at] ^= 1
  return bytes
}

async function without(name: string): Promise<string> {
  const files = await filesOf(await honestFile())
  files.delete(name)
  return zipOf(files)
}

/** In the bytes of the file itself: the library writes no such name. */
async function renamed(from: string, to: string): Promise<string> {
  const file = join(folderOf(), 'renamed.zip')
  writeFileSync(file, Buffer.from(readFileSync(await honestFile()).toString('latin1').replaceAll(from, to), 'latin1'))
  return file
}
