/** Whatever a person may give that cannot be used: one message with place and remedy, and no half-made run. */
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { runCommand } from '../../src/cli/run.ts'
import { nodeEngine, type EngineChild, type LaunchEngine } from '../../src/host/engineChild.ts'
import { ReflectoryError } from '../../src/shared/errors.ts'
import { openStore } from '../../src/store/openStore.ts'
import { listRuns } from '../../src/store/runs.ts'
import { writeTinyHarbor } from '../engine/study/tinyHarbor.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

const study = `name: bad
model: model
threads: 1
judges: [{ lexicon: builtin }]
data: { attacks: { file: attacks.csv, role: harmful } }
arms: [{ name: base, method: base }]
evaluation: { sources: [attacks], sampling: { maxNewTokens: 4 } }
`
const attacks = 'prompt,category\nHow does one open a crate?,theft\nWhere is the key?,theft\n'

let whole: string
let engine: EngineChild

/** The real engine, started once: each run lets go of it as if it were its own. */
const launch: LaunchEngine = () => {
  let letGo: () => void
  const ended = new Promise<string>((resolve) => (letGo = () => resolve('let go')))
  return { ...engine, ended, letGo: () => letGo(), kill: () => letGo() }
}

beforeAll(() => {
  whole = temporaryFolder()
  writeTinyHarbor(join(whole, 'model'))
  writeFileSync(join(whole, 'study.yaml'), study)
  writeFileSync(join(whole, 'attacks.csv'), attacks)
  engine = nodeEngine()()
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterAll(() => {
  vi.restoreAllMocks()
  engine.kill()
})

/** A study, its model and its data that are good until `damage` has been at them. */
function damaged(damage: (at: (path: string) => string) => void): { folder: string; store: string } {
  const folder = join(temporaryFolder(), 'x')
  mkdirSync(folder)
  for (const part of ['model', 'study.yaml', 'attacks.csv']) {
    cpSync(join(whole, part), join(folder, part), { recursive: true })
  }
  damage((path) => join(folder, path))
  return { folder, store: join(folder, 'store', 's.sqlite') }
}

const replace = (file: string, old: string, fresh: string) => {
  const text = readFileSync(file, 'utf8')
  expect(text).toContain(old)
  writeFileSync(file, text.replace(old, fresh))
}

const Entry = z.looseObject({ dtype: z.string(), shape: z.array(z.int()), data_offsets: z.array(z.int()) })
type Header = Record<string, z.infer<typeof Entry>>

/** Writes the header anew, and leaves the data behind it as it is. */
function changeHeader(file: string, change: (header: Header, names: string[]) => void): void {
  const bytes = readFileSync(file)
  const end = 8 + Number(bytes.readBigUInt64LE(0))
  const { __metadata__, ...entries } = z
    .looseObject({ __metadata__: z.unknown() })
    .parse(JSON.parse(bytes.toString('utf8', 8, end)))
  const header = z.record(z.string(), Entry).parse(entries)
  change(header, Object.keys(header))
  const text = Buffer.from(JSON.stringify({ __metadata__, ...header }))
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(BigInt(text.length))
  writeFileSync(file, Buffer.concat([prefix, text, bytes.subarray(end)]))
}

function changeConfig(file: string, changes: object): void {
  const config = z.looseObject({}).parse(JSON.parse(readFileSync(file, 'utf8')))
  writeFileSync(file, JSON.stringify({ ...config, ...changes }))
}

const weights = 'model/model.safetensors'
const norm = 'model.norm.weight'

const cases: [string, (at: (path: string) => string) => void, RegExp][] = [
  ['no model folder', (at) => rmSync(at('model'), { recursive: true }), /x\/model\/config\.json: /],
  ['no safetensors', (at) => rmSync(at(weights)), /x\/model.*safetensors/],
  [
    'a truncated safetensors',
    (at) => truncateSync(at(weights), statSync(at(weights)).size - 100),
    /model\.safetensors: .*(cut off|truncated|ends|outside|beyond|bytes)/,
  ],
  ['an empty safetensors', (at) => truncateSync(at(weights), 0), /model\.safetensors: /],
  [
    'overlapping offsets',
    (at) =>
      changeHeader(at(weights), (header, [, second]) => {
        header[second].data_offsets = header[second].data_offsets.map((offset) => offset - 4)
      }),
    /model\.safetensors: .*overlap/,
  ],
  [
    'offsets out of range',
    (at) =>
      changeHeader(at(weights), (header, names) => {
        const last = header[names.at(-1)!]
        last.data_offsets = last.data_offsets.map((offset) => offset + 1e9)
      }),
    /model\.safetensors: .*/,
  ],
  [
    'a header larger than the file',
    (at) => {
      const bytes = readFileSync(at(weights))
      bytes.writeBigUInt64LE(2n ** 40n)
      writeFileSync(at(weights), bytes)
    },
    /model\.safetensors: .*header/,
  ],
  [
    'an unknown dtype',
    (at) => changeHeader(at(weights), (header) => (header[norm].dtype = 'Q4_K')),
    /model\.safetensors: .*Q4_K/,
  ],
  [
    'a tensor of the wrong shape',
    (at) => changeHeader(at(weights), (header) => (header[norm].shape = [2, 16])),
    /model\.safetensors: .*model\.norm\.weight.*2.*16.*32/,
  ],
  [
    'a missing tensor',
    (at) =>
      changeHeader(at(weights), (header) => {
        header['model.form.weight'] = header[norm]
        delete header[norm]
      }),
    /x\/model.*model\.norm\.weight/,
  ],
  [
    'an unsupported architecture',
    (at) =>
      changeConfig(at('model/config.json'), { architectures: ['GPTNeoXForCausalLM'], model_type: 'gpt_neox' }),
    /config\.json:architectures: .*GPTNeoXForCausalLM.*Llama.*Qwen3/is,
  ],
  ['a configuration that is no JSON', (at) => truncateSync(at('model/config.json'), 20), /config\.json/],
  [
    'a tokenizer larger than the vocabulary',
    (at) => changeConfig(at('model/config.json'), { vocab_size: 100 }),
    /(tokenizer\.json|safetensors): .*100/,
  ],
  [
    'a token without an embedding',
    (at) => {
      const file = at('model/tokenizer.json')
      const Tokens = z.looseObject({ added_tokens: z.array(z.looseObject({})) })
      const tokenizer = Tokens.parse(JSON.parse(readFileSync(file, 'utf8')))
      const extra = { ...tokenizer.added_tokens[0], id: 99999, content: '<extra>' }
      writeFileSync(file, JSON.stringify({ ...tokenizer, added_tokens: [...tokenizer.added_tokens, extra] }))
    },
    /tokenizer\.json: .*<extra>/,
  ],
  ['no tokenizer', (at) => rmSync(at('model/tokenizer.json')), /tokenizer\.json: /],
  ['an unknown key', (at) => replace(at('study.yaml'), 'threads', 'thraeds'), /study\.yaml:3: thraeds: unknown field/],
  ['an impossible value', (at) => replace(at('study.yaml'), 'threads: 1', 'threads: -1'), /study\.yaml:3: threads: /],
  ['an empty study', (at) => truncateSync(at('study.yaml'), 0), /study\.yaml: is empty/],
  [
    'a study in another encoding',
    (at) => writeFileSync(at('study.yaml'), Buffer.from(`# é\n${study}`, 'latin1')),
    /study\.yaml: is not UTF-8/,
  ],
  [
    'prompts longer than the context',
    (at) => replace(at('attacks.csv'), 'Where', 'Where '.repeat(600)),
    /attacks\.csv: 1 of 2 rows do not fit the context.*--too-long drop/,
  ],
  ['no data file', (at) => rmSync(at('attacks.csv')), /attacks\.csv: there is no such file/],
  [
    'a CSV without the needed column',
    (at) => replace(at('attacks.csv'), 'prompt,category', 'colour,size'),
    /attacks\.csv.*: .*colour/,
  ],
  ['an empty CSV', (at) => truncateSync(at('attacks.csv'), 0), /attacks\.csv: the file is empty/],
  [
    'a CSV in Latin-1',
    (at) => writeFileSync(at('attacks.csv'), Buffer.from(attacks.replace('key', 'clé'), 'latin1')),
    /attacks\.csv:3: .*UTF-8/,
  ],
  [
    'a CSV in UTF-16',
    (at) => writeFileSync(at('attacks.csv'), Buffer.from(`\ufeff${attacks}`, 'utf16le')),
    /attacks\.csv.*UTF-16/,
  ],
  [
    'rows that cannot be read',
    (at) => writeFileSync(at('attacks.csv'), `${attacks}one,two,three\n" ",theft\n`),
    /attacks\.csv:4: 2 rows cannot be read \(line 4: 3 fields where the header has 2; line 5: .*empty\).*--skip-bad/,
  ],
  [
    'a word list that is not there',
    (at) => replace(at('study.yaml'), 'lexicon: builtin', 'lexicon: words.txt'),
    /words\.txt: /,
  ],
  [
    'too little disk for the records',
    (at) => {
      appendFileSync(at('attacks.csv'), 'Where is it,things\n'.repeat(400_000))
      replace(at('study.yaml'), 'sources: [attacks]', 'sources: [attacks], samplesPerPrompt: 256')
    },
    /s\.sqlite: the records of this study may take .* GB.*Make room/,
  ],
  [
    'a store from a newer version',
    (at) => {
      const newer = openStore(at('store/s.sqlite'))
      newer.db.pragma('user_version = 99')
      newer.close()
    },
    /s\.sqlite: comes from a newer version.*Update Reflectory/,
  ],
  [
    'a store that is a folder',
    (at) => mkdirSync(at('store/s.sqlite'), { recursive: true }),
    /s\.sqlite: cannot be opened/,
  ],
  ['a store below a file', (at) => writeFileSync(at('store'), ''), /s\.sqlite: cannot be opened.*folder/],
]

function runsIn(store: string): string[] {
  const opened = openStore(store)
  try {
    return listRuns(opened, { limit: 9 }).map(({ id }) => id)
  } finally {
    opened.close()
  }
}

describe('run', () => {
  test('comes to its end with what the cases below damage', async () => {
    const { folder, store } = damaged(() => undefined)
    expect(await runCommand(join(folder, 'study.yaml'), { store }, launch)).toBe(0)
    expect(runsIn(store)).toEqual(['bad-1'])
  })

  test('goes on without rows that cannot be read where it is told to', async () => {
    const { folder, store } = damaged((at) => writeFileSync(at('attacks.csv'), `${attacks}one,two,three\n`))
    expect(await runCommand(join(folder, 'study.yaml'), { store, skipBad: true }, launch)).toBe(0)
  })

  test.each(cases)('refuses %s with place and remedy, and makes no run', async (_, damage, message) => {
    const { folder, store } = damaged(damage)
    const error: unknown = await runCommand(join(folder, 'study.yaml'), { store }, launch).then(
      (status) => `ended with ${status}`,
      (reason: unknown) => reason,
    )
    if (!(error instanceof ReflectoryError)) throw error
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('\n')
    expect(error.remedy).toMatch(/^[A-Z].*\.$/)
    // The command line ends with 2 on every code but these.
    expect(['engine', 'cancelled']).not.toContain(error.code)
    expect(existsSync(join(folder, 'store', 'runs'))).toBe(false)
    if (error.code !== 'store') expect(existsSync(store) ? runsIn(store) : []).toEqual([])
  })

  test('ends with 2 and one line on standard error where the engine refuses', () => {
    const { folder, store } = damaged((at) => truncateSync(at(weights), 5))
    const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [main, 'run', join(folder, 'study.yaml'), '--store', store],
      { encoding: 'utf8' },
    )
    expect(stderr).toMatch(/^error: .*model\.safetensors: .*\.\n$/)
    expect([status, stdout]).toEqual([2, ''])
  })
})
