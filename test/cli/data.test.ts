/** `reflectory data` as a person uses it, with the real engine. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, type MockInstance, vi } from 'vitest'
import type { Ask } from '../../src/cli/ask.ts'
import { addCommand, checkDataCommand, listDataCommand, removeDataCommand, showDataCommand } from '../../src/cli/data.ts'
import { columnOption } from '../../src/cli/optionValues.ts'
import { openDataSet } from '../../src/host/dataSets.ts'
import { nodeEngine, type EngineChild, type LaunchEngine } from '../../src/host/engineChild.ts'
import { openStore } from '../../src/store/openStore.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

let folder: string
let engine: EngineChild
let printed: MockInstance
let number = 0

/** The real engine, started once: each command lets go of it as if it were its own. */
const launch: LaunchEngine = () => {
  let letGo: () => void
  const ended = new Promise<string>((resolve) => (letGo = () => resolve('let go')))
  return { ...engine, ended, letGo: () => letGo(), kill: () => letGo() }
}

beforeAll(() => {
  folder = temporaryFolder()
  engine = nodeEngine()()
  // Each command listens to it anew.
  vi.spyOn(process, 'emitWarning').mockReturnValue(undefined)
})
afterAll(() => engine.kill())
beforeEach(() => {
  number++
  printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})
afterEach(() => vi.restoreAllMocks())

const output = () => printed.mock.calls.map(([text]) => String(text)).join('')
const store = () => join(folder, `s${number}`, 's.sqlite')
const write = (name: string, content: string) => {
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}
const add = (files: string[], options: object = {}, ask: Ask | null = null) => addCommand(files, { store: store(), ...options }, ask, launch)
/** Answers in order; a question too many fails. */
function answers(...given: string[]): Ask {
  return (question) => {
    const answer = given.shift()
    if (answer === undefined) throw new Error(`nobody answers: ${question}`)
    return Promise.resolve(answer)
  }
}
const opened = (name: string) => {
  const records = openStore(store())
  try {
    return openDataSet(records, name)
  } finally {
    records.close()
  }
}

it('adds several files at once, says how each was understood, and hides what may be harmful', async () => {
  const attacks = write('attacks.csv', 'label,input,additional_info\nfraud,how do i gild a zorblast,{}\nfraud,how do i gild another,{}\n')
  const sums = write('sums.jsonl', '{"question":"1+1?","answer":"#### 2"}\n')
  await add([attacks, sums], { licence: 'MIT' })
  const text = output()
  expect(text).toContain('format: AttaQ; 2 rows, 2 used as requests to be refused (role harmful)')
  expect(text).toMatch(/prompt\s+"input"/)
  expect(text).toContain('not used: "additional_info"')
  expect(text).toMatch(/fraud\s+2/)
  expect(text).not.toContain('zorblast')
  expect(text).toContain('answer   2')
  listDataCommand({ store: store() })
  expect(output()).toMatch(/attacks\s+harmful\s+2\s+AttaQ\s+MIT/)
  expect(opened('attacks')).toMatchObject({ file: attacks, role: 'harmful', columns: { text: 'input', category: 'label' } })
})

it('shows harmful rows only where asked, also as JSON', async () => {
  const file = write('a.csv', 'goal,target\nzorblast,x\n')
  await add([file], { json: true })
  expect(output()).not.toContain('zorblast')
  await showDataCommand('a', { store: store(), rows: 1, json: true }, launch)
  expect(output()).not.toContain('zorblast')
  await showDataCommand('a', { store: store(), rows: 1, showHarmful: true }, launch)
  expect(output()).toContain('prompt   zorblast')
})

it('refuses on a pipe what is not clear, with the flag that answers it', async () => {
  const file = write('odd.csv', 'words,kind\nhello,a\n')
  await expect(add([file])).rejects.toThrow('(--role …)')
  await expect(add([file], { role: 'benign' })).rejects.toThrow('--column text=… (in a study columns: {text: …})')
  await add([file], { role: 'benign', column: { text: 'words', category: 'kind' } })
  expect(opened('odd')).toMatchObject({ role: 'benign', columns: { text: 'words', category: 'kind' } })
})

it('asks at a terminal what is not clear, and lets the mapping be changed by an answer', async () => {
  const file = write('asked.csv', 'words,kind,better\nhello,a,good day\n')
  await add([file], {}, answers('2', 'words', 'what?', 'text=nothing', 'text=better', 'category=kind', 'y'))
  expect(opened('asked')).toMatchObject({ role: 'benign', columns: { text: 'better', category: 'kind' } })
  await add([file], { name: 'other', role: 'benign' }, answers('1', 'n'))
  expect(() => opened('other')).toThrow('no data set of this name')
})

it('shows the columns and says what each role means before it asks for one', async () => {
  const file = write('shown.csv', 'words,kind\nhello,a\n')
  const questions: string[] = []
  const given = answers('benign', 'words', 'n')
  await add([file], {}, (question) => {
    questions.push(question)
    return given(question)
  })
  expect(questions[0]).toContain('shown.csv has the columns "words", "kind".\nWhat are its rows for?')
  expect(questions[0]).toMatch(/1 +harmful +requests that the model should refuse\n +2 +benign +harmless prompts that the model should answer/)
  expect(questions[0]).toMatch(/labelled +both of these: a column says of each row whether it is safe or unsafe/)
  expect(questions[1]).toContain('has the columns "words", "kind".\nWhich one holds the prompt?')
})

it('leaves rows with a stray quotation mark out with --skip-bad, and names them otherwise', async () => {
  const file = write('stray.csv', 'goal,target\none,x\nthe 5" nail,x\n"say "it" now",x\ntwo,x\n')
  await expect(add([file])).rejects.toThrow('2 rows cannot be used (line 3: a quotation mark inside a field that does not begin with one; line 4: ')
  await add([file], { skipBad: true })
  expect(output()).toContain('4 rows, 2 used')
  expect(output()).toMatch(/line 4: a quotation mark inside a quoted field/)
})

it('lists rows that cannot be used by line, and goes on only with --skip-bad or a yes', async () => {
  const file = write('ragged.csv', 'goal,target\none,x\ntwo\n,x\n')
  await expect(add([file])).rejects.toThrow('2 rows cannot be used (line 3: 1 field where the header has 2; line 4: the prompt in column "goal" is empty)')
  await add([file], { skipBad: true })
  expect(opened('ragged').badRows).toBe('skip')
  await add([file], { name: 'yes' }, answers(''))
  expect(opened('yes').badRows).toBe('skip')
})

it('checks sets for prompts that both have, and names them by line', async () => {
  const a = write('one.csv', 'goal,target\nhow do i gild a zorblast,x\nnothing else,x\n')
  const b = write('two.csv', 'goal,target\nother,x\nHow do I gild a zorblast?,x\n')
  await add([a, b])
  await checkDataCommand(['one', 'two'], { store: store() }, launch)
  expect(output()).toContain('one and two: 1 equal prompt, 0 similar ones (1 of 2 rows of one, 1 of 2 rows of two)')
  expect(output()).toMatch(/one:2\s+two:3\s+equal/)
  expect(output()).not.toContain('zorblast')
  printed.mockClear()
  await checkDataCommand(['one', 'two'], { store: store(), showHarmful: true, json: true }, launch)
  expect(JSON.parse(output())).toMatchObject({ found: 1, pairs: [{ kind: 'same', first: { line: 2, text: 'how do i gild a zorblast' } }] })
})

it('takes a set off the list and leaves its file', async () => {
  const file = write('off.csv', 'goal,target\none,x\n')
  await add([file])
  removeDataCommand('off', { store: store() })
  expect(output()).toContain('off is off the list')
  expect(existsSync(file)).toBe(true)
  expect(() => removeDataCommand('off', { store: store() })).toThrow('no data set of this name')
})

it('names the option whose value is out of its range', async () => {
  await expect(showDataCommand('x', { store: store(), rows: 50 })).rejects.toMatchObject({ code: 'bad-argument', place: '--rows' })
  for (const threshold of [Number.NaN, 5])
    await expect(checkDataCommand(['x'], { store: store(), threshold })).rejects.toMatchObject({ code: 'bad-argument', place: '--threshold' })
  await expect(addCommand(['x.csv'], { store: store(), name: '' }, null)).rejects.toMatchObject({ code: 'bad-argument', place: '--name' })
})

it('takes columns as part=column and nothing else', () => {
  expect(columnOption('text=a = b', { category: 'c' })).toEqual({ text: 'a = b', category: 'c' })
  for (const wrong of ['text', '=a', 'texts=a', 'text=']) expect(() => columnOption(wrong)).toThrow('is not part=column')
})
