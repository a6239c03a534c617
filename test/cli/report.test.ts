/** `reflectory report` from the shell. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { record } from '../host/report/recordedRuns.ts'
import { reflectory } from './reflectory.ts'


/** In the folder of the run's store, without a browser. */
const inFolder = (cwd: string, ...args: string[]) =>
  reflectory([...args, '--store', 's.sqlite'], { cwd, env: { PATH: '', REFLECTORY_BROWSER: '' } })

test('writes the report of a run, or of the newest finished run of a study, and never over a file unasked', async () => {
  const { store } = record()
  const folder = dirname(store.file)
  const made = await inFolder(folder, 'report', 'small-1')
  const file = join(folder, 'small-1-report.html')
  expect(made).toEqual({ status: 0, out: `wrote ${file} (run small-1)\n`, err: '' })
  expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>/)

  const again = await inFolder(folder, 'report', 'small')
  expect(again).toMatchObject({
    status: 2,
    err: expect.stringContaining('is there already. Name another file by --to, or give --overwrite.'),
  })
  const meant = await inFolder(folder, 'report', 'small', '--to', 'small-1-report.html', '--overwrite', '--json')
  expect(JSON.parse(meant.out)).toEqual({ run: 'small-1', files: [file] })
})

test('refuses what is no run and no name of a page, before anything is written', async () => {
  const { store } = record()
  const folder = dirname(store.file)
  expect(await inFolder(folder, 'report', 'none')).toMatchObject({
    status: 2,
    err: expect.stringContaining('there is no such run or study'),
  })
  expect(await inFolder(folder, 'report', 'small', '--to', 'a.pdf')).toMatchObject({
    status: 2,
    err: expect.stringContaining('--pdf puts a PDF beside it'),
  })
  expect(await inFolder(folder, 'report', 'small', '--to', 'none/a.html')).toMatchObject({
    status: 2,
    err: expect.stringContaining('cannot be written'),
  })
  expect(existsSync(join(folder, 'small-1-report.html'))).toBe(false)
})
