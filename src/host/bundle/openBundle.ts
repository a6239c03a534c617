/** Opens a bundle and checks every file of it before anything else looks at one: it may come from anywhere. */
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createInflateRaw } from 'node:zlib'
import { openPromise, type Entry, type ZipFile } from 'yauzl'
import { z } from 'zod'
import { ReflectoryError } from '../../shared/errors.ts'
import { Manifest, MANIFEST, MANIFEST_BYTES, MOST_FILES } from './manifest.ts'

/** As zip files name the method that they pack most files with. */
const DEFLATED = 8
const PIECE_BYTES = 256 * 1024

/** A bundle that holds the files of its manifest in the sizes that it lists, and nothing else. */
export interface OpenBundle {
  manifest: Manifest
  /** Of all files. */
  bytes: number
  /** Reads every file once. Throws `bad-data` at the first that is not what it was when the bundle was made. */
  check(watching: { signal?: AbortSignal; onBytes(bytes: number): void }): Promise<void>
  /** A file piece by piece; null where there is none of that name. What was checked is checked again: the bundle may be changed meanwhile. */
  content(path: string): AsyncGenerator<Buffer, void> | null
  close(): void
}

/** Throws `bad-data` where it is no bundle, or holds other files than it says. */
export async function openBundle(file: string): Promise<OpenBundle> {
  const zip = await openZip(file)
  try {
    const entries = await entriesOf(file, zip)
    const manifest = await readManifest(file, zip, entries.get(MANIFEST))
    checkEntries(file, manifest, entries)
    const hashes = new Map(manifest.files.map(({ path, sha256 }) => [path, sha256]))
    const content = (path: string) => {
      const [entry, sha256] = [entries.get(path), hashes.get(path)]
      return entry === undefined || sha256 === undefined ? null : checked(file, zip, entry, sha256)
    }
    return {
      manifest,
      bytes: manifest.files.reduce((sum, { bytes }) => sum + bytes, 0),
      async check({ signal, onBytes }) {
        for (const { path } of manifest.files) {
          for await (const piece of content(path)!) {
            if (signal?.aborted) throw notTakenIn(file)
            onBytes(piece.length)
          }
        }
      },
      content,
      close: () => zip.close(),
    }
  } catch (error) {
    zip.close()
    throw error
  }
}

async function* checked(file: string, zip: ZipFile, entry: Entry, sha256: string): AsyncGenerator<Buffer, void> {
  const unreadable = (error: unknown) => damaged(file, `'${entry.fileName}' cannot be read (${reasonOf(error)})`, error)
  const hash = createHash('sha256')
  const stream = await contentStream(zip, entry).catch((error: unknown) => {
    throw unreadable(error)
  })
  let bytes = 0
  try {
    const pieces = stream[Symbol.asyncIterator]()
    for (;;) {
      const { done, value } = await pieces.next().catch((error: unknown) => {
        throw unreadable(error)
      })
      if (done === true) break
      const piece = z.instanceof(Buffer).parse(value)
      bytes += piece.length
      if (bytes > entry.uncompressedSize) throw damaged(file, `'${entry.fileName}' holds more than it says`)
      hash.update(piece)
      yield piece
    }
  } finally {
    stream.destroy()
  }
  if (hash.digest('hex') !== sha256) throw damaged(file, `'${entry.fileName}' is not what it was when the bundle was made`)
}

/** Inflated here, in pieces that are large enough: the library takes small ones, and each costs a turn of the program. */
async function contentStream(zip: ZipFile, entry: Entry): Promise<Readable> {
  if (entry.compressionMethod !== DEFLATED) return zip.openReadStreamPromise(entry)
  const packed = await zip.openReadStreamPromise(entry, { decodeFileData: false })
  const inflate = createInflateRaw({ chunkSize: PIECE_BYTES })
  packed.on('error', (error) => inflate.destroy(error))
  inflate.on('close', () => packed.destroy())
  return packed.pipe(inflate)
}

async function openZip(file: string): Promise<ZipFile> {
  try {
    return await openPromise(file, { lazyEntries: true, autoClose: false, strictFileNames: true, validateEntrySizes: true })
  } catch (error) {
    throw damaged(file, `is no zip file that can be read (${reasonOf(error)})`, error)
  }
}

async function entriesOf(file: string, zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>()
  try {
    for await (const entry of zip.eachEntry()) {
      if (entries.size > MOST_FILES) throw damaged(file, 'holds more files than a bundle can')
      if (entries.has(entry.fileName)) throw damaged(file, `holds '${entry.fileName}' twice`)
      entries.set(entry.fileName, entry)
    }
  } catch (error) {
    if (error instanceof ReflectoryError) throw error
    throw damaged(file, `its list of files cannot be read (${reasonOf(error)})`, error)
  }
  return entries
}

async function readManifest(file: string, zip: ZipFile, entry: Entry | undefined): Promise<Manifest> {
  if (entry === undefined) throw damaged(file, `holds no ${MANIFEST}, so it is no bundle of Reflectory`)
  if (entry.uncompressedSize > MANIFEST_BYTES) throw damaged(file, `its ${MANIFEST} is too large to be one`)
  let raw: unknown
  try {
    raw = JSON.parse((await buffer(await zip.openReadStreamPromise(entry))).toString('utf8'))
  } catch (error) {
    throw damaged(file, `its ${MANIFEST} cannot be read (${reasonOf(error)})`, error)
  }
  const newer = z.object({ format: z.literal('reflectory-bundle'), version: z.int().min(2) }).safeParse(raw)
  if (newer.success) {
    throw new ReflectoryError('bad-data', file, 'was made by a newer version of Reflectory', 'Update Reflectory here, or make the bundle with this version.')
  }
  const parsed = Manifest.safeParse(raw)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw damaged(file, `its ${MANIFEST} is not one: ${issue.path.join('.')} ${issue.message}`)
}

/** What is listed is there in that size, and nothing else. */
function checkEntries(file: string, manifest: Manifest, entries: ReadonlyMap<string, Entry>): void {
  const listed = new Set(manifest.files.map(({ path }) => path))
  if (listed.size < manifest.files.length) throw damaged(file, `its ${MANIFEST} lists a file twice`)
  for (const name of entries.keys()) {
    if (name !== MANIFEST && !listed.has(name)) throw damaged(file, `holds '${name}', which its ${MANIFEST} does not list`)
  }
  for (const { path, bytes } of manifest.files) {
    const entry = entries.get(path)
    if (entry === undefined) throw damaged(file, `'${path}' is missing`)
    if (entry.uncompressedSize !== bytes) throw damaged(file, `'${path}' has ${entry.uncompressedSize} bytes where ${bytes} are listed`)
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export function damaged(file: string, problem: string, cause?: unknown): ReflectoryError {
  return new ReflectoryError('bad-data', file, problem, 'Nothing was taken in. Copy the bundle again, or make it again where the run is.', { cause })
}

export function notTakenIn(file: string): ReflectoryError {
  return new ReflectoryError('cancelled', file, 'was not taken in', 'Take it in again when you want it.')
}
