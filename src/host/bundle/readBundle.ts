/** Takes the run of a bundle into the store: after every file was checked, under a name of its own, overwriting nothing. */
import { createWriteStream, existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { ReflectoryError } from '../../shared/errors.ts'
import { trainedModelIn } from '../../shared/runFolders.ts'
import { bundledTables, layoutOf, type BundledTable, type Cells } from '../../store/bundleTables.ts'
import type { Store } from '../../store/openStore.ts'
import { deleteRun } from '../../store/removal.ts'
import { findRun } from '../../store/runs.ts'
import { freeBytes } from '../../store/size.ts'
import { TakeIn } from '../../store/takeIn.ts'
import { atHome, type AtHome } from './atHome.ts'
import { ByteReader } from './byteReader.ts'
import { bytesFile, rowsFile, trainedParts, type Manifest } from './manifest.ts'
import { damaged, notTakenIn, openBundle, type OpenBundle } from './openBundle.ts'
import { ruleFor } from './rules.ts'

export interface TakenIn {
  /** What the run is called here. */
  runId: string
  manifest: Manifest
  /** Where its model and its data lie here, by what they hold. */
  found: AtHome
}

export interface Reading {
  signal?: AbortSignal
  onProgress?(done: number, total: number): void
  /** Bytes that may be written; without it what the disk has, less a reserve. */
  room?: number
}

/** Left alone for everything else. */
const RESERVE_BYTES = 256 * 1024 * 1024
/** Bytes of the store for a byte of the bundle: rows have indexes, and wait in the log before they are in the file. */
const ROOM_PER_BYTE = 1.5
/** A row is far shorter; a longer line comes from somebody else. */
const LINE_BYTES = 64 * 1024 * 1024
/** In one transaction: the program stays responsive between two of them, and what V8 has to keep stays small. */
const BYTES_TOGETHER = 512 * 1024
/** What a short row costs beyond its bytes. */
const ROW_BYTES = 128

/** Throws `bad-data`, `disk` or `cancelled`; the store is then as it was. */
export async function readBundle(store: Store, file: string, { signal, onProgress, room = roomIn(store) }: Reading = {}): Promise<TakenIn> {
  const bundle = await openBundle(file)
  try {
    if (bundle.manifest.layout > layoutOf(store)) {
      throw new ReflectoryError('bad-data', file, 'was made by a newer version of Reflectory', 'Update Reflectory here, or make the bundle with this version.')
    }
    const needed = bundle.bytes * ROOM_PER_BYTE
    if (needed > room) throw new ReflectoryError('disk', file, `needs ${gigabytes(needed)} GB, and there is room for ${gigabytes(room)}`, 'Make room, or take another data folder.')
    let done = 0
    const onBytes = (bytes: number) => onProgress?.((done += bytes), 2 * bundle.bytes)
    await bundle.check({ ...(signal && { signal }), onBytes })
    return await takeIn(store, file, bundle, { onBytes, isStopped: () => signal?.aborted === true })
  } finally {
    bundle.close()
  }
}

const roomIn = (store: Store): number => Math.max(0, freeBytes(store.file) - RESERVE_BYTES)
const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1)

interface Watching {
  onBytes(bytes: number): void
  isStopped(): boolean
}

async function takeIn(store: Store, file: string, bundle: OpenBundle, watching: Watching): Promise<TakenIn> {
  const { manifest } = bundle
  const runId = freeRunId(store, manifest.run)
  const workFolder = join(dirname(store.file), 'runs', runId)
  const { adapt, ...found } = atHome(store, manifest)
  const taking = new TakeIn(store, { runId, workFolder, adapt })
  try {
    for (const table of bundledTables) {
      for await (const { columns, cells, bytes } of tableRows(file, bundle, table)) {
        if (watching.isStopped()) throw notTakenIn(file)
        const wrong = ruleFor(table, columns)
        for (const row of cells) {
          const column = wrong(row)
          if (column !== null) throw damaged(file, `the ${column} of a row of ${table} is not one`)
        }
        taking.add(table, columns, cells)
        watching.onBytes(bytes)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    if (findRun(store, runId) === undefined) throw damaged(file, 'holds no run')
    for (const { path, bytes } of manifest.files) {
      if (watching.isStopped()) throw notTakenIn(file)
      if (await putTrained(bundle, path, workFolder)) watching.onBytes(bytes)
    }
    taking.finish()
    return { runId, manifest, found }
  } catch (error) {
    await deleteRun(store, runId)
    rmSync(workFolder, { recursive: true, force: true })
    throw placed(file, error)
  } finally {
    taking.close()
  }
}

/** Where it is the file of a trained model. Throws what the disk says. */
async function putTrained(bundle: OpenBundle, path: string, workFolder: string): Promise<boolean> {
  const parts = trainedParts(path)
  const content = bundle.content(path)
  if (parts === null || content === null) return false
  const folder = trainedModelIn(join(workFolder, parts.arm))
  mkdirSync(folder, { recursive: true })
  const place = join(folder, parts.name)
  try {
    await pipeline(content, createWriteStream(place))
  } catch (error) {
    if (error instanceof ReflectoryError) throw error
    throw new ReflectoryError('disk', place, 'cannot be written', 'Make room, or take another data folder that this user may write to.', { cause: error })
  }
  return true
}

/** 'demo-1', or 'demo-1-imported', 'demo-1-imported-2' where a run of that name is here. */
function freeRunId(store: Store, name: string): string {
  const isFree = (id: string) => findRun(store, id) === undefined && !existsSync(join(dirname(store.file), 'runs', id))
  if (isFree(name)) return name
  for (let number = 1; ; number++) {
    const id = `${name}-imported${number === 1 ? '' : `-${number}`}`
    if (isFree(id)) return id
  }
}

const Header = z.strictObject({ columns: z.array(z.string().regex(/^[a-z_]+$/)).min(1), bytes: z.array(z.string()) })
/** There are millions of rows, and a schema would take as long as all the rest. */
const isRow = (value: unknown): value is Cells =>
  Array.isArray(value) && value.every((cell) => cell === null || typeof cell === 'string' || typeof cell === 'number')

/** Rows some at a time, with the bytes that were read for them. */
async function* tableRows(file: string, bundle: OpenBundle, table: BundledTable): AsyncGenerator<{ columns: string[]; cells: Cells[]; bytes: number }> {
  const rows = bundle.content(rowsFile(table))
  const content = bundle.content(bytesFile(table))
  if (rows === null) return
  const blobs = content === null ? null : new ByteReader(content)
  try {
    let header: z.infer<typeof Header> | null = null
    let cells: Cells[] = []
    let bytes = 0
    let number = 0
    for await (const some of lines(file, table, rows)) {
      for (const line of some) {
        number++
        const parsed = parseLine(file, table, number, line)
        if (header === null) {
          const read = Header.safeParse(parsed)
          if (!read.success) throw damaged(file, `the names of the columns of ${table} cannot be read`)
          header = read.data
          continue
        }
        if (!isRow(parsed)) throw damaged(file, `row ${number - 1} of ${table} cannot be read`)
        bytes += line.length + (header.bytes.length === 0 ? 0 : await fillBytes(file, table, header, parsed, blobs))
        cells.push(parsed)
        if (bytes + cells.length * ROW_BYTES < BYTES_TOGETHER) continue
        yield { columns: header.columns, cells, bytes }
        cells = []
        bytes = 0
      }
    }
    if (header !== null && cells.length > 0) yield { columns: header.columns, cells, bytes }
    if (blobs !== null && !(await blobs.isAtEnd())) throw damaged(file, `the rows of ${table} leave bytes over`)
  } finally {
    await rows.return()
    await content?.return()
  }
}

/** Where a column holds bytes its number says how many of the file are its own; rows take them in their order. Gives how many. */
async function fillBytes(
  file: string,
  table: BundledTable,
  { columns, bytes: names }: z.infer<typeof Header>,
  row: Cells,
  blobs: ByteReader | null,
): Promise<number> {
  let bytes = 0
  for (let i = 0; i < row.length; i++) {
    if (!names.includes(columns[i])) continue
    const count = row[i]
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 0 || count > LINE_BYTES || blobs === null) {
      throw damaged(file, `the bytes of ${table}.${columns[i]} cannot be read`)
    }
    const content = blobs.takeNow(count) ?? (await blobs.take(count))
    if (content === null) throw damaged(file, `the bytes of ${table} end too early`)
    row[i] = content
    bytes += count
  }
  return bytes
}

function parseLine(file: string, table: BundledTable, number: number, line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw damaged(file, `line ${number} of ${table} is no JSON`, error)
  }
}

/** As many at a time as end in a piece that was read. */
async function* lines(file: string, table: BundledTable, content: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  let waiting: Buffer[] = []
  let size = 0
  for await (const piece of content) {
    const end = piece.lastIndexOf(0x0a)
    if (end >= 0) {
      yield Buffer.concat([...waiting, piece.subarray(0, end)]).toString().split('\n')
      waiting = []
      size = 0
    }
    waiting.push(piece.subarray(end + 1))
    size += piece.length - end - 1
    if (size > LINE_BYTES) throw damaged(file, `a line of ${table} is longer than any row`)
  }
  if (size > 0) yield [Buffer.concat(waiting).toString()]
}

/** Rows that do not fit the store's rules come from a bundle that was made up. */
function placed(file: string, error: unknown): unknown {
  if (error instanceof ReflectoryError && error.place === 'the bundle') return damaged(file, error.problem, error)
  if (error instanceof ReflectoryError || !(error instanceof Error)) return error
  return damaged(file, `its rows do not fit together (${error.message})`, error)
}
