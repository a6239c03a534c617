/**
 * Which trajectories the full-text index holds. Those of an imported run come into it when somebody first searches: to read so many
 * texts word by word takes as long as to take them in, and most are never searched.
 */
import { z } from 'zod'
import type { Store } from './openStore.ts'
import { statement } from './statements.ts'

/** Texts in one transaction: the program stays responsive between two of them. */
const AT_ONCE = 200

const Waiting = z.object({ armId: z.int(), upTo: z.int() }).optional()
const Ids = z.array(z.int())

/** Trajectories that the arm gets from now on wait for the first search. */
export function indexLater({ db }: Store, armId: number): void {
  statement(db, 'INSERT INTO unindexed (arm_id, up_to) SELECT ?, COALESCE(max(id), 0) FROM trajectories').run(armId)
}

/** Brings some of the waiting texts into the index. Gives whether there were any: a search finds all only once there are none. */
export function indexSome(store: Store): boolean {
  const { db } = store
  return store.transaction(() => {
    const waiting = Waiting.parse(statement(db, 'SELECT arm_id AS armId, up_to AS upTo FROM unindexed ORDER BY up_to LIMIT 1').get())
    if (waiting === undefined) return false
    const { armId, upTo } = waiting
    // The unary plus: in the order of their ids, not of the arm's keys.
    const next = statement(db, `SELECT id FROM trajectories WHERE +arm_id = ? AND id > ? ORDER BY id LIMIT ${AT_ONCE}`).pluck()
    const ids = Ids.parse(next.all(armId, upTo))
    const last = ids.at(-1)
    if (last === undefined) {
      statement(db, 'DELETE FROM unindexed WHERE arm_id = ?').run(armId)
    } else {
      const add = 'INSERT INTO trajectory_search (rowid, text) SELECT id, text FROM trajectories WHERE id BETWEEN ? AND ? AND +arm_id = ?'
      statement(db, add).run(ids[0], last, armId)
      statement(db, 'UPDATE unindexed SET up_to = ? WHERE arm_id = ?').run(last, armId)
    }
    return true
  })
}
