/** Byte-pair encoding of a word is done once and remembered: most words of a text have been seen before. */

/** What is used of the library's model. */
interface BytePairModel {
  encode(words: readonly string[]): string[]
  merges: readonly (readonly [string, string])[]
  ignore_merges: boolean
  end_of_word_suffix?: string | null
  /** Of the library's own cache, in characters. */
  max_length_to_cache: number
}

function isBytePairModel(model: unknown): model is BytePairModel {
  return typeof model === 'function' && 'merges' in model && 'max_length_to_cache' in model && 'encode' in model
}

/** The step that writes the bytes of a word as letters; it divides nothing where it is the last of several steps. */
interface ByteStep {
  pre_tokenize_text(word: string): string[]
  use_regex: boolean
  add_prefix_space: boolean
}

function isByteStep(step: unknown): step is ByteStep {
  return typeof step === 'function' && 'byte_encoder' in step && 'use_regex' in step && 'add_prefix_space' in step
}

/** Words; cleared whole when full, as that costs nothing at a hit. */
const CAPACITY = 50_000
/** Longer ones are rarely seen again. In characters. */
const LONGEST_WORD = 64

/**
 * Changes how the library's tokenizer encodes words, not what comes out. Its own cache rewrites its order at every hit,
 * which is nearly half of its time; it writes every word as letters for its bytes before it looks there; and where it has
 * no words (SentencePiece vocabularies), a text is merged as one.
 */
export function cacheWords({ model, pre_tokenizer: steps }: { model: unknown; pre_tokenizer: unknown }): void {
  if (!isBytePairModel(model)) return
  model.max_length_to_cache = 0
  const merge = model.encode.bind(model)
  const letters = takeByteStep(steps)
  const encodeAnew = letters === null ? (word: string) => merge([word]) : (word: string) => merge(letters(word))
  const known = new Map<string, readonly string[]>()
  const divide = steps === null && mergesStayInWords(model)
  model.encode = (texts) => {
    const words = divide ? texts.flatMap((text) => text.split(WORD_START)) : texts
    const tokens: string[] = []
    for (const word of words) {
      let found = known.get(word)
      if (found === undefined) {
        found = encodeAnew(word)
        if (word.length <= LONGEST_WORD) {
          if (known.size >= CAPACITY) known.clear()
          known.set(apart(word), found)
        }
      }
      for (const token of found) tokens.push(token)
    }
    return tokens
  }
}

/** The last step of several, taken off them, if it only writes bytes as letters; else null. */
function takeByteStep(steps: unknown): ((word: string) => string[]) | null {
  const several: unknown = typeof steps === 'function' && 'tokenizers' in steps ? steps.tokenizers : null
  if (!Array.isArray(several)) return null
  const last: unknown = several.at(-1)
  if (!isByteStep(last) || last.use_regex || last.add_prefix_space) return null
  several.pop()
  return (word) => last.pre_tokenize_text(word)
}

/** A word is a view of its text, which would be kept with it. */
function apart(word: string): string {
  return ` ${word}`.slice(1)
}

/** SentencePiece writes spaces as this. */
const SPACE = '▁'
const WORD_START = new RegExp(`(?<=[^${SPACE}])(?=${SPACE})`, 'u')

/**
 * Whether no merge joins the end of a word with the space before the next, so that words can be merged each by itself.
 */
function mergesStayInWords({ merges, ignore_merges: wholeWords, end_of_word_suffix: suffix }: BytePairModel): boolean {
  return !wholeWords && !suffix && merges.every(([left, right]) => !right.startsWith(SPACE) || left.endsWith(SPACE))
}
