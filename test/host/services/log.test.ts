/** The log of Diagnostics: it outlives the program, stays small, and tells of engines that ended unasked. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { createLog } from '../../../src/host/services/log.ts'
import { study } from '../../sampleStudy.ts'
import { ended, fakeEngine, openDesk } from './openDesk.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const freshFile = () => join(temporaryFolder(), 'log.jsonl')
const now = () => '2026-01-01T00:00:00.000Z'
const linesIn = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n')

test('lines of earlier starts are there, under the numbers that they had', () => {
  const file = freshFile()
  const first = createLog(now, file)
  first.add('info', 'one')
  first.add('error', 'two\nlines')
  const second = createLog(now, file)
  second.add('info', 'three')
  expect(second.after(0, 10).map(({ number, level, text }) => [number, level, text])).toEqual([
    [1, 'info', 'one'],
    [2, 'error', 'two\nlines'],
    [3, 'info', 'three'],
  ])
  expect(second.after(2, 10)).toHaveLength(1)
})

test('the file never holds more than a thousand lines, and the newest five hundred are never lost', () => {
  const file = freshFile()
  const log = createLog(now, file)
  for (let i = 1; i <= 2345; i++) {
    log.add('info', `line ${i}`)
    if (i % 100 === 0) expect(linesIn(file).length).toBeLessThanOrEqual(1000)
  }
  const again = createLog(now, file)
  expect(again.after(0, 2000).map(({ number }) => number)).toEqual(Array.from({ length: 500 }, (_, i) => 1846 + i))
  expect(linesIn(file)).toHaveLength(500)
})

test('a line that was cut off and lines that are none are left out', () => {
  const file = freshFile()
  createLog(now, file).add('info', 'whole')
  appendFileSync(file, 'nonsense\n{"number": "x"}\n{"number": 2, "at": "20')
  const log = createLog(now, file)
  log.add('info', 'next')
  expect(log.after(0, 9).map(({ text }) => text)).toEqual(['whole', 'next'])
  expect(createLog(now, file).after(0, 9).map(({ text }) => text)).toEqual(['whole', 'next'])
})

test('where the file cannot be written, the log goes on in memory', () => {
  const file = freshFile()
  mkdirSync(file)
  const log = createLog(now, file)
  log.add('info', 'kept')
  expect(log.after(0, 9)).toHaveLength(1)
  writeFileSync(join(dirname(file), 'in-the-way'), '')
  const inFile = createLog(now, join(dirname(file), 'in-the-way', 'log.jsonl'))
  inFile.add('info', 'kept')
  expect(inFile.after(0, 9)).toHaveLength(1)
})

test("an engine's crash is in the log after a restart, without its last words; an end that was asked for is not", async () => {
  const first = openDesk()
  await first.client.startStudy({ study: { ...study, description: '' } })
  await first.until(ended('small-1'))
  await first.client.startStudy({ study: { ...study, name: 'dies', description: 'die' } })
  await first.until(ended('dies-1'))
  await first.close()
  const second = openDesk(fakeEngine, first.store.file)
  const lines = await second.client.readLog({})
  expect(lines.filter(({ level }) => level === 'error').map(({ text }) => text)).toEqual(['the engine ended with status 9'])
  expect(lines.map(({ text }) => text)).toContain('run dies-1 is interrupted')
  expect(JSON.stringify(lines)).not.toContain('out of luck')
  expect((await second.client.copyReport({})).text).toContain('error the engine ended with status 9')
})

test('Diagnostics and its report say whether TensorFlow.js computes', async () => {
  const { client } = openDesk()
  expect((await client.doctor({})).tensorflow).toEqual({ installed: null, works: true, detail: 'tried' })
  expect((await client.copyReport({})).text).toContain('TensorFlow.js: works (no native build)')
})
