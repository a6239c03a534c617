/** Folders of guard models with random weights, whose tokens are bytes: fast, opinionated and ignorant. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCheckpoint, writeCheckpoint } from '../../../../src/engine/model/checkpoint.ts'
import { parseModelConfig } from '../../../../src/engine/model/config.ts'
import { expectedTensors } from '../../../../src/engine/model/modelTensors.ts'
import { verifiedModel } from '../../../../src/engine/verify/verifiedModel.ts'
import { RandomStream } from '../../../../src/shared/random.ts'

const MARKS = ['<pad>', '<|end|>', '<|user|>', '<|assistant|>']

/** Bytes as byte-level tokenizers write them: printable ones as they are, others from 256 on. */
function byteLetters(): string[] {
  const printable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++))
}

export const tokenOf = (character: string): number => character.charCodeAt(0) + MARKS.length

function tokenizerJson(): object {
  const vocabulary = [...MARKS, ...byteLetters()]
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: MARKS.map((content, id) => ({ id, content, ...flags })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true },
    model: {
      type: 'BPE',
      unk_token: null,
      vocab: Object.fromEntries(vocabulary.map((text, id) => [text, id])),
      merges: [],
    },
  }
}

export interface TinyGuard {
  architecture?: string
  template?: string | null
  changes?: object
  /** The characters by which verdicts begin: their tokens are far likelier than others. */
  verdicts?: string
  /** Of the last matrix; one of scores is equal to the first rows of one of words. */
  headSpread?: number
  /** Nothing is likelier than anything else. */
  mute?: boolean
}

/** Two layers, 32 wide; a context of 1,024 tokens unless `changes` say otherwise. */
export function writeTinyGuard(folder: string, guard: TinyGuard = {}): string {
  const { architecture = 'LlamaForCausalLM', template = null, changes = {} } = guard
  const { verdicts = '', headSpread = 0, mute = false } = guard
  const configJson = {
    architectures: [architecture],
    hidden_size: 32,
    intermediate_size: 48,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 1024,
    rms_norm_eps: 1e-5,
    tie_word_embeddings: false,
    pad_token_id: 0,
    eos_token_id: 1,
    vocab_size: MARKS.length + 256,
    ...changes,
  }
  const random = new RandomStream(3, ['tiny guard'])
  const tensors = expectedTensors(parseModelConfig(configJson, 'config.json')).map(({ name, shape }) => {
    const size = shape.reduce((product, length) => product * length, 1)
    const spread = /^(lm_head|score)/.test(name) ? headSpread : 0.2
    const norm = name === 'model.norm.weight' && mute ? 0 : 1
    const data = Float32Array.from({ length: size }, () => (shape.length === 1 ? norm : spread * random.normal()))
    if (name === 'lm_head.weight') favour(data, shape[1], verdicts, random)
    return { name, shape, data }
  })
  mkdirSync(folder, { recursive: true })
  writeCheckpoint(folder, { configJson, tensors })
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizerJson()))
  const chat = template === null ? {} : { chat_template: template }
  const marks = { eos_token: '<|end|>', pad_token: '<pad>' }
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ ...marks, ...chat }))
  return folder
}

/** Whatever the hidden state, one of the verdicts points its way: the first two are each other's opposite. */
function favour(head: Float32Array, width: number, verdicts: string, random: RandomStream): void {
  const row = Array.from({ length: width }, () => 0.5 * random.normal())
  ;[...verdicts].forEach((character, i) => {
    const start = tokenOf(character) * width
    row.forEach((value, j) => (head[start + j] = [value, -value, 0.3 * value][i]))
  })
}

/** Logits after the last token of one prompt, by the graph that `reflectory verify` uses. */
export async function lastLogits(folder: string, tokens: readonly number[]): Promise<Float32Array> {
  const model = verifiedModel(openCheckpoint(folder), { device: 'cpu', threads: 1 })
  const [rows] = await model.logits({ ids: [tokens], mask: [tokens.map(() => 1)] })
  return rows.at(-1)!.slice()
}

/** Every character a token; marks are tokens of their own. */
export function bytesOf(text: string): number[] {
  return text
    .split(/(<pad>|<\|\w+\|>)/)
    .flatMap((part) =>
      MARKS.includes(part)
        ? [MARKS.indexOf(part)]
        : [...new TextEncoder().encode(part)].map((byte) => MARKS.length + byte),
    )
}
