/** Text to token ids and back, as the tokenizer.json of a model folder says. */
import { join } from 'node:path'
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import { z } from 'zod'
import { ReflectoryError } from '../../shared/errors.ts'
import { describe, readJson, readJsonIfPresent } from './jsonFile.ts'
import { THOUGHT_TAGS } from './thoughtSplit.ts'

export interface SpecialToken {
  text: string
  id: number
}

export interface Tokenizer {
  /** `addSpecialTokens` adds what the model expects around plain text (a begin token, say); leave it off after a chat template. */
  encode(text: string, options: { addSpecialTokens: boolean }): Int32Array
  /** Ids without a text (a vocabulary padded to a round size has some) are left out. Thought tags stay even where they are special. */
  decode(ids: ArrayLike<number>, options: { skipSpecialTokens: boolean }): string
  /** Largest id plus one. */
  vocabularySize: number
  tokenId(text: string): number | null
  bos: SpecialToken | null
  eos: SpecialToken | null
  pad: SpecialToken | null
}

const TokenText = z.union([z.string(), z.object({ content: z.string() })]).nullish()
const SpecialTokens = z.looseObject({ bos_token: TokenText, eos_token: TokenText, pad_token: TokenText })
const TokenizerFile = z.looseObject({
  model: z.looseObject({
    type: z.enum(['BPE', 'Unigram', 'WordPiece', 'WordLevel']).optional(),
    unk_token: z.string().nullish(),
  }),
  added_tokens: z.array(z.looseObject({ id: z.number().int().min(0), content: z.string() })).default([]),
})

/**
 * Loads tokenizer.json and tokenizer_config.json. With `modelVocabularySize`, a tokenizer that could produce an id that the
 * model has no embedding for is refused. Throws `bad-model`.
 */
export function loadTokenizer(folder: string, modelVocabularySize?: number): Tokenizer {
  const file = join(folder, 'tokenizer.json')
  const contents = readJson(
    file,
    TokenizerFile,
    'Get the tokenizer.json of the model; tokenizer.model and vocab.txt are not read.',
  )
  const config = readJsonIfPresent(join(folder, 'tokenizer_config.json'), SpecialTokens) ?? {}
  const specialMap = readJsonIfPresent(join(folder, 'special_tokens_map.json'), SpecialTokens) ?? {}
  let tokenizer: HuggingFaceTokenizer
  try {
    // For a word-level vocabulary the library looks for the unknown token in the configuration only.
    tokenizer = new HuggingFaceTokenizer(contents, { unk_token: contents.model.unk_token, ...config })
  } catch (error) {
    throw new ReflectoryError(
      'bad-model',
      file,
      `the tokenizer is of a kind that is not supported (${describe(error)})`,
      'Get the tokenizer.json again, or choose another model.',
      { cause: error },
    )
  }
  // The library has an entry for ids without a text as well, its types notwithstanding.
  const vocabulary = new Map<string, number>([...tokenizer.get_vocab(true)].filter(([text]) => typeof text === 'string'))
  let vocabularySize = 0
  for (const [text, id] of vocabulary) {
    vocabularySize = Math.max(vocabularySize, id + 1)
    if (modelVocabularySize !== undefined && id >= modelVocabularySize) {
      throw new ReflectoryError(
        'bad-model',
        file,
        `token ${JSON.stringify(text)} has id ${id}, but the model has only ${modelVocabularySize} embeddings`,
        'Put the tokenizer that the model was trained with into its folder.',
      )
    }
  }
  const dropped = new Set<number>()
  for (const [id, token] of tokenizer.get_added_tokens_decoder()) {
    if (token.special && token.content !== THOUGHT_TAGS.open && token.content !== THOUGHT_TAGS.close) dropped.add(id)
  }
  const findSpecial = (name: 'bos_token' | 'eos_token' | 'pad_token'): SpecialToken | null => {
    const token = config[name] ?? specialMap[name]
    const text = typeof token === 'string' ? token : token?.content
    const id = text === undefined ? undefined : vocabulary.get(text)
    return text === undefined || id === undefined ? null : { text, id }
  }
  return {
    encode(text, { addSpecialTokens }) {
      // Text without a token becomes the unknown token; a vocabulary without one drops it, as the original does.
      const ids: readonly unknown[] = tokenizer.encode(text, { add_special_tokens: addSpecialTokens }).ids
      return Int32Array.from(ids.filter((id) => typeof id === 'number'))
    },
    decode(ids, { skipSpecialTokens }) {
      const known = Array.from(ids).filter(
        (id) => tokenizer.id_to_token(id) !== undefined && !(skipSpecialTokens && dropped.has(id)),
      )
      // Cleaning up spaces would make the judged text differ from the tokens that earned the reward.
      return known.length === 0
        ? ''
        : tokenizer.decode(known, { skip_special_tokens: false, clean_up_tokenization_spaces: false })
    },
    vocabularySize,
    tokenId: (text) => vocabulary.get(text) ?? null,
    bos: findSpecial('bos_token'),
    eos: findSpecial('eos_token'),
    pad: findSpecial('pad_token'),
  }
}
