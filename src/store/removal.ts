/** Deleting runs, and giving the room back to the disk. */
import { z } from 'zod'
import type { Store } from './openStore.ts'
import { UNFINISHED_IMPORT } from './takeIn.ts'

/** Trajectories in one transaction: the program stays responsive between two of them. */
const AT_ONCE = 2000

/** Deletes a run with all that was recorded of it. Resolves once it is gone; others may use the store meanwhile. */
export async function deleteRun(store: Store, runId: string): Promise<void> {
  const { db } = store
  const some = db.prepare(
    `DELETE FROM trajectories WHERE id IN (
      SELECT t.id FROM trajectories t JOIN arms ON arms.id = t.arm_id WHERE run_id = ? LIMIT ${AT_ONCE})`,
  )
  while (store.transaction(() => some.run(runId).changes) > 0) await new Promise((resolve) => setImmediate(resolve))
  store.transaction(() => {
    db.prepare('DELETE FROM runs WHERE id = ?').run(runId)
    db.exec('DELETE FROM unindexed WHERE arm_id NOT IN (SELECT id FROM arms)')
    // Prompts come in before what answers them. What is left lying goes with the next run that is deleted.
    if (db.prepare('SELECT 1 FROM runs WHERE reason = ?').get(UNFINISHED_IMPORT) !== undefined) return
    db.exec(`
      DELETE FROM studies WHERE id NOT IN (SELECT study_id FROM runs);
      DELETE FROM models WHERE id NOT IN (SELECT model_id FROM runs);
      DELETE FROM prompts WHERE id NOT IN (SELECT prompt_id FROM trajectories);
    `)
  })
}

/** Bytes inside the file that hold nothing. */
export function reclaimableBytes({ db }: Store): number {
  const pragma = (name: string) => z.int().parse(db.pragma(name, { simple: true }))
  return pragma('freelist_count') * pragma('page_size')
}

/** Needs as much free disk as the store has content, for a while. */
export function reclaim({ db }: Store): void {
  db.exec('VACUUM')
  db.pragma('wal_checkpoint(TRUNCATE)')
}

const RunSize = z.object({ runId: z.string(), study: z.string(), state: z.string(), workFolder: z.string(), trajectories: z.int() })

/** Runs with the number of their trajectories, those of a study together. */
export function runSizes({ db }: Store): z.infer<typeof RunSize>[] {
  const rows = db
    .prepare(
      `SELECT runs.id AS runId, studies.name AS study, runs.state, work_folder AS workFolder,
        (SELECT count(*) FROM facets JOIN arms ON arms.id = arm_id WHERE run_id = runs.id) AS trajectories
      FROM runs JOIN studies ON studies.id = study_id ORDER BY studies.name, started_at`,
    )
    .all()
  return z.array(RunSize).parse(rows)
}
