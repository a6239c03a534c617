/** Finds words and phrases in a text, whatever their case, at the edges of words. */

/** A global pattern that matches any phrase; spaces match any white space, and curly apostrophes straight ones. */
export function phrasePattern(phrases: readonly string[]): RegExp {
  const alternatives = phrases
    .map((phrase) => phrase.trim())
    // The longest first, so that "i can not help" is found before "i can not".
    .sort((a, b) => b.length - a.length)
    .map((phrase) =>
      phrase
        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        .replace(/\s+/g, '\\s+')
        .replace(/['’]/g, "['’]"),
    )
  // Letters and digits of any script are parts of words.
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${alternatives.join('|')})(?![\\p{L}\\p{N}])`, 'giu')
}
