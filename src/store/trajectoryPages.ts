/** Pages of trajectories by key, over any filter, fast in a store of a million: ids come from the narrow table of facets. */
import { z } from 'zod'
import { TrajectoryFilter, TrajectoryRow, type PageAt } from '../shared/rpc/trajectories.ts'
import { Compliance, Correctness, PromptRole } from '../shared/trajectory.ts'
import type { Store } from './openStore.ts'
import { everyWord } from './trajectories.ts'

/** Counts stop here. */
const COUNT_LIMIT = 10_000
/** Characters of a text in a list. */
const BEGINNING = 200

interface Query {
  from: string
  conditions: string[]
  parameters: Record<string, string | number>
  /** The column that rows are ordered and paged by. */
  key: string
}

/** Null where nothing can match: a run or arm that is not there. */
function queryOf(store: Store, filter: TrajectoryFilter): Query | null {
  const { search, runId, arm, seed, verdicts, label } = filter
  const parameters: Query['parameters'] = {}
  const conditions: string[] = []
  // FTS5 gives its matches in the order of their ids, so that a page of a common word ends early.
  const from = search === undefined ? 'facets f' : 'trajectory_search s CROSS JOIN facets f ON f.id = s.rowid'
  if (search !== undefined) {
    conditions.push('trajectory_search MATCH @match')
    parameters.match = everyWord(search)
  }
  const key = search === undefined ? 'f.id' : 's.rowid'
  if (runId !== undefined || arm !== undefined || seed !== undefined) {
    const arms = armsOf(store, filter)
    if (arms.length === 0) return null
    // Trajectories of one run lie together: the range spares the rest of the table, the unary plus a sort by the index.
    const range = rangeOf(store, arms)
    if (range === null) return null
    conditions.push(`${key} BETWEEN @lowest AND @highest`)
    Object.assign(parameters, range)
    conditions.push(arms.length === 1 ? `f.arm_id = ${arms[0]}` : `+f.arm_id IN (${arms.join(', ')})`)
  }
  for (const [field, column] of Object.entries(columns)) {
    const value = filter[field as keyof typeof columns]
    if (value === undefined) continue
    conditions.push(`f.${column} = @${field}`)
    parameters[field] = value
  }
  for (const [component, verdict] of Object.entries(verdicts ?? {})) {
    conditions.push(`f.${component} = @${component}Class`)
    parameters[`${component}Class`] = verdict
  }
  if (filter.rewardFrom !== undefined) conditions.push('f.reward >= @rewardFrom')
  if (filter.rewardTo !== undefined) conditions.push('f.reward <= @rewardTo')
  Object.assign(parameters, {
    ...(filter.rewardFrom === undefined ? {} : { rewardFrom: filter.rewardFrom }),
    ...(filter.rewardTo === undefined ? {} : { rewardTo: filter.rewardTo }),
  })
  if (label !== undefined) {
    conditions.push(`f.id IN (SELECT t.id FROM annotations a JOIN trajectories t ON t.arm_id = a.arm_id AND t.key = a.key
      WHERE a.label = @label)`)
    parameters.label = label
  }
  return { from, conditions, parameters, key }
}

/** Filter field -> column of facets, for those that must be equal. */
const columns = {
  phase: 'phase',
  step: 'step',
  splitState: 'split_state',
  role: 'role',
  category: 'category',
} as const

function armsOf({ db }: Store, { runId, arm, seed }: TrajectoryFilter): number[] {
  const conditions = ['1']
  if (runId !== undefined) conditions.push('run_id = @runId')
  if (arm !== undefined) conditions.push('name = @arm')
  if (seed !== undefined) conditions.push('seed = @seed')
  const rows = db
    .prepare(`SELECT id FROM arms WHERE ${conditions.join(' AND ')}`)
    .pluck()
    .all({ runId, arm, seed })
  return z.array(z.int()).parse(rows)
}

function rangeOf({ db }: Store, arms: readonly number[]): { lowest: number; highest: number } | null {
  const end = (which: 'min' | 'max') => {
    const find = db.prepare(`SELECT ${which}(id) FROM facets WHERE arm_id = ?`).pluck()
    return arms.flatMap((arm) => z.int().nullable().parse(find.get(arm)) ?? [])
  }
  const lows = end('min')
  return lows.length === 0 ? null : { lowest: Math.min(...lows), highest: Math.max(...end('max')) }
}

function select(store: Store, query: Query, extra: string[], parameters: object, order: 'ASC' | 'DESC', limit: number): number[] {
  const where = [...query.conditions, ...extra].join(' AND ') || '1'
  const sql = `SELECT ${query.key} FROM ${query.from} WHERE ${where} ORDER BY ${query.key} ${order} LIMIT ${limit}`
  return z.array(z.int()).parse(store.db.prepare(sql).pluck().all({ ...query.parameters, ...parameters }))
}

export interface IdPage {
  /** In the order of recording. */
  ids: number[]
  hasBefore: boolean
  hasAfter: boolean
}

/** The ids of one page. Beyond the last row, an empty page. */
export function pageOfIds(store: Store, filter: TrajectoryFilter, page: PageAt, limit: number): IdPage {
  const query = queryOf(store, filter)
  if (query === null) return { ids: [], hasBefore: false, hasAfter: false }
  const { key } = query
  const isThere = (condition: string, id: number) =>
    select(store, query, [condition], { id }, condition.includes('<') ? 'DESC' : 'ASC', 1).length > 0
  if (page.at === 'last' || page.at === 'before') {
    const extra = page.at === 'before' ? [`${key} < @id`] : []
    const found = select(store, query, extra, page.at === 'before' ? { id: page.id } : {}, 'DESC', limit + 1)
    const ids = found.slice(0, limit).reverse()
    const hasAfter = page.at === 'before' && isThere(`${key} > @id`, ids.at(-1) ?? page.id - 1)
    return { ids, hasBefore: found.length > limit, hasAfter }
  }
  const [extra, parameters] = {
    first: () => [[], {}] as const,
    after: () => [[`${key} > @id`], { id: page.at === 'after' ? page.id : 0 }] as const,
    step: () => [[`${key} >= @id`], { id: page.at === 'step' ? firstOfStep(store, query, page.step) : 0 }] as const,
  }[page.at]()
  const found = select(store, query, [...extra], parameters, 'ASC', limit + 1)
  const ids = found.slice(0, limit)
  const hasBefore = page.at !== 'first' && isThere(`${key} < @id`, ids[0] ?? Number.MAX_SAFE_INTEGER)
  return { ids, hasBefore, hasAfter: found.length > limit }
}

/** The first row of this step or of a later one; beyond every row where there is none. */
function firstOfStep(store: Store, query: Query, step: number): number {
  return select(store, query, ['f.step >= @fromStep'], { fromStep: step }, 'ASC', 1)[0] ?? Number.MAX_SAFE_INTEGER
}

export function countMatches(store: Store, filter: TrajectoryFilter): { count: number; capped: boolean } {
  const query = queryOf(store, filter)
  if (query === null) return { count: 0, capped: false }
  const where = query.conditions.join(' AND ') || '1'
  const sql = `SELECT count(*) FROM (SELECT 1 FROM ${query.from} WHERE ${where} LIMIT ${COUNT_LIMIT + 1})`
  const count = z.int().parse(store.db.prepare(sql).pluck().get(query.parameters))
  return { count: Math.min(count, COUNT_LIMIT), capped: count > COUNT_LIMIT }
}

export function neighboursOf(store: Store, filter: TrajectoryFilter, id: number) {
  const query = queryOf(store, filter)
  if (query === null) return { previous: null, next: null }
  return {
    previous: select(store, query, [`${query.key} < @id`], { id }, 'DESC', 1)[0] ?? null,
    next: select(store, query, [`${query.key} > @id`], { id }, 'ASC', 1)[0] ?? null,
  }
}

/** Trajectories of the same prompt in the same run. */
export function samePromptIds({ db }: Store, id: number, limit: number): number[] {
  const rows = db
    .prepare(
      `SELECT t.id FROM trajectories t JOIN arms ON arms.id = t.arm_id
      WHERE t.prompt_id = (SELECT prompt_id FROM trajectories WHERE id = @id)
        AND run_id = (SELECT run_id FROM trajectories JOIN arms ON arms.id = arm_id WHERE trajectories.id = @id)
      ORDER BY arms.position, t.phase, t.step, t.sample_index LIMIT @limit`,
    )
    .pluck()
    .all({ id, limit })
  return z.array(z.int()).parse(rows)
}

const Row = z.object({
  id: z.int(),
  runId: z.string(),
  arm: z.string(),
  seed: z.int(),
  phase: TrajectoryRow.shape.phase,
  step: z.int(),
  sampleIndex: z.int(),
  role: PromptRole,
  category: z.string(),
  splitState: TrajectoryRow.shape.splitState,
  thoughtClass: TrajectoryRow.shape.verdicts.shape.thought,
  responseClass: TrajectoryRow.shape.verdicts.shape.response,
  wholeClass: TrajectoryRow.shape.verdicts.shape.whole,
  compliance: Compliance.nullable(),
  correctness: Correctness.nullable(),
  reward: z.number().nullable(),
  label: z.string().nullable(),
  hasNote: z.int(),
  prompt: z.string(),
  thought: z.string(),
  response: z.string(),
})

/** A row with nothing hidden. */
export type FullRow = TrajectoryRow & { texts: NonNullable<TrajectoryRow['texts']> }

/** Rows of these ids in their order, with the beginnings of all texts: hiding some of them is for the caller. */
export function readRows({ db }: Store, ids: readonly number[], textLength = BEGINNING): FullRow[] {
  const find = db.prepare(`
    SELECT f.id, arms.run_id AS runId, arms.name AS arm, arms.seed, f.phase, f.step, t.sample_index AS sampleIndex,
      f.role, f.category, f.split_state AS splitState, f.thought AS thoughtClass, f.response AS responseClass,
      f.whole AS wholeClass, t.compliance, t.correctness, f.reward, a.label, COALESCE(a.note, '') <> '' AS hasNote,
      substr(p.text, 1, ${textLength}) AS prompt, substr(t.thought, 1, ${textLength}) AS thought,
      substr(t.response, 1, ${textLength}) AS response
    FROM facets f JOIN trajectories t ON t.id = f.id JOIN arms ON arms.id = f.arm_id JOIN prompts p ON p.id = f.prompt_id
      LEFT JOIN annotations a ON a.arm_id = t.arm_id AND a.key = t.key
    WHERE f.id = ?`)
  return ids.flatMap((id) => {
    const found = find.get(id)
    if (found === undefined) return []
    const { thoughtClass, responseClass, wholeClass, hasNote, prompt, thought, response, ...row } = Row.parse(found)
    return {
      ...row,
      verdicts: { thought: thoughtClass, response: responseClass, whole: wholeClass },
      hasNote: hasNote === 1,
      texts: { prompt, thought, response },
      snippet: null,
    }
  })
}

/** The whole text that a search looks at. */
export function writtenText({ db }: Store, id: number): string {
  return z.string().parse(db.prepare('SELECT text FROM trajectories WHERE id = ?').pluck().get(id))
}

const Facets = z.object({
  runs: z.array(z.object({ id: z.string(), study: z.string() })),
  arms: z.array(z.string()),
  seeds: z.array(z.int()),
  categories: z.array(z.object({ role: PromptRole, category: z.string() })),
  labels: z.array(z.string()),
  lastStep: z.int(),
})

/** What there is to filter by, in one run or in all. */
export function readFacets({ db }: Store, runId: string | undefined): z.infer<typeof Facets> {
  const ofRun = runId === undefined ? '1' : 'run_id = @runId'
  const all = (sql: string) => db.prepare(sql).all({ runId })
  const column = (sql: string) => db.prepare(sql).pluck().all({ runId })
  return Facets.parse({
    runs: all(`SELECT runs.id, studies.name AS study FROM runs JOIN studies ON studies.id = study_id
      ORDER BY started_at DESC LIMIT 500`),
    arms: column(`SELECT DISTINCT name FROM arms WHERE ${ofRun} ORDER BY name LIMIT 200`),
    seeds: column(`SELECT DISTINCT seed FROM arms WHERE ${ofRun} ORDER BY seed LIMIT 200`),
    categories: all('SELECT DISTINCT role, category FROM prompts ORDER BY role, category LIMIT 500'),
    labels: column('SELECT DISTINCT label FROM annotations WHERE label IS NOT NULL ORDER BY label LIMIT 200'),
    lastStep: db.prepare(`SELECT COALESCE(max(steps), 0) FROM arms WHERE ${ofRun}`).pluck().get({ runId }),
  })
}
