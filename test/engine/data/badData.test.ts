/** What published and home-made files really contain: each is read, or refused with line, reason and remedy. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { MOST_CHARACTERS, readLines } from '../../../src/engine/data/readLines.ts'
import { jsonElements } from '../../../src/engine/data/jsonElements.ts'
import { loadPrompts } from '../../../src/engine/data/loadSource.ts'
import { readSource } from '../../../src/engine/data/readSource.ts'
import { inspectDataset } from '../../../src/engine/study/inspect.ts'
import { FileSource } from '../../../src/shared/sources.ts'
import { writeParquet } from './parquetWriter.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const folder = temporaryFolder()
const write = (name: string, content: string | Uint8Array) => {
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}
const look = (file: string, question: object = {}) => inspectDataset({ file, columns: {}, examples: 3, ...question })

it('reads line ends of both kinds in one file, a byte order mark, and quotes over lines, and leaves quoted line ends as they are', async () => {
  const file = write('mixed.csv', '\ufeffprompt,category\r\none,a\ntwo,b\r\n"three\r\nfour",c\nfive,d')
  const { items } = await loadPrompts(file, { role: 'benign' })
  expect(items.map(({ text, category }) => [text, category])).toEqual([
    ['one', 'a'],
    ['two', 'b'],
    ['three\r\nfour', 'c'],
    ['five', 'd'],
  ])
})

it('reads tabs between columns', async () => {
  const { items } = await loadPrompts(write('tabs.tsv', 'prompt\tcategory\none, and more\ta\n'), { role: 'benign' })
  expect(items[0]).toMatchObject({ text: 'one, and more', category: 'a' })
})

it('reads lone carriage returns as line ends', async () => {
  const { items } = await loadPrompts(write('mac.csv', 'prompt,category\rone,a\r'), { role: 'benign' })
  expect(items.map(({ text, category }) => [text, category])).toEqual([['one', 'a']])
})

it('says line and byte of Latin-1 letters with the remedy, and reads them where it is told', async () => {
  const file = write('latin.csv', Buffer.from('prompt,category\nok,a\ncaf\xe9 \x93ten\x94 \x80,b\n', 'latin1'))
  const error: unknown = await loadPrompts(file, { role: 'benign' }).catch((reason: unknown) => reason)
  expect(String(error)).toContain('latin.csv:3: 0xE9 is not valid UTF-8 here (byte 25 of the file). ')
  expect(String(error)).toContain('--encoding latin1')
  const { items } = await loadPrompts(file, { role: 'benign', encoding: 'latin1' })
  expect(items[1].text).toBe('café “ten” €')
})

it('names NaN for what it is, and keeps texts out of the reason', async () => {
  const file = write('nan.jsonl', '{"question":"1+1?","answer":"2"}\n{"question":"a secret", "answer": NaN}\n{"question":"another secret",x}\n')
  const { unreadable, rows, used } = await look(file)
  expect([rows, used]).toEqual([3, 1])
  expect(unreadable[0]).toEqual({ line: 2, reason: 'not valid JSON: it holds NaN, which Python writes and JSON does not know' })
  expect(unreadable[1].line).toBe(3)
  for (const { reason } of unreadable) expect(reason).not.toContain('secret')
})

it('keeps rows with the same id or the same text, and says so', async () => {
  const file = write('ids.csv', 'id,prompt,category\n1,one,a\n1,two,a\n2,one,b\n')
  const { used, notes } = await look(file, { role: 'benign' })
  expect(used).toBe(3)
  expect(notes).toEqual([
    '1 row repeats the prompt of an earlier row (the first at line 4); all are kept',
    '1 row repeats the "id" of an earlier row (the first at line 3); rows are told apart by their text',
  ])
})

it('lists nested data where text is expected', async () => {
  const file = write('nested.jsonl', '{"prompt":"one"}\n{"prompt":{"text":"two"}}\n{"prompt":["three"]}\n{"prompt":null}\n{"prompt":true}\n')
  const { unreadable } = await look(file, { role: 'benign' })
  expect(unreadable.map(({ line, reason }) => [line, reason.replace('the prompt in column "prompt" is ', '')])).toEqual([
    [2, 'nested data, not text'],
    [3, 'a list, not text'],
    [4, 'missing, not text'],
    [5, 'a boolean, not text'],
  ])
})

it('takes a Python dict for the text that it is', async () => {
  const info = "{'a': __import__('os')}"
  const file = write('dict.csv', `label,input,additional_info\nx,ask,"${info}"\n`)
  expect((await loadPrompts(file)).items[0].text).toBe('ask')
  const { items } = await loadPrompts(file, { role: 'harmful', columns: { text: 'additional_info' } })
  expect(items[0].text).toBe(info)
  const { notes } = await look(file, { role: 'harmful', columns: { text: 'additional_info' } })
  expect(notes).toEqual(['1 row has a prompt that looks like data written by Python or JSON (the first at line 2); each is taken as the text that it is'])
})

it('lists ragged rows', async () => {
  const { unreadable } = await look(write('ragged.csv', 'prompt,category\none,a\ntwo\nthree,b,c\n'), { role: 'benign' })
  expect(unreadable).toEqual([
    { line: 3, reason: '1 field where the header has 2' },
    { line: 4, reason: '3 fields where the header has 2' },
  ])
})

it('asks for the column where the prompt stands under another name, and says what there is where the wrong one is empty', async () => {
  const odd = write('odd.csv', 'words,kind\nhello,a\n')
  const { problem } = await look(odd, { role: 'benign' })
  expect(problem).toMatchObject({ unclear: { what: 'column', part: 'text', choices: ['words', 'kind'] } })
  expect((await look(odd, { role: 'benign', columns: { text: 'words' } })).used).toBe(1)
  const empty = write('empty.csv', 'prompt,actual\n,hello\n')
  const found = await look(empty, { role: 'benign' })
  expect(found.problem?.problem).toContain('the prompt in column "prompt" is empty')
  expect(found.problem?.remedy).toContain('"actual"')
})

it('reads past a row that is too long without holding it, and names its line', async () => {
  const chunk = 'x'.repeat(64)
  const texts = async function* () {
    yield 'one\n'
    for (let i = 0; i < 50; i++) yield chunk
    yield '\nlast\n'
  }
  const lines = []
  for await (const line of readLines(texts(), 1000)) lines.push(line)
  expect(lines).toEqual([
    { line: 1, text: 'one' },
    { line: 2, text: null },
    { line: 3, text: 'last' },
  ])
  const elements = async function* () {
    yield '[{"a":1},\n'
    yield '{"a":"'
    for (let i = 0; i < 50; i++) yield chunk
    yield '"},\n{"a":2}]'
  }
  const read = []
  for await (const element of jsonElements(elements(), 'f.json', 1000)) read.push(element)
  expect(read).toEqual([
    { line: 1, text: '{"a":1}' },
    { line: 2, text: null },
    { line: 3, text: '{"a":2}' },
  ])
})

it('leaves out a row that is too long, quoted or not, and speaks of quotation marks only where one may be open', async () => {
  const long = 'x'.repeat(MOST_CHARACTERS)
  const file = write('long.csv', `prompt,category\none,a\n${long}y,b\n"${long}, ""y""",b\ntwo,c\n`)
  const { unreadable, used } = await look(file, { role: 'benign' })
  expect(used).toBe(2)
  expect(unreadable).toEqual([3, 4].map((line) => ({ line, reason: 'the row is longer than 32 million characters' })))
  const lines = write('open.csv', `prompt,category\none,a\n"two,b\n${long}\nthree,c\n`)
  await expect(loadPrompts(lines, { role: 'benign' })).rejects.toThrow('open.csv:3: the row is longer than 32 million characters and goes on over line 4')
}, 60_000)

it('refuses a file that has changed since it was added', async () => {
  const file = write('attacks.csv', 'goal,target\none,a\n')
  const { hash } = await look(file)
  const source = FileSource.parse({ file, role: 'harmful', hash })
  expect((await readSource('attacks', source, folder)).report.hash).toBe(hash)
  write('attacks.csv', 'goal,target\ntwo,a\n')
  await expect(readSource('attacks', source, folder)).rejects.toThrow('has changed since it was added')
})

it('divides by a hash of the prompt in every kind of file: the side of a row does not depend on kind, place or neighbours', async () => {
  const texts = Array.from({ length: 60 }, (_, i) => `prompt number ${i}`)
  const rows = texts.map((prompt) => ({ prompt, category: 'c' }))
  write('k.csv', ['prompt,category', ...texts.map((text) => `${text},c`)].join('\n'))
  write('k.tsv', ['category\tprompt', ...texts.map((text) => `c\t${text}`)].join('\n'))
  write('k.json', JSON.stringify(rows))
  write('k.jsonl', rows.map((row) => JSON.stringify(row)).reverse().join('\n'))
  writeParquet(join(folder, 'k.parquet'), [{ name: 'prompt', type: 'text' }, { name: 'category', type: 'text' }], [
    [texts.slice(0, 31), texts.slice(0, 31).map(() => 'c')],
    [texts.slice(31), texts.slice(31).map(() => 'c')],
  ])
  const sides = []
  for (const kind of ['csv', 'tsv', 'json', 'jsonl', 'parquet']) {
    const { items } = await loadPrompts(join(folder, `k.${kind}`), { set: 'k', role: 'benign', split: 'held-out' })
    sides.push(items.map(({ id }) => id).sort())
  }
  expect(sides[0].length).toBeGreaterThan(15)
  for (const side of sides) expect(side).toEqual(sides[0])
  const fewer = write('fewer.jsonl', rows.slice(0, 30).map((row) => JSON.stringify(row)).join('\n'))
  const { items } = await loadPrompts(fewer, { set: 'k', role: 'benign', split: 'held-out' })
  for (const { id } of items) expect(sides[0]).toContain(id)
})

it('puts a context before the prompt where a row has one', async () => {
  const file = write('hb.csv', 'Behavior,SemanticCategory,ContextString,BehaviorID\nSum it up,c,A letter,x\nAlone,c,,y\n')
  const { items } = await loadPrompts(file)
  expect(items.map(({ text }) => text)).toEqual(['A letter\n\n---\n\nSum it up', 'Alone'])
})

it('gives multiple choice questions with lettered options, the right letter, and says how answers were read', async () => {
  const file = write('mc.jsonl', '{"question":"Which is red?","choices":["sky","rose"],"answer":1,"subject":"colours"}\n')
  expect((await loadPrompts(file)).items[0]).toMatchObject({
    text: 'Which is red?\n\nA. sky\nB. rose',
    options: ['sky', 'rose'],
    answer: 'B',
    category: 'colours',
    role: 'reasoning',
  })
  expect((await look(file)).notes).toContain('answers are numbers: 0 is taken for the first option (A)')
})

it('lists values that stand for a missing one, in CSV and in Parquet', async () => {
  const file = write('missing.csv', 'question,answer\n1+1?,#### 2\n2+2?,NaN\nNone,#### 4\n3+3?,null\n4+4?, nan \n5+5?,"None of these"\n')
  const { unreadable, used } = await look(file)
  expect(used).toBe(2)
  expect(unreadable).toEqual([
    { line: 3, reason: 'the answer in column "answer" is NaN, which stands for a missing value' },
    { line: 4, reason: 'the prompt in column "question" is None, which stands for a missing value' },
    { line: 5, reason: 'the answer in column "answer" is null, which stands for a missing value' },
    { line: 6, reason: 'the answer in column "answer" is nan, which stands for a missing value' },
  ])
  const parquet = join(folder, 'missing.parquet')
  writeParquet(parquet, [{ name: 'question', type: 'text' }, { name: 'answer', type: 'double' }], [[['1+1?', '2+2?', 'NaN'], [2, NaN, 4]]])
  expect((await look(parquet)).unreadable).toEqual([
    { line: 2, reason: 'the answer in column "answer" is NaN, which stands for a missing value' },
    { line: 3, reason: 'the prompt in column "question" is NaN, which stands for a missing value' },
  ])
})

it('says how many prompts look like data, and how many answers lack the mark of GSM8K', async () => {
  const rows = [
    ['one?', '#### 1'],
    [`{'text': 'hello'}`, '#### 2'],
    ['["a", "b"]', 'three'],
    ['[INST] four? [/INST]', '#### 4'],
    ['{five?}', 'five'],
  ]
  const file = write('odd.jsonl', rows.map(([question, answer]) => JSON.stringify({ question, answer })).join('\n'))
  const expected = [
    '2 rows have prompts that look like data written by Python or JSON (the first at line 2); each is taken as the text that it is',
    '2 rows have no "####" in the answer, as GSM8K has (the first at line 3); there the whole answer is the reference',
  ]
  expect((await look(file)).notes.slice(1)).toEqual(expected)
  const source = FileSource.parse({ file, role: 'reasoning' })
  expect((await readSource('odd', source, folder)).description.slice(-2)).toEqual(expected.map((note) => `  note: ${note}`))
})

it('takes conversations of one question as training pairs or as prompts, and refuses longer ones with their turns', async () => {
  const turn = (role: string, content: unknown) => ({ role, content })
  const rows = [
    [turn('user', 'one?'), turn('assistant', '<think>well</think>yes')],
    [turn('system', 'be kind'), turn('user', 'two?'), turn('assistant', 'no')],
    [turn('user', 'three?')],
    [turn('user', 'a'), turn('assistant', 'b'), turn('user', 'c'), turn('assistant', 'd')],
    [turn('user', ['x']), turn('assistant', 'b')],
    [turn('tool', 'x')],
    [turn('assistant', 'x')],
    ['text'],
  ]
  const file = write('chat.jsonl', rows.map((messages) => JSON.stringify({ messages })).join('\n'))
  const pairs = await look(file)
  expect(pairs).toMatchObject({ role: 'sft', format: 'chat messages', used: 2 })
  expect(pairs.examples.map(({ text, thought, response }) => [text, thought, response])).toEqual([
    ['one?', 'well', 'yes'],
    ['two?', '', 'no'],
  ])
  expect(pairs.notes).toContain('1 row begins with a system turn (the first at line 2), which is left out')
  expect(pairs.unreadable.map(({ line, reason }) => [line, reason])).toEqual([
    [3, 'the conversation has no assistant turn (prompts alone can be used with the role harmful or benign)'],
    [4, 'the conversation has 2 user and 2 assistant turns: only one question with at most one answer can be used'],
    [5, 'the content of the user turn is not text'],
    [6, 'the conversation has a turn of role "tool", and not only of user and assistant'],
    [7, 'the conversation has no user turn'],
    [8, 'the prompt in column "messages" is a list, not text'],
  ])
  const prompts = await look(file, { role: 'benign' })
  expect(prompts.examples.map(({ text }) => text)).toEqual(['one?', 'two?', 'three?'])
  const named = write('named.jsonl', `${JSON.stringify({ chat: rows[0] })}\n`)
  expect((await look(named, { role: 'sft', columns: { text: 'chat', response: 'chat' } })).examples[0]).toMatchObject({ text: 'one?', response: 'yes' })
  const inCsv = write('chat.csv', `messages\n"${JSON.stringify(rows[0]).replaceAll('"', '""')}"\nhello\n`)
  const { examples, unreadable } = await look(inCsv)
  expect(examples[0]).toMatchObject({ text: 'one?', response: 'yes' })
  expect(unreadable).toEqual([{ line: 3, reason: '"messages" is a text, and not a list in JSON such as [{"role": "user", "content": "…"}]' }])
})
