/** Text to token ids and back, as the tokenizer.json of a model folder says. */
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import { ReflectoryError } from '../../shared/errors.ts'
import { describe } from './jsonFile.ts'
import { isThoughtTag } from './thoughtTags.ts'
import { readTokenizerFiles, type SpecialToken } from './tokenizerFile.ts'
import { cacheWords } from './wordCache.ts'

export interface Tokenizer {
  /**
   * `addSpecialTokens` adds what belongs around plain text (a begin token, say); leave it off after a chat template.
   */
  encode(text: string, options: { addSpecialTokens: boolean }): Int32Array
  /**
   * Ids without a text (a vocabulary padded to a round size has some) are left out. Tags of thoughts stay even where
   * they are special.
   */
  decode(ids: ArrayLike<number>, options: { skipSpecialTokens: boolean }): string
  /** Largest id plus one. */
  vocabularySize: number
  tokenId(text: string): number | null
  /** What stays in one piece wherever it stands in a text, by id; `isSpecial` where it marks form, not text. */
  addedTokens: readonly (SpecialToken & { isSpecial: boolean })[]
  bos: SpecialToken | null
  eos: SpecialToken | null
  pad: SpecialToken | null
}

/**
 * Loads tokenizer.json and tokenizer_config.json. With `modelVocabularySize`, a tokenizer that could produce an id that
 * the model has no embedding for is refused. Throws `bad-model`.
 */
export function loadTokenizer(folder: string, modelVocabularySize?: number): Tokenizer {
  const { file, contents, config, bos, eos, pad } = readTokenizerFiles(folder)
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
  cacheWords(tokenizer)
  // The library has an entry for ids without a text as well, its types notwithstanding.
  const named = [...tokenizer.get_vocab(true)].filter(([text]) => typeof text === 'string')
  const vocabulary = new Map<string, number>(named)
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
  const addedTokens = [...tokenizer.get_added_tokens_decoder()]
    .map(([id, { content, special }]) => ({ text: content, id, isSpecial: special }))
    .sort((a, b) => a.id - b.id)
  const dropped = new Set(
    addedTokens.filter(({ text, isSpecial }) => isSpecial && !isThoughtTag(text)).map(({ id }) => id),
  )
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
    addedTokens,
    bos,
    eos,
    pad,
  }
}
