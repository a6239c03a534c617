/** The rows of one run, table by table, as they leave a store and come into another. */
import Database from 'better-sqlite3'
import { z } from 'zod'
import { SAFE_FROM } from '../shared/harmfulText.ts'
import type { Store } from './openStore.ts'

/** One value of a row. */
export type Cell = string | number | null | Buffer
export type Cells = Cell[]

/** In an order in which whatever a row refers to comes before it. */
export const bundledTables = [
  'studies',
  'models',
  'runs',
  'datasets',
  'arms',
  'steps',
  'prompts',
  'trajectories',
  'trajectory_tokens',
  'verdicts',
  'facets',
  'annotations',
  'labels',
  'analyses',
  'notices',
] as const
export type BundledTable = (typeof bundledTables)[number]

/** What belongs to a machine and its person, not to a run; and what the store makes itself. */
export const keptAtHome = ['drafts', 'known_models', 'known_datasets', 'settings', 'queue', 'trajectory_search', 'unindexed'] as const

const ofArms = 'arm_id IN (SELECT id FROM arms WHERE run_id = @run)'
const ofTrajectories = `trajectory_id IN (SELECT id FROM trajectories WHERE ${ofArms})`

/** Which rows belong to run @run, in an order that is the same every time. */
const selections: { readonly [Table in BundledTable]: string } = {
  studies: 'id = (SELECT study_id FROM runs WHERE id = @run)',
  models: 'id = (SELECT model_id FROM runs WHERE id = @run)',
  runs: 'id = @run',
  datasets: 'run_id = @run ORDER BY name',
  arms: 'run_id = @run ORDER BY id',
  steps: `${ofArms} ORDER BY arm_id, step`,
  prompts: `id IN (SELECT prompt_id FROM trajectories WHERE ${ofArms}) ORDER BY id`,
  trajectories: `${ofArms} ORDER BY id`,
  trajectory_tokens: `${ofTrajectories} ORDER BY trajectory_id`,
  verdicts: `${ofTrajectories} ORDER BY trajectory_id, judge, component`,
  facets: `${ofArms} ORDER BY id`,
  annotations: `${ofArms} ORDER BY arm_id, key`,
  labels: `${ofArms} ORDER BY arm_id, key, component, labeller`,
  analyses: 'run_id = @run ORDER BY id',
  notices: 'run_id = @run ORDER BY id',
}

/** The trajectories whose texts are shown on request only (shared/harmfulText.ts). */
const hidden = `SELECT t.id FROM trajectories t JOIN prompts p ON p.id = t.prompt_id
  WHERE t.${ofArms} AND (p.role = 'harmful'
    OR EXISTS (SELECT 1 FROM verdicts v WHERE v.trajectory_id = t.id AND v.safe < ${SAFE_FROM}))`
const hiddenKeys = `SELECT arm_id, key FROM trajectories WHERE id IN (${hidden})`

/** What takes the place of a column where harmful texts stay at home, and when: tokens are texts too. */
const omissions: { readonly [Table in BundledTable]?: { when: string; instead: Readonly<Record<string, string>> } } = {
  prompts: { when: "role = 'harmful'", instead: { text: "''", answer: 'NULL', options: 'NULL' } },
  trajectories: { when: `id IN (${hidden})`, instead: { text: "''", thought: "''", response: "''" } },
  trajectory_tokens: {
    when: `trajectory_id IN (${hidden})`,
    instead: { prompt_tokens: "x''", tokens: "x''", log_probabilities: "x''", entropies: "x''" },
  },
  verdicts: { when: `trajectory_id IN (${hidden})`, instead: { reason: "''" } },
  annotations: { when: `(arm_id, key) IN (${hiddenKeys})`, instead: { note: "''" } },
  labels: { when: `(arm_id, key) IN (${hiddenKeys})`, instead: { note: "''" } },
}

/** A store as it was when it was opened for this, whoever writes to it meanwhile. */
export class Snapshot {
  private readonly db: Database.Database
  private readonly run: string
  /** Rows that are being read; SQLite lets go of nothing before these have ended. */
  private readonly open = new Set<IterableIterator<unknown>>()

  constructor(file: string, run: string) {
    this.db = new Database(file, { readonly: true, timeout: 5000 })
    this.db.exec('BEGIN')
    this.run = run
  }

  columns(table: BundledTable): string[] {
    return columnsOf(this.db, table)
  }

  /** Columns that hold bytes. */
  blobs(table: BundledTable): string[] {
    return this.typed(table).flatMap(({ name, type }) => (type === 'BLOB' ? [name] : []))
  }

  /** Every row; of bytes only how many there are. */
  *rows(table: BundledTable, withoutHarmful: boolean): Generator<Cells> {
    const blobs = this.blobs(table)
    const columns = this.columns(table).map((name) => {
      const value = this.value(table, name, withoutHarmful)
      return blobs.includes(name) ? `length(${value})` : value
    })
    yield* this.select(table, columns)
  }

  /** The bytes of every row, one after the other. */
  *bytes(table: BundledTable, withoutHarmful: boolean): Generator<Buffer> {
    const columns = this.blobs(table).map((name) => this.value(table, name, withoutHarmful))
    for (const row of this.select(table, columns)) for (const cell of row) if (Buffer.isBuffer(cell)) yield cell
  }

  /** Whoever was still reading rows finds no more of them. */
  close(): void {
    for (const rows of this.open) rows.return?.()
    this.db.close()
  }

  private *select(table: BundledTable, columns: readonly string[]): Generator<Cells> {
    const rows = this.db.prepare(`SELECT ${columns.join(', ')} FROM ${table} WHERE ${selections[table]}`).raw()
    const open = rows.iterate({ run: this.run })
    this.open.add(open)
    for (const row of open) yield row as Cells
    this.open.delete(open)
  }

  private value(table: BundledTable, column: string, withoutHarmful: boolean): string {
    const omission = withoutHarmful ? omissions[table] : undefined
    const instead = omission?.instead[column]
    return omission === undefined || instead === undefined ? column : `CASE WHEN ${omission.when} THEN ${instead} ELSE ${column} END`
  }

  private typed(table: BundledTable) {
    return typedColumns(this.db, table)
  }
}

export function columnsOf(db: Database.Database, table: BundledTable): string[] {
  return typedColumns(db, table).map(({ name }) => name)
}

function typedColumns(db: Database.Database, table: BundledTable): { name: string; type: string }[] {
  return z.array(z.object({ name: z.string(), type: z.string() })).parse(db.pragma(`table_info(${table})`))
}

/** The layout of a store, which a bundle names. */
export function layoutOf({ db }: Store): number {
  return z.int().parse(db.pragma('user_version', { simple: true }))
}
