/** A store of the first layout is brought up to date: what it holds can be filtered like anything recorded since. */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { migrations } from '../../src/store/migrations.ts'
import { openStore } from '../../src/store/openStore.ts'
import { findArmId, insertRun } from '../../src/store/runs.ts'
import { insertTrajectories } from '../../src/store/trajectories.ts'
import { pageOfIds, readRows } from '../../src/store/trajectoryPages.ts'
import { plan, trajectory } from '../sampleStudy.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

test('trajectories of the first layout get the facets that new ones get, and the old file is kept', () => {
  const file = join(temporaryFolder(), 's.sqlite')
  const store = openStore(file)
  store.transaction(() => {
    insertRun(store, { id: 'r', configHash: 'h', workFolder: '/w', startedAt: '2026', ownerPid: 1, programVersion: '1' }, plan)
    insertTrajectories(store, findArmId(store, 'r', 'base', 0), [
      trajectory('a', {}, [0.2, 0.8]),
      trajectory('b', { reward: 0.5 }, [null, 1]),
      trajectory('c', { verdicts: [] }),
    ])
  })
  const written = readRows(store, [1, 2, 3])
  store.close()
  goBackToFirst(file)
  const again = openStore(file)
  expect(readRows(again, [1, 2, 3])).toEqual(written)
  expect(written.map(({ verdicts }) => verdicts.thought)).toEqual(['unsafe', 'unscorable', 'not-judged'])
  expect(pageOfIds(again, { verdicts: { thought: 'unsafe', response: 'safe' } }, { at: 'first' }, 5).ids).toEqual([1])
  again.close()
  const backup = new Database(`${file}.layout-1.backup`, { readonly: true })
  expect(backup.pragma('user_version', { simple: true })).toBe(1)
  expect(backup.pragma('integrity_check', { simple: true })).toBe('ok')
  expect(backup.prepare('SELECT key FROM trajectories ORDER BY id').pluck().all()).toEqual(['a', 'b', 'c'])
  backup.close()
})

/** Drops all that later steps have made. */
function goBackToFirst(file: string): void {
  const first = new Database(':memory:')
  first.exec(migrations[0])
  const kept = first.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all()
  const columnsOf = (from: Database.Database, table: unknown) =>
    from.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table)
  const db = new Database(file)
  db.pragma('foreign_keys = OFF')
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").pluck().all()
  for (const table of tables) {
    if (!kept.includes(table)) {
      db.exec(`DROP TABLE ${table}`)
      continue
    }
    const known = columnsOf(first, table)
    for (const column of columnsOf(db, table)) {
      if (!known.includes(column)) db.exec(`ALTER TABLE ${table} DROP COLUMN ${column}`)
    }
  }
  first.close()
  db.pragma('user_version = 1')
  db.close()
}
