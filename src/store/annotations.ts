/** Labels and notes that people put on trajectories. */
import type { Store } from './openStore.ts'
import { z } from 'zod'

/** Without a label and a note there is nothing to keep. Does nothing where the trajectory is gone. */
export function annotate({ db }: Store, trajectoryId: number, label: string | null, note: string, now: string): void {
  if (label === null && note === '') {
    db.prepare(
      `DELETE FROM annotations
      WHERE (arm_id, key) IN (SELECT arm_id, key FROM trajectories WHERE id = ?)`,
    ).run(trajectoryId)
    return
  }
  db.prepare(
    `INSERT INTO annotations (arm_id, key, label, note, changed_at)
    SELECT arm_id, key, @label, @note, @now FROM trajectories WHERE id = @trajectoryId
    ON CONFLICT (arm_id, key) DO UPDATE SET label = @label, note = @note, changed_at = @now`,
  ).run({ trajectoryId, label, note, now })
}

export function noteOf({ db }: Store, trajectoryId: number): string {
  const found = db
    .prepare('SELECT note FROM annotations a JOIN trajectories t ON t.arm_id = a.arm_id AND t.key = a.key WHERE t.id = ?')
    .pluck()
    .get(trajectoryId)
  return z.string().default('').parse(found)
}
