/** Runs once: all temporary files of a run stand in one folder, and those of runs that were killed go. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

export default function setup(): () => void {
  const place = tmpdir()
  const ours = `reflectory-tests-${userInfo().uid}-`
  for (const name of readdirSync(place)) {
    if (name.startsWith(ours) && hasEnded(Number(name.slice(ours.length)))) remove(join(place, name))
  }
  const folder = join(place, `${ours}${process.pid}`)
  mkdirSync(folder)
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder
  return () => remove(folder)
}

const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })

function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}
