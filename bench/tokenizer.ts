/**
 * How fast texts become tokens: this project's own pages and programs, each once, as data is read before training. With
 * `node bench/tokenizer.ts` alone, a line a tokenizer; published ones are measured where REFLECTORY_SHARED has them.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadTokenizer } from '../src/engine/model/tokenizer.ts'

export interface TokenizerSpeed {
  name: string
  tokens: number
  loadMs: number
  /** Every text met for the first time, the tokenizer just loaded. */
  tokensPerSecond: number
  /** The same texts again, when their words are known. */
  knownTokensPerSecond: number
  decodedTokensPerSecond: number
}

const root = join(import.meta.dirname, '..')
const shared = process.env['REFLECTORY_SHARED'] ?? join(root, '../shared')
const folders: Record<string, string> = {
  'Harbor (words)': join(root, 'resources/harbor'),
  'Qwen2.5 (byte pairs)': join(shared, 'tokenizers/qwen2.5'),
  'minimind (byte pairs)': join(shared, 'tokenizers/minimind'),
  'stories260K (SentencePiece)': join(shared, 'models/stories260K-hf'),
}

/** About two million characters of English and TypeScript. */
function ownTexts(): string[] {
  const files = ['src', 'test', 'docs', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|md|vue)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  )
  const pages = ['README.md', 'ARCHITECTURE.md'].map((name) => join(root, name))
  return [...pages, ...files].map((file) => readFileSync(file, 'utf8'))
}

export function measureTokenizers(): TokenizerSpeed[] {
  const texts = ownTexts()
  return Object.entries(folders)
    .filter(([, folder]) => existsSync(join(folder, 'tokenizer.json')))
    .map(([name, folder]) => {
      const [tokenizer, loadMs] = timed(() => loadTokenizer(folder))
      const encodeAll = () => texts.map((text) => tokenizer.encode(text, { addSpecialTokens: false }))
      const [encoded, firstMs] = timed(encodeAll)
      const [, againMs] = timed(encodeAll)
      const [, decodeMs] = timed(() => encoded.map((ids) => tokenizer.decode(ids, { skipSpecialTokens: true })))
      const tokens = encoded.reduce((sum, { length }) => sum + length, 0)
      const rate = (ms: number) => Math.round((tokens * 1000) / ms)
      return {
        name,
        tokens,
        loadMs,
        tokensPerSecond: rate(firstMs),
        knownTokensPerSecond: rate(againMs),
        decodedTokensPerSecond: rate(decodeMs),
      }
    })
}

function timed<T>(work: () => T): [T, number] {
  const start = performance.now()
  const result = work()
  return [result, performance.now() - start]
}

export function tokenizerLine(speed: TokenizerSpeed): string {
  const whole = (count: number) => count.toLocaleString('en')
  const { name, tokens, loadMs, tokensPerSecond, knownTokensPerSecond, decodedTokensPerSecond } = speed
  const rest =
    `known words ${whole(knownTokensPerSecond)}, back to text ${whole(decodedTokensPerSecond)}; ` +
    `${whole(tokens)} tokens, loaded in ${loadMs.toFixed(0)} ms`
  return `${`tokenising, ${name}`.padEnd(40)} ${whole(tokensPerSecond)} tokens/s; ${rest}`
}

if (import.meta.main) for (const speed of measureTokenizers()) process.stdout.write(`${tokenizerLine(speed)}\n`)
