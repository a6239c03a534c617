/** Finds words and phrases in a text, whatever their case, at the edges of words. */

/** Words that may follow, and whether a phrase ends here. */
interface Branch {
  next: Map<string, Branch>
  ends: boolean
}

/** Letters, digits and marks of any script are parts of words. */
const WORD_PART = '[\\p{L}\\p{N}\\p{M}]'
/** Scripts that put no spaces between words: the edges of a word cannot be seen. */
const UNSPACED =
  '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}]'
/** Beside which no other part of a word may stand. */
const EDGED = `(?!${UNSPACED})${WORD_PART}`
const FIRST_IS_EDGED = new RegExp(`^${EDGED}`, 'u')
const LAST_IS_EDGED = new RegExp(`${EDGED}$`, 'u')
const NOT_BEHIND_WORD = `(?<!${WORD_PART})`
const NOT_BEFORE_WORD = `(?!${WORD_PART})`
const NOTHING = '(?!)'

/**
 * A global pattern that matches any phrase; spaces match any white space, and curly apostrophes straight ones. Of
 * several phrases that begin together the longest is found: "I can not help" before "I can not". Phrases with the same
 * first words share them in the pattern, so that a long list costs little more than a short one. Where a phrase begins
 * or ends with a letter or a digit no other may stand beside it, but for scripts without spaces. Blank ones are found nowhere.
 */
export function phrasePattern(phrases: readonly string[]): RegExp {
  const written = phrases.map((phrase) => phrase.trim().toLowerCase()).filter((phrase) => phrase !== '')
  const root: Branch = { next: new Map(), ends: false }
  for (const phrase of written) {
    let branch = root
    for (const word of phrase.split(/\s+/)) {
      const next = branch.next.get(word) ?? { next: new Map<string, Branch>(), ends: false }
      branch.next.set(word, next)
      branch = next
    }
    branch.ends = true
  }
  if (root.next.size === 0) return new RegExp(NOTHING, 'g')
  // To look at the character itself costs time, and few lists need it.
  const before = written.every((phrase) => FIRST_IS_EDGED.test(phrase)) ? NOT_BEHIND_WORD : `(?:(?!${EDGED})|${NOT_BEHIND_WORD})`
  const behind = written.every((phrase) => LAST_IS_EDGED.test(phrase)) ? NOT_BEFORE_WORD : `(?:(?<!${EDGED})|${NOT_BEFORE_WORD})`
  return new RegExp(before + sourceOf(root) + behind, 'giu')
}

function sourceOf({ next }: Branch): string {
  const alternatives = [...next]
    // Of "can" and "can't" the longer word comes first: an apostrophe is the edge of a word too.
    .sort(([a], [b]) => b.length - a.length)
    .map(([word, branch]) => {
      const here = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/['’]/g, "['’]")
      if (branch.next.size === 0) return here
      const rest = `\\s+${sourceOf(branch)}`
      return branch.ends ? `${here}(?:${rest})?` : `${here}${rest}`
    })
  return `(?:${alternatives.join('|')})`
}
