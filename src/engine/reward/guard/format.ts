/** What is known of a published guard model: how it is asked, and how its verdict is read. */
import type { GuardFormatName } from '../../../shared/judges.ts'

/** A guard's word on a text; some put texts between safe and unsafe. */
export type Grade = 'safe' | 'controversial' | 'unsafe'

/** Where a verdict stands: behind `lead`, which the guard always writes first, one of the verdicts follows. */
export interface VerdictForm {
  lead: string
  verdicts: readonly { text: string; grade: Grade }[]
}

/** What a written verdict says; `details` are the categories that it names. */
export interface ReadVerdict {
  grade: Grade
  details: string[]
}

export interface GuardFormat {
  name: GuardFormatName
  /** Whether a chat template, or the name of a model, is that of such a guard. */
  matches(facts: { template: string; name: string }): boolean
  /** What its chat template wants to be told beside the messages. */
  variables: Readonly<Record<string, unknown>>
  /** The whole prompt in our own words, for a folder without a chat template. */
  ownPrompt(question: string, text: string): string
  /** @param prompt an example of a prompt, which the form can depend on */
  verdictAfter(prompt: string): VerdictForm
  /** Whether an unsafe verdict goes on with categories. */
  namesCategories: boolean
  /** Null where the output is no verdict. */
  read(output: string): ReadVerdict | null
}

/** What is judged, as a guard's chat template takes it. */
export const conversation = (question: string, text: string) => [
  { role: 'user' as const, content: question },
  { role: 'assistant' as const, content: text },
]
