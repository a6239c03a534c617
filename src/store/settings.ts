/** What a person has chosen for the window. */
import { Settings } from '../shared/rpc/machine.ts'
import { json } from './jsonColumn.ts'
import type { Store } from './openStore.ts'

/** Settings of an older version get the defaults of what is new. */
export function readSettings({ db }: Store): Settings {
  const found = db.prepare('SELECT settings FROM settings WHERE id = 1').pluck().get()
  return found === undefined ? Settings.parse({}) : json(Settings).parse(found)
}

export function saveSettings({ db }: Store, settings: Settings): void {
  db.prepare('INSERT INTO settings VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET settings = excluded.settings').run(
    JSON.stringify(settings),
  )
}
