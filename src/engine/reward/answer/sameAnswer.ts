/** Whether two answers mean the same. */
import { agree } from './algebra/approximate.ts'
import { hasOpaque, type Work } from './algebra/polynomial.ts'
import { isEqual, isProportional, quotientKey, rationalOf, scaled, type Quotient } from './algebra/quotient.ts'
import { one, rational, TooLarge, type Rational } from './algebra/rational.ts'
import { residues } from './algebra/residue.ts'
import { readAnswer } from './readAnswer.ts'
import type { Scalar, Value } from './value.ts'

const plainNumber = /^-?\d{1,15}$/

/**
 * Symmetric and reflexive. Numbers are compared exactly: 0.333 is not 1/3. A unit, a percent sign or a name in front of
 * the value matters only where both have one. Takes bounded time whatever the answers are.
 */
export function sameAnswer(a: string, b: string): boolean {
  const [left, right] = [a.trim(), b.trim()]
  if (left === right) return true
  if (plainNumber.test(left) && plainNumber.test(right)) return Number(left) === Number(right)
  const others = readAnswer(right)
  return readAnswer(left).some((value) => others.some((other) => sameValue(value, other)))
}

/** Whether the answer is a plain number, so that a number is what to look for in a response. */
export function isPlainNumber(answer: string): boolean {
  if (plainNumber.test(answer)) return true
  const [value] = readAnswer(answer)
  return value.kind === 'scalar' && value.exact !== null && rationalOf(value.exact) !== null
}

function sameValue(a: Value, b: Value): boolean {
  if (a.kind === 'set' && b.kind === 'union') return sameItems(a.items, b.parts)
  if (a.kind === 'set' && b.kind !== 'set') return a.items.length > 0 && a.items.every((item) => sameValue(item, b))
  if (b.kind === 'set' && a.kind !== 'set') return sameValue(b, a)
  if (a.kind === 'equation' && b.kind !== 'equation') return a.side !== null && sameValue(a.side, b)
  if (b.kind === 'equation' && a.kind !== 'equation') return sameValue(b, a)
  if (a.kind === 'matrix' && b.kind === 'sequence') return sameColumn(a.rows, b)
  if (b.kind === 'matrix' && a.kind === 'sequence') return sameColumn(b.rows, a)
  switch (a.kind) {
    case 'scalar':
      return b.kind === 'scalar' && sameScalar(a, b)
    case 'based':
      return b.kind === 'based' && a.base === b.base && a.digits === b.digits
    case 'text':
      return b.kind === 'text' && a.text === b.text && a.text !== ''
    case 'sequence':
      return b.kind === 'sequence' && a.open === b.open && a.close === b.close && inOrder(a.items, b.items)
    case 'set':
      return b.kind === 'set' && sameItems(a.items, b.items)
    case 'union':
      return b.kind === 'union' && sameItems(a.parts, b.parts)
    case 'matrix':
      return b.kind === 'matrix' && a.rows.length === b.rows.length && a.rows.every((row, i) => inOrder(row, b.rows[i]))
    case 'equation':
      return b.kind === 'equation' && sameZeros(a.difference, b.difference)
  }
}

function inOrder(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((value, i) => sameValue(value, b[i]))
}

/** A column is the vector of its entries, however that is written. */
function sameColumn(rows: readonly (readonly Value[])[], vector: Extract<Value, { kind: 'sequence' }>): boolean {
  const isVector = (vector.open === '(' && vector.close === ')') || vector.open === '<'
  const entries = rows.map((row) => (row.length === 1 ? row[0] : null))
  return isVector && entries.every((entry) => entry !== null) && inOrder(entries, vector.items)
}

/** Each item of one among those of the other. Equal forms are matched by their keys; few others are tried in pairs. */
function sameItems(a: readonly Value[], b: readonly Value[]): boolean {
  const covers = (all: readonly Value[], some: readonly Value[]) => {
    const keys = new Set(all.map(keyOfValue))
    const rest = some.filter((value) => !keys.has(keyOfValue(value)))
    return rest.length <= 20 && rest.every((value) => all.some((other) => sameValue(other, value)))
  }
  return covers(a, b) && covers(b, a)
}

/** Equal keys mean equal values; unlike keys mean nothing. */
function keyOfValue(value: Value): string {
  if (value.kind === 'scalar' && value.exact !== null && value.unit === null && !value.isPercent) {
    return `scalar ${quotientKey(value.exact)}`
  }
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'bigint' ? `${part}` : part instanceof Map ? [...part] : part,
  )
}

function sameScalar(a: Scalar, b: Scalar): boolean {
  if (a.unit !== null && b.unit !== null) {
    if (a.unit.dimension !== b.unit.dimension) return false
    return sameNumber(a, b, a.unit.factor, b.unit.factor)
  }
  if (sameNumber(a, b, one, one)) return true
  if (a.isPercent === b.isPercent) return false
  const hundredth = rational(1n, 100n)
  return sameNumber(a, b, a.isPercent ? hundredth : one, b.isPercent ? hundredth : one)
}

/** Whether a times its factor is b times its own. */
function sameNumber(a: Scalar, b: Scalar, aFactor: Rational, bFactor: Rational): boolean {
  if (a.exact === null || b.exact === null) return aFactor === bFactor && sameResidues(a, b)
  const decided = equalExactly(a.exact, b.exact, aFactor, bFactor)
  if (decided !== null) return decided
  // Roots of sums and functions may be equal in other words; a plain number counts only where it is a simple one.
  const isSimple = [a.exact, b.exact].every((each) => (rationalOf(each)?.d ?? 1n) <= 1_000_000n)
  return isSimple && aFactor === bFactor && agree(a.formula, b.formula)
}

/** Null where unlike forms may still be equal. */
function equalExactly(a: Quotient, b: Quotient, aFactor: Rational, bFactor: Rational): boolean | null {
  const work: Work = { left: 2000 }
  try {
    if (isEqual(scaled(a, aFactor), scaled(b, bFactor), work)) return true
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error
    return null
  }
  return [a.top, a.bottom, b.top, b.bottom].some(hasOpaque) ? null : false
}

function sameResidues(a: Scalar, b: Scalar): boolean {
  const [left, right] = [residues(a.formula), residues(b.formula)]
  return left !== null && right !== null && left.every((value, i) => value === right[i])
}

/** 2x + y = 3 and 4x = 6 - 2y: one is a multiple of the other. */
function sameZeros(a: Scalar, b: Scalar): boolean {
  if (a.exact === null || b.exact === null) return sameResidues(a, b)
  return isProportional(a.exact, b.exact)
}
