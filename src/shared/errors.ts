/** The one error class whose message is meant for a person: it names the place, the problem and the remedy. */

/** What went wrong, for programs; the message is for people. */
export type ErrorCode =
  | 'bad-model'
  | 'bad-data'
  | 'bad-study'
  | 'bad-argument'
  | 'too-long'
  | 'too-large'
  | 'store'
  | 'disk'
  | 'device'
  | 'endpoint'
  | 'engine'
  | 'cancelled'

/**
 * Thrown for everything that a person can mend. `place` is a file (with line or field where known), a command-line
 * option or a device; `remedy` is the next thing to do, as a sentence.
 */
export class ReflectoryError extends Error {
  readonly code: ErrorCode
  readonly place: string
  readonly problem: string
  readonly remedy: string

  constructor(code: ErrorCode, place: string, problem: string, remedy: string, options?: ErrorOptions) {
    super(`${place}: ${problem}. ${remedy}`, options)
    this.name = 'ReflectoryError'
    this.code = code
    this.place = place
    this.problem = problem
    this.remedy = remedy
  }
}
