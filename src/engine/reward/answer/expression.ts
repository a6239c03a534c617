/** What an answer's formula says, as a tree; nothing is computed yet. */
import type { Rational } from './algebra/rational.ts'

export type Expression =
  | { op: 'number'; value: Rational }
  /** A variable or a constant: `x`, `x_1`, `pi`, `e`, `i`, `infty`. */
  | { op: 'name'; name: string }
  | { op: 'sum' | 'product' | 'quotient' | 'power'; of: readonly [Expression, Expression] }
  | { op: 'negative'; of: Expression }
  /** `log` has a base as its second argument where one is written. */
  | { op: 'call'; name: FunctionName; of: readonly Expression[] }

const functionNames = [
  'sin',
  'cos',
  'tan',
  'cot',
  'sec',
  'csc',
  'arcsin',
  'arccos',
  'arctan',
  'sinh',
  'cosh',
  'tanh',
  'log',
  'ln',
  'exp',
  'abs',
  'floor',
  'ceil',
  'factorial',
  'binom',
] as const
export type FunctionName = (typeof functionNames)[number]

const known: ReadonlySet<string> = new Set(functionNames)

export function isFunctionName(name: string): name is FunctionName {
  return known.has(name)
}

/** Symbols of more than one letter; other runs of letters are products of single ones. */
const symbols = new Set(
  (
    'pi infty alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau upsilon phi chi ' +
    'psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega ell cis'
  ).split(' '),
)

export function isSymbol(word: string): boolean {
  return word.length === 1 || symbols.has(word) || isFunctionName(word)
}

export function whole(value: bigint): Expression {
  return { op: 'number', value: { n: value, d: 1n } }
}
