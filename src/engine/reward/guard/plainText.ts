/** Texts by strangers inside prompts: they must not be able to end their turn and speak for the guard. */
import type { Tokenizer } from '../../model/tokenizer.ts'

/** Makes plain text of what the tokenizer would read as one of its marks, by a space inside it. */
export function plainText({ addedTokens }: Pick<Tokenizer, 'addedTokens'>): (text: string) => string {
  const marks = addedTokens.filter(({ text, isSpecial }) => isSpecial && text.length > 1).map(({ text }) => text)
  return (text) => marks.reduce((plain, mark) => plain.replaceAll(mark, `${mark[0]} ${mark.slice(1)}`), text)
}
