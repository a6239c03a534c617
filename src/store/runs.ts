/** Runs, arms and steps: how a study went. */
import { z } from 'zod'
import { SourceReport, StudyPlanned, type ArmSeconds } from '../shared/events.ts'
import { Measures, StudyResult } from '../shared/result.ts'
import { ArmState, RunState } from '../shared/rpc/runs.ts'
import { StudyConfig } from '../shared/study.ts'
import { json } from './jsonColumn.ts'
import type { Store } from './openStore.ts'

const flag = z.int().transform((value) => value === 1)

const RunRow = z.object({
  id: z.string(),
  study: z.string(),
  config: json(StudyConfig),
  model: z.string(),
  state: RunState,
  reason: z.string().nullable(),
  resumable: flag,
  judges: json(z.array(z.string())),
  workFolder: z.string(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  ownerPid: z.int(),
  seenAt: z.string(),
  /** Null where it is older than versions that say so. */
  programVersion: z.string().nullable(),
  result: json(StudyResult).nullable(),
})
export type RunRow = z.infer<typeof RunRow>

const selectRuns = `
  SELECT runs.id, studies.name AS study, studies.config, models.name AS model, state, reason, resumable, judges,
    work_folder AS workFolder, started_at AS startedAt, finished_at AS finishedAt, owner_pid AS ownerPid,
    seen_at AS seenAt, program_version AS programVersion, result
  FROM runs JOIN studies ON studies.id = study_id JOIN models ON models.id = model_id`

export interface NewRun {
  id: string
  configHash: string
  workFolder: string
  startedAt: string
  ownerPid: number
  programVersion: string
}

/** Creates the run with its study, model, data sets and waiting arms. Call inside a transaction. */
export function insertRun({ db }: Store, run: NewRun, plan: StudyPlanned): void {
  db.prepare(
    'INSERT INTO studies (name, config_hash, config) VALUES (?, ?, ?) ON CONFLICT (config_hash) DO NOTHING',
  ).run(plan.study.name, run.configHash, JSON.stringify(plan.study))
  const { model } = plan
  db.prepare(
    `INSERT INTO models (name, folder, hash, architecture, parameters, context_tokens) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (hash, folder) DO NOTHING`,
  ).run(model.name, model.folder, model.hash, model.architecture, model.parameters, model.contextTokens)
  db.prepare(
    `INSERT INTO runs (id, study_id, model_id, state, resumable, judges, chat_template, device, threads,
      work_folder, started_at, owner_pid, seen_at, program_version)
    VALUES (@id, (SELECT id FROM studies WHERE config_hash = @configHash),
      (SELECT id FROM models WHERE hash = @modelHash AND folder = @modelFolder),
      'running', 0, @judges, @chatTemplate, @device, @threads, @workFolder, @startedAt, @ownerPid, @startedAt, @programVersion)`,
  ).run({
    ...run,
    modelHash: model.hash,
    modelFolder: model.folder,
    judges: JSON.stringify(plan.judges),
    chatTemplate: model.chatTemplate,
    device: plan.device,
    threads: plan.threads,
  })
  plan.arms.forEach(({ arm, seed, method, steps, samplingHash = null }, position) => {
    db.prepare(
      `INSERT INTO arms (run_id, position, name, seed, method, steps, state, sampling_hash) VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?)`,
    ).run(run.id, position, arm, seed, method, steps, samplingHash)
  })
  for (const source of plan.sources) insertDataset(db, run.id, source)
}

function insertDataset(db: Store['db'], runId: string, source: SourceReport): void {
  db.prepare(
    `INSERT INTO datasets (run_id, name, origin, hash, columns, row_count, used, too_long, unreadable)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    runId,
    source.name,
    source.origin,
    source.hash,
    JSON.stringify(source.columns),
    source.rows,
    source.used,
    source.tooLong,
    JSON.stringify(source.unreadable),
  )
}

/** An interrupted run goes on under a new owner, perhaps of another version. */
export function reopenRun(
  { db }: Store,
  { id, ownerPid, programVersion }: Pick<NewRun, 'id' | 'ownerPid' | 'programVersion'>,
  now: string,
): void {
  db.prepare(
    `UPDATE runs SET state = 'running', reason = NULL, resumable = 0, finished_at = NULL, owner_pid = @ownerPid,
      program_version = @programVersion, seen_at = @now
    WHERE id = @id`,
  ).run({ id, ownerPid, programVersion, now })
}

export function touchRun({ db }: Store, id: string, now: string): void {
  db.prepare('UPDATE runs SET seen_at = ? WHERE id = ?').run(now, id)
}

/** Ends a run that did not come to its end. */
export function stopRun(
  { db }: Store,
  id: string,
  state: 'interrupted' | 'failed',
  reason: string,
  resumable: boolean,
  now: string,
): void {
  db.prepare('UPDATE runs SET state = ?, reason = ?, resumable = ?, finished_at = ?, seen_at = ? WHERE id = ?').run(
    state,
    reason,
    resumable ? 1 : 0,
    now,
    now,
    id,
  )
}

export function completeRun({ db }: Store, id: string, result: StudyResult, now: string): void {
  db.prepare(
    `UPDATE runs SET state = 'done', reason = NULL, resumable = 0, result = ?, finished_at = ?, seen_at = ?
    WHERE id = ?`,
  ).run(JSON.stringify(result), now, now, id)
}

export function findRun({ db }: Store, id: string): RunRow | undefined {
  const row = db.prepare(`${selectRuns} WHERE runs.id = ?`).get(id)
  return row === undefined ? undefined : RunRow.parse(row)
}

/** Newest first, one page; `before` is the last run of the page before. */
export function listRuns({ db }: Store, page: { limit: number; before?: { startedAt: string; id: string } }): RunRow[] {
  const { startedAt, id } = page.before ?? { startedAt: '9999', id: '' }
  const rows = db
    .prepare(`${selectRuns} WHERE (started_at, runs.id) < (?, ?) ORDER BY started_at DESC, runs.id DESC LIMIT ?`)
    .all(startedAt, id, page.limit)
  return z.array(RunRow).parse(rows)
}

/** Runs of studies of this name, newest first. */
export function runsNamed({ db }: Store, study: string): RunRow[] {
  return z
    .array(RunRow)
    .parse(db.prepare(`${selectRuns} WHERE studies.name = ? ORDER BY started_at DESC, runs.id DESC`).all(study))
}

export function runsInState({ db }: Store, state: RunState): RunRow[] {
  return z.array(RunRow).parse(db.prepare(`${selectRuns} WHERE state = ?`).all(state))
}

const ArmRow = z.object({
  id: z.int(),
  name: z.string(),
  seed: z.int(),
  method: z.enum(['base', 'sft', 'rl']),
  steps: z.int(),
  state: ArmState,
  checkpointStep: z.int().nullable(),
  checkpointFolder: z.string().nullable(),
  evaluation: json(Measures).nullable(),
  /** Null until the arm is done, and of a study that was begun before it was kept. */
  trainingSeconds: z.number().nullable(),
  evaluationSeconds: z.number().nullable(),
})
export type ArmRow = z.infer<typeof ArmRow>

export function listArms({ db }: Store, runId: string): ArmRow[] {
  const rows = db
    .prepare(
      `SELECT arms.id, name, seed, method, steps, checkpoint_step AS checkpointStep,
        checkpoint_folder AS checkpointFolder, evaluation,
        training_seconds AS trainingSeconds, evaluation_seconds AS evaluationSeconds,
        -- A run that ends early has no chance to say so of its arms.
        iif(arms.state = 'running', runs.state, arms.state) AS state
      FROM arms JOIN runs ON runs.id = run_id WHERE run_id = ? ORDER BY position`,
    )
    .all(runId)
  return z.array(ArmRow).parse(rows)
}

export function findArmId({ db }: Store, runId: string, arm: string, seed: number): number {
  const id = db.prepare('SELECT id FROM arms WHERE run_id = ? AND name = ? AND seed = ?').pluck().get(runId, arm, seed)
  return z.int({ error: `run ${runId} has no arm ${arm} with seed ${seed}` }).parse(id)
}

export function startArm({ db }: Store, armId: number): void {
  db.prepare("UPDATE arms SET state = 'running' WHERE id = ?").run(armId)
}

export function finishArm({ db }: Store, armId: number, seconds: ArmSeconds | null): void {
  db.prepare("UPDATE arms SET state = 'done', training_seconds = ?, evaluation_seconds = ? WHERE id = ?").run(seconds?.training ?? null, seconds?.evaluation ?? null, armId)
}

export function setCheckpoint({ db }: Store, armId: number, step: number, folder: string): void {
  db.prepare('UPDATE arms SET checkpoint_step = ?, checkpoint_folder = ? WHERE id = ?').run(step, folder, armId)
}

export function setEvaluation({ db }: Store, armId: number, summary: Measures): void {
  db.prepare('UPDATE arms SET evaluation = ? WHERE id = ?').run(JSON.stringify(summary), armId)
}

export function insertStep({ db }: Store, armId: number, step: number, metrics: Record<string, number>): void {
  db.prepare('INSERT OR REPLACE INTO steps (arm_id, step, metrics) VALUES (?, ?, ?)').run(
    armId,
    step,
    JSON.stringify(metrics),
  )
}

const StepRow = z.object({ step: z.int(), metrics: json(z.record(z.string(), z.number().nullable())) })
export type StepRow = z.infer<typeof StepRow>

/** Steps of an arm after `after`, in order. A metric that was not a finite number is null. */
export function listSteps({ db }: Store, armId: number, page: { after?: number; limit: number }): StepRow[] {
  return z
    .array(StepRow)
    .parse(
      db
        .prepare('SELECT step, metrics FROM steps WHERE arm_id = ? AND step > ? ORDER BY step LIMIT ?')
        .all(armId, page.after ?? -1, page.limit),
    )
}

export function insertNotice({ db }: Store, runId: string, at: string, level: string, text: string): void {
  db.prepare('INSERT INTO notices (run_id, at, level, text) VALUES (?, ?, ?, ?)').run(runId, at, level, text)
}

const NoticeRow = z.object({ at: z.string(), level: z.string(), text: z.string() })

export function listNotices({ db }: Store, runId: string): z.infer<typeof NoticeRow>[] {
  return z
    .array(NoticeRow)
    .parse(db.prepare('SELECT at, level, text FROM notices WHERE run_id = ? ORDER BY id').all(runId))
}

const PlannedRow = StudyPlanned.shape.model.extend(StudyPlanned.pick({ device: true, threads: true }).shape)

/** What the plan of a run said of its model and machine. */
export function findPlanned({ db }: Store, runId: string): z.infer<typeof PlannedRow> {
  const row = db
    .prepare(
      `SELECT device, threads, models.name, folder, architecture, parameters, context_tokens AS contextTokens,
        chat_template AS chatTemplate, hash
      FROM runs JOIN models ON models.id = model_id WHERE runs.id = ?`,
    )
    .get(runId)
  return PlannedRow.parse(row)
}

const SourceRow = z.object({
  name: z.string(),
  origin: z.string(),
  rows: z.int(),
  used: z.int(),
  tooLong: z.int(),
  unreadable: json(SourceReport.shape.unreadable),
  columns: json(SourceReport.shape.columns),
  hash: z.string().nullable(),
})

export function listSources({ db }: Store, runId: string): SourceReport[] {
  const rows = db
    .prepare(
      `SELECT name, origin, row_count AS rows, used, too_long AS tooLong, unreadable, columns, hash
      FROM datasets WHERE run_id = ? ORDER BY name`,
    )
    .all(runId)
  return z.array(SourceRow).parse(rows)
}

/** Steps of an arm recorded so far. */
export function countSteps({ db }: Store, armId: number): number {
  return z.int().parse(db.prepare('SELECT count(*) FROM steps WHERE arm_id = ?').pluck().get(armId))
}

export function countRuns({ db }: Store): number {
  return z.int().parse(db.prepare('SELECT count(*) FROM runs').pluck().get())
}
