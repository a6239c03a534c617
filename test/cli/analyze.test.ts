/** `reflectory analyze` as a person meets it: tables with intervals and n, CSV, JSON, and what is said of a slip. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadTokenizer } from '../../src/engine/model/tokenizer.ts'
import { modelFolder } from '../../src/engine/study/studyModel.ts'
import { AnalysisRequest, AnalysisResult } from '../../src/shared/analysis.ts'
import { openStore } from '../../src/store/openStore.ts'
import { findArmId, insertRun } from '../../src/store/runs.ts'
import { insertTrajectories } from '../../src/store/trajectories.ts'
import { plan, trajectory } from '../sampleStudy.ts'
import { temporaryFolder } from '../temporaryFolder.ts'
import { reflectory } from './reflectory.ts'

const folder = temporaryFolder()
const file = join(folder, 's.sqlite')

const tokenizer = loadTokenizer(modelFolder('harbor'))
const store = openStore(file)
store.transaction(() => {
  const run = { id: 'r', configHash: 'h', workFolder: folder, startedAt: '2026', ownerPid: 1, programVersion: '1' }
  insertRun(store, run, { ...plan, model: { ...plan.model, folder: 'harbor' } })
  for (const arm of ['base', 'rl']) {
    const items = Array.from({ length: 12 }, (_, i) => {
      const prompt = { ...trajectory('x').prompt, id: `p${i}`, category: '=theft' }
      const thought = arm === 'rl' ? 'plan wait' : 'plan'
      const text = `<think> ${thought} </think> no`
      const tokens = tokenizer.encode(text, { addSpecialTokens: false }).slice()
      const entropies = new Float32Array(tokens.length)
      const numbers = { tokens, entropies, logProbabilities: entropies }
      return trajectory(`${arm}${i}`, { prompt, text, ...numbers, split: { state: 'complete', thought, response: 'no' } })
    })
    insertTrajectories(store, findArmId(store, 'r', arm, 0), items)
  }
})
store.close()

const analyze = (...args: string[]) => reflectory(['analyze', ...args, '--store', file], { cwd: folder })

test('prints a table a figure, by one view where that is wanted, and writes all of it for a spreadsheet', async () => {
  const csv = join(folder, 'out.csv')
  const { status, out, err } = await analyze('reflection', 'r', '--words', 'CyclicReflex', '--by', 'arm', '--csv', csv)
  expect(status, err).toBe(0)
  expect(out).toContain('Reflection cues per response against base: more in rl (+1 on the same prompts).')
  expect(out).toMatch(/^rl +1 n=12$/m)
  expect(out).toContain('The cues are: wait, but, alternatively.')
  expect(out).toContain('24 of 24 were used.')
  expect(out).not.toContain('by category')
  const lines = readFileSync(csv, 'utf8').split('\r\n')
  expect(lines[0]).toBe('figure,series,x,y,95% low,95% high,n,p')
  expect(lines.find((line) => line.startsWith('cues-per-response-by-category,rl'))).toContain("'=theft,1,,,12")
  expect(lines).toContain('cues-per-response-against-base,rl,difference,1,,,12,0.00048828125')
}, 60_000)

test('--json gives request and result on one line, and the second time from the store', async () => {
  writeFileSync(join(folder, 'words.txt'), '# mine\nplan\n')
  const first = JSON.parse((await analyze('reflection', 'r', '--words', 'words.txt', '--json')).out)
  expect(AnalysisRequest.parse(first.request)).toMatchObject({ kind: 'reflection', words: ['plan'] })
  expect(AnalysisResult.parse(first.result).counts.used).toBe(24)
  expect(first.wasKept).toBe(false)
  const second = JSON.parse((await analyze('reflection', 'r', '--words', 'words.txt', '--json')).out)
  expect(second).toMatchObject({ wasKept: true, result: first.result })
  expect((await analyze('reflection', 'r', '--words', 'words.txt')).out).toMatch(/^Kept since \d{4}-.*--again computes it anew\.$/m)
}, 60_000)

test('a slip is named with its remedy, and nothing is guessed', async () => {
  writeFileSync(join(folder, 'many.txt'), Array.from({ length: 10_000 }, (_, i) => `word${i}`).join('\n'))
  const slips: [string[], string][] = [
    [['reflection', 'r', '--arm', 'none'], 'It has: base, rl.'],
    [['reflection', 'r', '--words', 'gone.txt'], "there is no list and no file 'gone.txt'"],
    [['reflection', 'r', '--words', 'many.txt'], 'at most 200 words and phrases can be asked for'],
    [['memorisation', '--train', 'a.jsonl'], 'no model is named'],
    [['entropy', 'r', '--forking-share', '2'], 'forkingShare'],
  ]
  const ended = await Promise.all(slips.map(([args]) => analyze(...args)))
  expect(ended.map(({ status }) => status)).toEqual(slips.map(() => 2))
  ended.forEach(({ err }, i) => expect(err).toContain(slips[i][1]))
}, 60_000)
