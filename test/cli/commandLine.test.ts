/** The command line as a person meets it: real processes, their output and their exit status. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { StudyResult } from '../../src/shared/result.ts'
import { temporaryFolder } from '../temporaryFolder.ts'
import { reflectory, startProgram, type Surroundings } from './reflectory.ts'

const fake = fileURLToPath(new URL('runWithFakeEngine.ts', import.meta.url))
const folder = temporaryFolder()
const store = join(folder, 's.sqlite')

const inFolder = (...args: string[]) => reflectory(args, { cwd: folder })
const run = (file: string, options: object = {}, onErr?: Surroundings['onErr']) =>
  startProgram(fake, [file, JSON.stringify({ store, ...options })], { cwd: folder, onErr })

function studyFile(name: string, acts = '', more = ''): string {
  const file = join(folder, `${name}.yaml`)
  writeFileSync(
    file,
    `name: ${name}\ndescription: '${acts}'\n${more}` +
      'arms:\n  - { name: base, method: base }\n  - { name: rl, method: rl, steps: 4 }\n',
  )
  return file
}

describe('run', () => {
  test('prints the table on standard output and what it does on standard error', async () => {
    const { status, out, err } = await run(studyFile('plain'))
    expect(err).toMatch(
      /study plain: base, rl; seed 0\n.*Llama.*context 256.*template harbor.*\nsafety is judged by harbor; also recorded: lexicon/,
    )
    expect(err).toMatch(
      /data harmful: 2 of 3 rows of harbor \(text = prompt\), 1 too long \(refuse\), 1 unreadable \(left out\)\n {2}line 4: no text/,
    )
    expect(out).toMatch(/^ +base +rl\nt safe +30\.0% \[20\.0, 40\.0\]/m)
    expect(out).toMatch(/^minus base, in points +rl\nt safe +\+50\.0 \[40\.0, 60\.0\] p=0\.001/m)
    expect(out).toContain('unscorable in base: reasoning 2 of 2')
    expect(status).toBe(0)
  })

  test('prints one JSON object on one line and nothing else', async () => {
    const { status, out } = await run(studyFile('json'), { json: true })
    expect(out.trimEnd().split('\n')).toHaveLength(1)
    expect(StudyResult.parse(JSON.parse(out)).arms.map((arm) => arm.name)).toEqual(['base', 'rl'])
    expect(status).toBe(0)
  })

  test('tells of an interruption, ends with 1, and goes on with --resume', async () => {
    const file = studyFile('dies', 'die')
    const first = await run(file)
    expect(first.status).toBe(1)
    expect(first.err).toMatch(/run dies-1 is interrupted: the engine ended with status 9.*\n.*--resume/)
    expect(first.out).toBe('')
    expect(await run(file, { resume: true })).toMatchObject({
      status: 0,
      err: expect.stringContaining('recorded as dies-1'),
    })
  })

  test('finishes the step on Ctrl-C, ends with 130, and goes on with --resume', async () => {
    const file = studyFile('stopped', 'slow')
    let sent = false
    const first = await run(file, {}, (text, pid) => {
      if (sent || !text.includes('study stopped')) return
      sent = true
      // A terminal and npm both pass it on: two signals of one key press stop nothing at once.
      process.kill(pid, 'SIGINT')
      process.kill(pid, 'SIGINT')
    })
    expect(first.err).toMatch(/stopping after this step.*\nrun stopped-1 is interrupted: stopped after step 0/s)
    expect(first.status).toBe(130)
    expect(await run(file, { resume: true })).toMatchObject({ status: 0 })
  })

  test.each([
    ['an unknown field', 'wat: 1\n', /bad0\.yaml:3: wat: unknown field 'wat'/],
    ['an impossible value', 'seeds: [-1]\n', /bad1\.yaml:3: seeds\.0: must be at least 0/],
  ])('refuses %s with file and line, status 2 and no run', async (_, more, message) => {
    const file = studyFile(`bad${more.startsWith('wat') ? 0 : 1}`, '', more)
    const other = join(folder, 'untouched.sqlite')
    const { status, err, out } = await inFolder('run', file, '--store', other)
    expect(err).toMatch(message)
    expect([status, out, existsSync(other)]).toEqual([2, '', false])
  })

  test.each([
    [['run', 'absent.yaml'], /absent\.yaml: there is no such file/],
    [['run', 's.yaml', '--seeds', 'one'], /Whole numbers/],
    [['run', 's.yaml', '--what'], /unknown option '--what'/],
    [['run'], /missing required argument 'study'/],
    [['sing'], /unknown command 'sing'/],
    [['list', '--store', 'absent.sqlite'], /absent\.sqlite: there is no store here/],
  ])('ends with 2 on %j', async (args, message) => {
    const { status, err } = await inFolder(...args)
    expect(err).toMatch(message)
    expect(status).toBe(2)
  })
})

describe('list, show, trajectories', () => {
  beforeAll(async () => {
    await run(studyFile('seen'))
  })

  test('list names the runs', async () => {
    expect((await inFolder('list', '--store', store)).out).toMatch(/^seen-1 +done +[0-9: -]+ seen +harbor/m)
    const runs = JSON.parse((await inFolder('list', '--store', store, '--json')).out)
    expect(runs).toContainEqual(expect.objectContaining({ id: 'seen-1', state: 'done' }))
  })

  test('show tells how a run went, with figures by category', async () => {
    const { out, status } = await inFolder('show', 'seen-1', '--store', store)
    expect(out).toMatch(/^seen-1: done; 8 trajectories/)
    expect(out).toMatch(/^theft +25\.0% \[15\.0, 35\.0\]/m)
    expect(status).toBe(0)
    expect(await inFolder('show', 'unseen', '--store', store)).toMatchObject({
      status: 2,
      err: expect.stringMatching(/unseen: there is no such run/),
    })
  })

  test('trajectories page, filter and come out as numbers in JSON', async () => {
    const page = JSON.parse(
      (await inFolder('trajectories', 'seen-1', '--store', store, '--limit', '3', '--json')).out,
    )
    expect(page.trajectories).toHaveLength(3)
    expect(page.trajectories[0]).toMatchObject({
      arm: 'rl',
      tokens: [1, 2, 3],
      entropies: [0.5, 0.125, 1],
      split: { thought: 'plan' },
    })
    const rest = await inFolder('trajectories', 'seen-1', '--store', store, '--after', String(page.next))
    expect(rest.out.match(/^#\d+ rl/gm)).toHaveLength(5)
    const lastPage = ['trajectories', 'seen-1', '--store', store, '--after', String(page.next), '--limit', '5']
    expect((await inFolder(...lastPage)).out).not.toContain('more:')
    expect(JSON.parse((await inFolder(...lastPage, '--json')).out).next).toBeNull()
    expect((await inFolder('trajectories', 'seen-1', '--store', store, '--unsafe', 'thought')).out).toBe(
      'no trajectories match\n',
    )
  })

  test('names that the run does not have are refused, with those that it has', async () => {
    const asked = async (...options: string[]) => inFolder('trajectories', 'seen-1', '--store', store, ...options)
    const arm = await asked('--arm', 'nope')
    expect(arm.status).toBe(2)
    expect(arm.err).toMatch(/--arm: this run has no "nope"\. It has: base/)
    expect((await asked('--category', 'nope')).err).toMatch(/--category: this run has no "nope"\. It has: \w+/)
  })
})
