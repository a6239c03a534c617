/** Studies that wait to be run, and those that were refused: they outlive the program. */
import { z } from 'zod'
import { RpcError } from '../shared/rpc/method.ts'
import { StudyConfig } from '../shared/study.ts'
import { json } from './jsonColumn.ts'
import type { Store } from './openStore.ts'

const QueuedRow = z.object({
  id: z.string(),
  name: z.string().nullable().transform((name) => name ?? 'a study'),
  /** Null where it was put there by a version whose studies this one does not understand. */
  study: json(StudyConfig).nullable().catch(null),
  /** The run to go on with. */
  resume: z.string().nullable(),
  /** Why it was refused; null while it waits. */
  problem: json(RpcError).nullable(),
})
export type QueuedStudy = z.infer<typeof QueuedRow>

/** In the order in which they were put there. */
export function listQueued({ db }: Store): QueuedStudy[] {
  const rows = db
    .prepare("SELECT CAST(id AS TEXT) AS id, study ->> '$.name' AS name, study, resume, problem FROM queue ORDER BY queue.id")
    .all()
  return z.array(QueuedRow).parse(rows)
}

/** Gives its number in the queue. */
export function enqueue({ db }: Store, study: StudyConfig, resume: string | null): string {
  return String(db.prepare('INSERT INTO queue (study, resume) VALUES (?, ?)').run(JSON.stringify(study), resume).lastInsertRowid)
}

/** `problem` null lets it wait again. */
export function setProblem({ db }: Store, id: string, problem: RpcError | null): void {
  const text = problem === null ? null : JSON.stringify(problem)
  db.prepare('UPDATE queue SET problem = ? WHERE id = CAST(? AS INTEGER)').run(text, id)
}

export function dropQueued({ db }: Store, id: string): void {
  db.prepare('DELETE FROM queue WHERE id = CAST(? AS INTEGER)').run(id)
}
