/** Takes the rows of a run from another store into this one: under numbers of their own, and overwriting nothing. */
import { join } from 'node:path'
import { z } from 'zod'
import { ReflectoryError } from '../shared/errors.ts'
import { bundledTables, columnsOf, type BundledTable, type Cell, type Cells } from './bundleTables.ts'
import type { Store } from './openStore.ts'
import { indexLater } from './searchIndex.ts'
import { statement } from './statements.ts'
import { promptDigest } from './trajectories.ts'

/** Columns that hold the number of a row of another table. */
const references: Readonly<Record<string, BundledTable>> = {
  study_id: 'studies',
  model_id: 'models',
  run_id: 'runs',
  arm_id: 'arms',
  prompt_id: 'prompts',
  trajectory_id: 'trajectories',
}

/** Rows of these that are here already under these columns are taken for the same. */
const recognised: { readonly [Table in BundledTable]?: readonly string[] } = {
  studies: ['config_hash'],
  models: ['hash', 'folder'],
  prompts: ['digest'],
}

/** Tables whose rows are taken as they are. */
const simple: ReadonlySet<BundledTable> = new Set(['steps', 'trajectories', 'trajectory_tokens', 'verdicts', 'facets', 'annotations', 'labels', 'notices'])

const Found = z.object({ id: z.int() }).optional()

/** Rows that come in one after the other need few pages again, and would only fill a large cache. In KiB. */
const CACHE_KIB = 16 * 1024

/** Why a run is interrupted until its last row is in. */
export const UNFINISHED_IMPORT = 'its import was not finished'

export interface Taking {
  /** Name of the run here. */
  runId: string
  workFolder: string
  /** Changes values of a row by column, as far as they speak of the machine that it comes from. */
  adapt(table: BundledTable, row: Record<string, Cell>): void
}

export class TakeIn {
  private readonly store: Store
  private readonly taking: Taking
  private readonly cacheBefore: number
  /** Numbers of rows there and here. */
  private readonly numbers = new Map<BundledTable, Map<Cell, Cell>>(bundledTables.map((table) => [table, new Map()]))
  private readonly known = new Map<BundledTable, readonly string[]>()
  private workFolderThere = ''
  private runThere = ''
  private end: { state: Cell; reason: Cell } = { state: 'interrupted', reason: UNFINISHED_IMPORT }

  constructor(store: Store, taking: Taking) {
    this.store = store
    this.taking = taking
    this.cacheBefore = z.int().parse(store.db.pragma('cache_size', { simple: true }))
    store.db.pragma(`cache_size = -${CACHE_KIB}`)
  }

  /** Adds rows in one transaction. `columns` are those of the bundle, which may know fewer than this store. */
  add(table: BundledTable, columns: readonly string[], rows: readonly Cells[]): void {
    const known = this.known.get(table) ?? columnsOf(this.store.db, table)
    this.known.set(table, known)
    const foreign = columns.find((column) => !known.includes(column))
    if (foreign !== undefined) throw damaged(`table ${table} has a column '${foreign}' that is not known here`)
    const wrong = rows.find(({ length }) => length !== columns.length)
    if (wrong !== undefined) throw damaged(`a row of ${table} has ${wrong.length} values for ${columns.length} columns`)
    this.store.transaction(() => {
      if (simple.has(table)) this.addSimple(table, columns, rows)
      else for (const cells of rows) this.addRow(table, Object.fromEntries(columns.map((column, i) => [column, cells[i]])))
    })
  }

  /** Rows that only want the numbers of other rows changed: there may be millions of them. */
  private addSimple(table: BundledTable, columns: readonly string[], rows: readonly Cells[]): void {
    // A row of facets has the number of its trajectory; other numbers are given here.
    const own = table === 'facets' ? -1 : columns.indexOf('id')
    const names = columns.filter((_, i) => i !== own)
    const referred = names.flatMap((column, i) => {
      const of = table === 'facets' && column === 'id' ? 'trajectories' : references[column]
      return of === undefined ? [] : [{ i, of }]
    })
    const insert = statement(this.store.db, `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`)
    for (const cells of rows) {
      const there = own < 0 ? undefined : cells[own]
      const row = own < 0 ? cells : cells.toSpliced(own, 1)
      for (const { i, of } of referred) row[i] = this.here(of, row[i], table)
      const { lastInsertRowid } = insert.run(row)
      if (table === 'trajectories') this.remember(table, there, Number(lastInsertRowid))
    }
  }

  private addRow(table: BundledTable, row: Record<string, Cell>): void {
    const there = row.id
    for (const [column, of] of Object.entries(references)) {
      if (row[column] !== undefined && row[column] !== null) row[column] = this.here(of, row[column], table)
    }
    if (table === 'runs') this.adaptRun(row)
    if (table === 'arms' && typeof row.checkpoint_folder === 'string') row.checkpoint_folder = this.moved(row.checkpoint_folder)
    this.taking.adapt(table, row)
    const own = this.recognise(table, row)
    if (own !== null) {
      this.remember(table, there, own)
      return
    }
    if (table === 'prompts') this.checkPrompt(row)
    if (table === 'analyses') row.request = this.asked(String(row.request))
    if (table !== 'runs') delete row.id
    // An analysis of exactly these trajectories may be here; the other is kept.
    const verb = table === 'analyses' ? 'INSERT OR IGNORE' : 'INSERT'
    const names = Object.keys(row)
    const insert = statement(
      this.store.db,
      `${verb} INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    )
    const { lastInsertRowid } = insert.run(Object.values(row))
    if (table === 'arms') indexLater(this.store, Number(lastInsertRowid))
    this.remember(table, there, table === 'runs' ? this.taking.runId : Number(lastInsertRowid))
  }

  private adaptRun(row: Record<string, Cell>): void {
    this.workFolderThere = String(row.work_folder)
    this.runThere = String(row.id)
    row.id = this.taking.runId
    row.work_folder = this.taking.workFolder
    // Checkpoints stay where the run was made.
    row.resumable = 0
    row.owner_pid = 0
    this.end = {
      state: row.state === 'running' ? 'interrupted' : row.state,
      reason: row.state === 'running' ? 'it was still running when it was bundled' : row.reason,
    }
    Object.assign(row, { state: 'interrupted', reason: UNFINISHED_IMPORT })
  }

  /** The request of an analysis, of the run as it is called here. */
  private asked(request: string): string {
    try {
      const named = (key: string, value: unknown) => (key === 'runId' && value === this.runThere ? this.taking.runId : value)
      return JSON.stringify(JSON.parse(request, named))
    } catch {
      throw damaged('what an analysis asked for cannot be read')
    }
  }

  private moved(folder: string): string {
    const isInside = this.workFolderThere !== '' && folder.startsWith(this.workFolderThere)
    return isInside ? join(this.taking.workFolder, folder.slice(this.workFolderThere.length)) : folder
  }

  /** The number here of a row that is the same. */
  private recognise(table: BundledTable, row: Record<string, Cell>): Cell {
    const by = recognised[table]
    if (by === undefined) return null
    const sql = `SELECT id FROM ${table} WHERE ${by.map((column) => `${column} = ?`).join(' AND ')}`
    const found = statement(this.store.db, sql).get(by.map((column) => row[column]))
    return Found.parse(found)?.id ?? null
  }

  /** Whoever meets this prompt here later gets its row, so its digest must be its own. */
  private checkPrompt(row: Record<string, Cell>): void {
    const { digest, text, answer, options = null } = row
    const fields = [row.key, row.source, row.role, row.category, text].map(String)
    const own = promptDigest([...fields, answer === null ? null : String(answer)], options === null ? null : String(options))
    if (own === digest) return
    if (text !== '') throw damaged('a prompt is not the one that its digest names')
    // Its text stayed at home; here it must not stand in for the prompt itself.
    row.digest = `without text: ${String(digest)} ${this.taking.runId}`
  }

  /** Says that all is there: until then the run is one whose import was not finished. */
  finish(): void {
    const { state, reason } = this.end
    this.store.transaction(() => {
      this.store.db.prepare('UPDATE runs SET state = ?, reason = ? WHERE id = ?').run(state, reason, this.taking.runId)
    })
  }

  /** Leaves the connection as it was; whatever became of the rows. */
  close(): void {
    this.store.db.pragma(`cache_size = ${this.cacheBefore}`)
  }

  private remember(table: BundledTable, there: Cell | undefined, here: Cell): void {
    if (there !== undefined) this.numbers.get(table)!.set(there, here)
  }

  private here(table: BundledTable, there: Cell, by: BundledTable): Cell {
    const here = this.numbers.get(table)!.get(there)
    if (here === undefined) throw damaged(`a row of ${by} belongs to a row of ${table} that is not there`)
    return here
  }
}

function damaged(problem: string): ReflectoryError {
  return new ReflectoryError('bad-data', 'the bundle', problem, 'Make the bundle again where the run is.')
}
