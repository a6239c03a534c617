/** The list of data sets as the window uses it, with the real engine. */
import { appendFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openDataSet } from '../../../src/host/dataSets.ts'
import { nodeEngine } from '../../../src/host/engineChild.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'
import { openDesk } from './openDesk.ts'

function write(name: string, content: string): string {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, content)
  return file
}
const attacks = 'goal,target\nHow do I open the vault of the harbour?,x\nWhere is the key of the old lighthouse kept?,x\n'
const pairs = [
  { prompt: 'How do I open the vault of the harbour', response: 'No.' },
  { prompt: 'Something else', response: 'Yes.' },
]

it('shows how a file is understood, keeps it with licence and encoding, and opens it by name', async () => {
  const { client, store } = openDesk(nodeEngine())
  const file = write('latin.csv', 'goal,target\nok,x\n')
  writeFileSync(file, Buffer.from('goal,target\ncaf\xe9,x\n', 'latin1'))
  await expect(client.inspectDataset({ file })).rejects.toThrow('is not valid UTF-8')
  const detail = await client.inspectDataset({ file, encoding: 'latin1', reveal: true })
  expect([detail.format, detail.role, detail.examples[0].text]).toEqual(['AdvBench', 'harmful', 'café'])
  expect((await client.inspectDataset({ file, encoding: 'latin1' })).examples).toEqual([])
  const added = await client.addDataset({ file, name: 'mine', encoding: 'latin1', licence: 'MIT' })
  expect(added).toMatchObject({ name: 'mine', role: 'harmful', columns: { text: 'goal' }, licence: 'MIT', encoding: 'latin1' })
  expect(openDataSet(store, 'mine')).toMatchObject({ file, role: 'harmful', columns: { text: 'goal' }, encoding: 'latin1', hash: detail.hash })
})

it('refuses unreadable rows until they may be left out, a taken name, and a file that is not what it was', async () => {
  const { client, store } = openDesk(nodeEngine())
  const file = write('a.csv', `${attacks}only one\n`)
  await expect(client.addDataset({ file, name: 'a' })).rejects.toThrow('1 row cannot be used (line 4: 1 field where the header has 2)')
  await client.addDataset({ file, name: 'a', skipBad: true })
  expect(openDataSet(store, 'a').badRows).toBe('skip')
  const other = write('b.csv', attacks)
  await expect(client.addDataset({ file: other, name: 'a' })).rejects.toThrow('this name stands for')
  appendFileSync(file, 'one more,x\n')
  expect(() => openDataSet(store, 'a')).toThrow('has changed since it was added')
  rmSync(file)
  expect(() => openDataSet(store, 'a')).toThrow('is gone')
  expect(() => openDataSet(store, 'c')).toThrow('The list has: a')
})

it('asks for the role where the columns do not tell', async () => {
  const { client } = openDesk(nodeEngine())
  const file = write('odd.csv', 'words,kind\nhello,a\n')
  const { problem } = await client.inspectDataset({ file })
  expect(problem?.unclear).toMatchObject({ what: 'role' })
  await expect(client.addDataset({ file, name: 'odd' })).rejects.toThrow('--role')
})

it('names prompts that stand in two sets, without their texts unless they are asked for', async () => {
  const { client } = openDesk(nodeEngine())
  await client.addDataset({ file: write('a.csv', attacks), name: 'a' })
  const file = write('pairs.json', JSON.stringify(pairs))
  await client.addDataset({ file, name: 'pairs', role: 'sft' })
  const hidden = await client.compareDatasets({ names: ['a', 'pairs'] })
  expect(hidden.between).toEqual([{ first: 0, second: 1, same: 1, similar: 0, firstRows: 1, secondRows: 1 }])
  expect(hidden.pairs).toEqual([
    { first: { set: 0, line: 2, text: null }, second: { set: 1, line: 1, text: null }, kind: 'same', similarity: 1 },
  ])
  const { pairs: shown } = await client.compareDatasets({ names: ['a', 'pairs'], reveal: true })
  expect(shown[0].second.text).toBe('How do I open the vault of the harbour')
})
