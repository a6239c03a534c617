/** The tokens by which a guard's verdicts begin. */
import { ReflectoryError } from '../../../shared/errors.ts'
import type { Tokenizer } from '../../model/tokenizer.ts'
import type { VerdictForm } from './format.ts'

export interface VerdictTokens {
  /** Given to the guard behind the prompt: what it writes before its verdict, whatever that is. */
  forced: Int32Array
  /** The first token of each verdict, all different. */
  first: readonly number[]
}

/** Throws `bad-model` where the tokenizer's first tokens do not tell the verdicts apart. */
export function verdictTokens(tokenizer: Tokenizer, { lead, verdicts }: VerdictForm, folder: string): VerdictTokens {
  const written = verdicts.map(({ text }) => tokenizer.encode(lead + text, { addSpecialTokens: false }))
  let shared = 0
  while (written.every((tokens) => shared < tokens.length && tokens[shared] === written[0][shared])) shared++
  const first = written.map((tokens) => tokens[shared])
  const isBeginning = (token: number | undefined, { text }: { text: string }): boolean => {
    const begins = token === undefined ? '' : tokenizer.decode([token], { skipSpecialTokens: false }).trim()
    return begins !== '' && text.trim().startsWith(begins)
  }
  if (new Set(first).size < first.length || !verdicts.every((verdict, i) => isBeginning(first[i], verdict))) {
    throw new ReflectoryError(
      'bad-model',
      folder,
      `its tokenizer does not tell ${verdicts.map(({ text }) => `'${text.trim()}'`).join(' from ')}`,
      'Check that the tokenizer is the one of this guard model, and the format (format: …) the right one.',
    )
  }
  return { forced: written[0].slice(0, shared), first }
}
