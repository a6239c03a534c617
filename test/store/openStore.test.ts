/** Opening: new, old, newer, foreign, damaged and read-only files. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { migrations } from '../../src/store/migrations.ts'
import { openExistingStore, openStore } from '../../src/store/openStore.ts'
import { explainStoreError } from '../../src/store/storeErrors.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'store-'))

describe('openStore', () => {
  test('creates the file and its folders, and opens it again as it was', () => {
    const file = join(folder(), 'deep', 'er', 's.sqlite')
    openStore(file).close()
    const store = openStore(file)
    expect(store.db.pragma('user_version', { simple: true })).toBe(migrations.length)
    expect(store.db.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(store.db.pragma('foreign_keys', { simple: true })).toBe(1)
    store.close()
    expect(readdirSync(join(file, '..')).filter((name) => name.includes('backup'))).toEqual([])
  })

  test('refuses a store from a newer version and leaves it as it is', () => {
    const file = join(folder(), 's.sqlite')
    const store = openStore(file)
    store.db.pragma('user_version = 99')
    store.close()
    expect(() => openStore(file)).toThrow(/s\.sqlite: comes from a newer version.*layout 99.*Update Reflectory/)
    const db = new Database(file)
    expect(db.pragma('user_version', { simple: true })).toBe(99)
    db.close()
  })

  test('refuses a database of another program', () => {
    const file = join(folder(), 'other.sqlite')
    const db = new Database(file)
    db.exec('CREATE TABLE mine (x)')
    db.close()
    expect(() => openStore(file)).toThrow(/other\.sqlite: is a database of another program/)
  })

  test('refuses a file that is no database, and a folder', () => {
    const place = folder()
    const file = join(place, 'text.sqlite')
    writeFileSync(file, 'not a database at all, just a line of text that is long enough to look at'.repeat(20))
    expect(() => openStore(file)).toThrow(/is not a store, or is damaged/)
    mkdirSync(join(place, 'sub'))
    expect(() => openStore(join(place, 'sub'))).toThrow(/cannot be opened/)
  })

  test('says that a store which must exist is not there, and makes none', () => {
    const file = join(folder(), 'none.sqlite')
    expect(() => openExistingStore(file)).toThrow(/none\.sqlite: there is no store here/)
    expect(existsSync(file)).toBe(false)
  })

  test.skipIf(process.platform === 'win32')('names a read-only folder', () => {
    // Root may write to any folder except those that the kernel makes up.
    const place = process.getuid?.() === 0 ? '/sys' : folder()
    if (place !== '/sys') chmodSync(place, 0o500)
    expect(() => openStore(join(place, 's.sqlite'))).toThrow(/s\.sqlite: cannot be (opened|written to)/)
    expect(() => openStore(join(place, 'new', 's.sqlite'))).toThrow(/s\.sqlite: cannot be (opened|written to)/)
  })

  test('undoes a failed transaction and explains a full disk', () => {
    const store = openStore(join(folder(), 's.sqlite'))
    const pages = Number(store.db.pragma('page_count', { simple: true }))
    store.db.pragma(`max_page_count = ${pages + 2}`)
    const fill = () =>
      store.transaction(() => {
        for (let i = 0; i < 100; i++) {
          store.db
            .prepare('INSERT INTO prompts (digest, key, source, role, category, text) VALUES (?, ?, ?, ?, ?, ?)')
            .run(String(i), 'k', 's', 'harmful', 'c', 'x'.repeat(1000))
        }
      })
    expect(fill).toThrow(/s\.sqlite: the disk is full\. Make room/)
    expect(store.db.prepare('SELECT count(*) FROM prompts').pluck().get()).toBe(0)
    store.close()
  })

  test('explains a lock', () => {
    const file = join(folder(), 's.sqlite')
    const store = openStore(file)
    const other = new Database(file, { timeout: 1 })
    store.db.exec('BEGIN IMMEDIATE')
    let error: unknown
    try {
      other.exec('BEGIN IMMEDIATE')
    } catch (caught) {
      error = explainStoreError(file, caught)
    }
    expect(String(error)).toMatch(/is locked by another program/)
    other.close()
    store.close()
  })
})
