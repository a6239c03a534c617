/**
 * Tokens to text as they come: a character whose bytes are spread over several tokens appears with the last of them.
 */

/** What decoding leaves where a character is not complete: one mark for all of its bytes so far. */
const INCOMPLETE = '\ufffd'
/** A character has at most four bytes, and a token at least one. */
const MOST_TOKENS = 4

export interface TextStream {
  /** The text that this token completes; empty where a character is still open. */
  push(token: number): string
  /** What was held back: a mark for a character that never came to its end. */
  end(): string
}

/** The texts of all pushes and of the end, joined, are what `decode` makes of all tokens. */
export function textStream(decode: (tokens: ArrayLike<number>) => string): TextStream {
  // Whether a token brings a space with it depends on what stands before it, so each is decoded behind its predecessor.
  let pending: number[] = []
  let given = 0
  return {
    push(token) {
      pending.push(token)
      const text = decode(pending)
      const isOpen = text.endsWith(INCOMPLETE)
      const end = isOpen ? text.length - INCOMPLETE.length : text.length
      const fresh = text.slice(given, end)
      // Of a character's last bytes alone, decoding makes a mark; that one was given, as the character.
      given = Math.max(given, end)
      if (isOpen) {
        // Broken bytes may go on for ever; the open character lies within the last few.
        if (pending.length <= 4 * MOST_TOKENS) return fresh
        pending = pending.slice(-MOST_TOKENS)
        given = decode(pending).length - INCOMPLETE.length
      } else {
        const alone = decode([token])
        // Without text of its own it cannot stand for what was before it.
        if (alone === '') return fresh
        pending = [token]
        given = alone.length
      }
      return fresh
    },
    end() {
      const rest = pending.length === 0 ? '' : decode(pending).slice(given)
      pending = []
      given = 0
      return rest
    },
  }
}
