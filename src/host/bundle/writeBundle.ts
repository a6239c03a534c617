/** Writes a run, with all that was recorded of it and what its arms trained, as one zip file to take home. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import { ReflectoryError } from '../../shared/errors.ts'
import { armFolder, trainedModelIn } from '../../shared/runFolders.ts'
import { bundledTables, layoutOf, Snapshot, type BundledTable } from '../../store/bundleTables.ts'
import type { Store } from '../../store/openStore.ts'
import { findPlanned, listArms, listSources, type RunRow } from '../../store/runs.ts'
import { version } from '../version.ts'
import { bytesFile, MANIFEST, rowsFile, trainedFile, type BundledFile, type Manifest } from './manifest.ts'

export interface BundleWish {
  /** A new file. */
  to: string
  /** Texts of harmful prompts, and those that were judged unsafe, stay at home, with their tokens. */
  withoutHarmfulTexts: boolean
  /** ISO 8601. */
  now: string
  signal?: AbortSignal
  /** @param bytes that were put in so far, before compression */
  onProgress?(bytes: number): void
}

/** Rows are put together to pieces of about this size: larger ones keep compression and reading waiting for each other. */
const PIECE_BYTES = 64 * 1024
/** Text becomes a quarter in little time; numbers would not get smaller. */
const TEXT = { compress: true, compressionLevel: 1 }
const NUMBERS = { compress: false }

/** The file is there only once it is whole. Throws `disk` where it cannot be written, `cancelled` where the signal says so. */
export async function writeBundle(store: Store, run: RunRow, wish: BundleWish): Promise<Manifest> {
  if (existsSync(wish.to)) throw new ReflectoryError('disk', wish.to, 'is there already', 'Name a new file.')
  const unfinished = `${wish.to}.partial`
  const snapshot = new Snapshot(store.file, run.id)
  const manifest: Manifest = { ...describe(store, run), ...toldBy(wish), files: [] }
  const zip = new ZipFile()
  const given: Readable[] = []
  let bytes = 0
  const add = (path: string, options: { compress: boolean }, source: () => AsyncIterable<Buffer> | Iterable<Buffer>) =>
    zip.addReadStreamLazy(path, { ...options, mtime: new Date(wish.now) }, (give) => {
      const told = (piece: number) => wish.onProgress?.((bytes += piece))
      const content = Readable.from(noted(source(), told, (file) => manifest.files.push({ path, ...file })), { objectMode: false })
      given.push(content)
      give(null, content)
    })
  try {
    for (const table of bundledTables) {
      add(rowsFile(table), TEXT, () => lines(snapshot, table, wish.withoutHarmfulTexts))
      if (snapshot.blobs(table).length > 0) add(bytesFile(table), NUMBERS, () => pieces(snapshot.bytes(table, wish.withoutHarmfulTexts)))
    }
    for (const { path, file } of trainedFiles(store, run)) {
      add(path, file.endsWith('.safetensors') ? NUMBERS : TEXT, () => createReadStream(file))
    }
    // Last, when all hashes are known.
    zip.addReadStreamLazy(MANIFEST, { ...TEXT, mtime: new Date(wish.now) }, (give) => {
      give(null, Readable.from([Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)]))
    })
    zip.end()
    await pipeline(zip.outputStream, createWriteStream(unfinished), { signal: wish.signal })
    renameSync(unfinished, wish.to)
    return manifest
  } catch (error) {
    throw explain(wish, error)
  } finally {
    // The zip does not let go of what it was reading.
    for (const content of given) content.destroy()
    snapshot.close()
    if (existsSync(unfinished)) rmSync(unfinished)
  }
}

function describe(store: Store, run: RunRow): Omit<Manifest, 'madeAt' | 'withoutHarmfulTexts' | 'files'> {
  const { name, folder, hash } = findPlanned(store, run.id)
  return {
    format: 'reflectory-bundle',
    version: 1,
    layout: layoutOf(store),
    program: version,
    run: run.id,
    study: run.study,
    model: { name, folder, hash },
    sources: listSources(store, run.id).map(({ name, origin, hash }) => ({ name, file: origin, hash })),
  }
}

const toldBy = ({ now, withoutHarmfulTexts }: BundleWish) => ({ madeAt: now, withoutHarmfulTexts })

/** First the names of the columns, then an array a row; bytes stand in a file of their own, and their number here. */
function* lines(snapshot: Snapshot, table: BundledTable, withoutHarmful: boolean): Generator<Buffer> {
  let text = `${JSON.stringify({ columns: snapshot.columns(table), bytes: snapshot.blobs(table) })}\n`
  for (const row of snapshot.rows(table, withoutHarmful)) {
    text += `${JSON.stringify(row)}\n`
    if (text.length < PIECE_BYTES) continue
    yield Buffer.from(text)
    text = ''
  }
  if (text !== '') yield Buffer.from(text)
}

/** Many small ones together. */
function* pieces(parts: Iterable<Buffer>): Generator<Buffer> {
  let waiting: Buffer[] = []
  let size = 0
  for (const part of parts) {
    waiting.push(part)
    size += part.length
    if (size < PIECE_BYTES) continue
    yield Buffer.concat(waiting)
    waiting = []
    size = 0
  }
  if (size > 0) yield Buffer.concat(waiting)
}

async function* noted(
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  onPiece: (bytes: number) => void,
  onEnd: (file: Omit<BundledFile, 'path'>) => void,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of source) {
    hash.update(piece)
    bytes += piece.length
    onPiece(piece.length)
    yield piece
  }
  onEnd({ bytes, sha256: hash.digest('hex') })
}

/** Adapters and models as arms wrote them at the end of their training. */
function trainedFiles(store: Store, run: RunRow): { path: string; file: string }[] {
  return listArms(store, run.id).flatMap(({ name, seed }) => {
    const own = armFolder(run.workFolder, name, seed)
    const folder = trainedModelIn(own)
    if (!existsSync(folder)) return []
    const files = readdirSync(folder).filter((each) => statSync(join(folder, each)).isFile())
    return files.map((each) => ({ path: trainedFile(basename(own), each), file: join(folder, each) }))
  })
}

function explain({ to, signal }: BundleWish, error: unknown): unknown {
  if (error instanceof ReflectoryError) return error
  if (signal?.aborted) return new ReflectoryError('cancelled', to, 'the bundle was not finished', 'Make it again when you want it.', { cause: error })
  const problem = error instanceof Error ? error.message : String(error)
  return new ReflectoryError('disk', to, `cannot be written (${problem})`, 'Choose a file in a folder with room that this user may write to.', { cause: error })
}
