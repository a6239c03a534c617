/** Studies on the way: text that need not be valid yet. */
import { z } from 'zod'
import { Draft } from '../shared/rpc/studies.ts'
import type { Store } from './openStore.ts'

const columns = 'CAST(id AS TEXT) AS id, name, text, saved_at AS savedAt'

/** Newest first. */
export function listDrafts({ db }: Store): Draft[] {
  return z.array(Draft).parse(db.prepare(`SELECT ${columns} FROM drafts ORDER BY saved_at DESC, id DESC LIMIT 200`).all())
}

/** A draft that was deleted meanwhile is made anew. */
export function saveDraft({ db }: Store, draft: Omit<Draft, 'id'> & { id: string | null }): Draft {
  const row = db
    .prepare(
      `INSERT INTO drafts (id, name, text, saved_at) VALUES (CAST(@id AS INTEGER), @name, @text, @savedAt)
      ON CONFLICT (id) DO UPDATE SET name = @name, text = @text, saved_at = @savedAt RETURNING ${columns}`,
    )
    .get(draft)
  return Draft.parse(row)
}

export function deleteDraft({ db }: Store, id: string): void {
  db.prepare('DELETE FROM drafts WHERE id = CAST(? AS INTEGER)').run(id)
}
