/** Opening: new, old, newer, foreign, damaged and read-only files. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { migrations } from '../../src/store/migrations.ts'
import { openExistingStore, openStore } from '../../src/store/openStore.ts'
import { startArm } from '../../src/store/runs.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

function folder(): string {
  const made = temporaryFolder()
  chmodSync(made, 0o755)
  return made
}

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

  test.skipIf(process.platform === 'win32')('names a folder and a file that may not be written', () => {
    const place = folder()
    const file = join(place, 's.sqlite')
    openStore(file).close()
    chmodSync(file, 0o444)
    chmodSync(place, 0o555)
    asAnybody(() => {
      expect(() => openStore(join(place, 'other.sqlite'))).toThrow(/other\.sqlite: cannot be opened\. Check that/)
      const unwritable = /s\.sqlite: cannot be written to\. Give write permission/
      expect(() => openStore(join(place, 'new', 's.sqlite'))).toThrow(unwritable)
      expect(() => openStore(file).transaction(() => undefined)).toThrow(unwritable)
    })
    chmodSync(place, 0o755)
  })

  test('says where its folder is a file', () => {
    const file = join(folder(), 'file')
    writeFileSync(file, '')
    expect(() => openStore(join(file, 's.sqlite'))).toThrow(/file.s\.sqlite: cannot be opened\. Check that/)
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

  test('explains that another process holds the lock, and is open again once it lets go', async () => {
    const file = join(folder(), 's.sqlite')
    const store = openStore(file)
    store.db.pragma('busy_timeout = 20')
    const hold = `const db = new (require('better-sqlite3'))(process.argv[1])
      db.exec('BEGIN IMMEDIATE')
      process.stdin.on('data', () => { db.exec('COMMIT'); process.exit() })
      console.log('held')`
    const other = spawn(process.execPath, ['-e', hold, file], { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(other.stdout, 'data')
    const write = () => store.transaction(() => startArm(store, 1))
    expect(write).toThrow(/s\.sqlite: is locked by another program\. Wait until that program is done/)
    other.stdin.write('go')
    await once(other, 'exit')
    write()
    store.close()
  })
})

/** Root may write anywhere, so that it has to be somebody else for a moment. */
function asAnybody(act: () => void): void {
  const { geteuid, seteuid } = process
  if (geteuid?.() !== 0) return act()
  seteuid!(65534)
  try {
    act()
  } finally {
    seteuid!(0)
  }
}
