import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readSource } from '../../../src/engine/data/readSource.ts'
import { SourceReport } from '../../../src/shared/events.ts'
import { DataSource, type FileSource } from '../../../src/shared/sources.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const folder = temporaryFolder()

function source(raw: unknown): FileSource {
  const parsed = DataSource.parse(raw)
  if ('harbor' in parsed) throw new Error('not a file source')
  return parsed
}

it('reads prompts relative to the study file, and reports rows, columns and hash', async () => {
  const content = 'prompt,type,label\na,x,safe\nb,y,unsafe\nc,z,safe\nd,z,what\n'
  writeFileSync(join(folder, 'xs.csv'), content)
  const read = await readSource('look-alikes', source({ file: 'xs.csv', role: 'benign', limit: 1 }), folder)
  expect(read.kind === 'prompts' && read.items.map(({ set, role }) => [set, role])).toEqual([['look-alikes', 'benign']])
  expect(SourceReport.parse(read.report)).toEqual({
    name: 'look-alikes',
    origin: 'xs.csv',
    rows: 4,
    used: 1,
    tooLong: 0,
    unreadable: [{ line: 5, reason: 'the label "what" is neither "safe" nor "unsafe"' }],
    columns: { text: 'prompt', category: 'type', role: 'label' },
    hash: createHash('sha256').update(content).digest('hex'),
  })
})

it('reads pairs where the role is sft, and divides them into two sides that share nothing', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => JSON.stringify({ prompt: `p${i}`, response: '<think>t</think>y' }))
  writeFileSync(join(folder, 'pairs.jsonl'), rows.join('\n'))
  const side = async (split: string) => {
    const read = await readSource('pairs', source({ file: 'pairs.jsonl', role: 'sft', split }), folder)
    return read.kind === 'pairs' ? read.pairs.map(({ id }) => id) : []
  }
  const [train, heldOut] = [await side('train'), await side('held-out')]
  expect(train.length).toBeGreaterThan(0)
  expect(heldOut.length).toBeGreaterThan(0)
  expect(new Set([...train, ...heldOut]).size).toBe(40)
})
