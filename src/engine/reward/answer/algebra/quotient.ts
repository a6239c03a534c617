/** Quotients of polynomials: the exact form of a formula, and what arithmetic does with it. */
import { primeFactors } from './factors.ts'
import {
  add,
  asRational,
  atomPower,
  constant,
  content,
  imaginary,
  keyOf,
  leading,
  multiply,
  nameAtom,
  opaqueAtom,
  primeAtom,
  rootAtom,
  scale,
  type Atom,
  type Polynomial,
  type Work,
} from './polynomial.ts'
import { floor, integerPower, negative, one, over, plus, rational, times, TooLarge, type Rational } from './rational.ts'

/** `bottom` is never 0, and 1 wherever it would be a single term. */
export interface Quotient {
  top: Polynomial
  bottom: Polynomial
}

const unit = constant(one)

export function fromRational(value: Rational): Quotient {
  return { top: constant(value), bottom: unit }
}

export function fromName(name: string, work: Work): Quotient {
  return fromPolynomial(atomPower(name === 'i' ? imaginary : nameAtom(name), one, work))
}

function fromPolynomial(top: Polynomial): Quotient {
  return { top, bottom: unit }
}

/** The number that a quotient is, where it is a plain one. */
export function rationalOf({ top, bottom }: Quotient): Rational | null {
  return bottom === unit ? asRational(top) : null
}

export function sum(a: Quotient, b: Quotient, work: Work): Quotient {
  if (a.bottom === unit && b.bottom === unit) return fromPolynomial(add(a.top, b.top))
  const top = add(multiply(a.top, b.bottom, work), multiply(b.top, a.bottom, work))
  return { top, bottom: multiply(a.bottom, b.bottom, work) }
}

export function scaled(a: Quotient, factor: Rational): Quotient {
  return { top: scale(a.top, factor), bottom: a.bottom }
}

export function product(a: Quotient, b: Quotient, work: Work): Quotient {
  const top = multiply(a.top, b.top, work)
  if (a.bottom === unit && b.bottom === unit) return fromPolynomial(top)
  return { top, bottom: multiply(a.bottom, b.bottom, work) }
}

/** a / b. Throws `TooLarge` where b is 0: such a formula has no value. */
export function divided(a: Quotient, b: Quotient, work: Work): Quotient {
  return product(a, inverse(b, work), work)
}

function inverse({ top, bottom }: Quotient, work: Work): Quotient {
  if (top.size === 0) throw new TooLarge()
  const [term] = top.values()
  if (top.size > 1 || term.powers.some(({ atom }) => atom.kind === 'root')) return { top: bottom, bottom: top }
  let turned = scale(bottom, over(one, term.coefficient))
  for (const { atom, exponent } of term.powers)
    turned = multiply(turned, atomPower(atom, negative(exponent), work), work)
  return fromPolynomial(turned)
}

export function isEqual(a: Quotient, b: Quotient, work: Work): boolean {
  const left = multiply(a.top, b.bottom, work)
  const right = multiply(b.top, a.bottom, work)
  return add(left, scale(right, rational(-1n))).size === 0
}

/** Whether a = c b for a number c that is not 0. Denominators do not matter to where a quotient is 0. */
export function isProportional(a: Quotient, b: Quotient): boolean {
  if (a.top.size === 0 || b.top.size === 0) return a.top.size === b.top.size
  const left = scale(a.top, over(one, leading(a.top).coefficient))
  const right = scale(b.top, over(one, leading(b.top).coefficient))
  return keyOf(left) === keyOf(right)
}

export function quotientKey({ top, bottom }: Quotient): string {
  if (bottom === unit) return keyOf(top)
  const first = over(one, leading(bottom).coefficient)
  return `${keyOf(scale(top, first))}|${keyOf(scale(bottom, first))}`
}

/** base^exponent. Variables under a root count as positive, as they do in the answers of exercises. */
export function power(base: Quotient, exponent: Quotient, work: Work): Quotient {
  const number = rationalOf(exponent)
  if (number === null) return symbolicPower(base, exponent, work)
  if (number.d === 1n) return wholePower(base, number.n, work)
  return divided(fractionalPower(base.top, number, work), fractionalPower(base.bottom, number, work), work)
}

const largestExpansion = 64n

function wholePower(base: Quotient, exponent: bigint, work: Work): Quotient {
  const number = rationalOf(base)
  if (number !== null) return fromRational(integerPower(number, exponent))
  if (exponent < 0n) return wholePower(inverse(base, work), -exponent, work)
  const [term] = base.top.values()
  if (base.bottom === unit && base.top.size === 1 && term.powers.every(({ atom }) => atom.kind !== 'root')) {
    let result = constant(integerPower(term.coefficient, exponent))
    for (const { atom, exponent: each } of term.powers) {
      result = multiply(result, atomPower(atom, times(each, rational(exponent)), work), work)
    }
    return fromPolynomial(result)
  }
  if (exponent > largestExpansion) throw new TooLarge()
  let result = fromRational(one)
  for (let i = 0n; i < exponent; i++) result = product(result, base, work)
  return result
}

/** P^(a/b): what can leave the root does, so that \sqrt{12} is 2 \sqrt{3} and \sqrt{4 + 4x} is 2 \sqrt{1 + x}. */
function fractionalPower(base: Polynomial, exponent: Rational, work: Work): Quotient {
  if (base === unit) return fromPolynomial(unit)
  if (base.size === 0) {
    if (exponent.n < 0n) throw new TooLarge()
    return fromPolynomial(base)
  }
  const [term] = base.values()
  if (base.size === 1 && term.powers.every(({ atom }) => atom.kind !== 'imaginary' && atom.kind !== 'root')) {
    let result = rootOfNumber(term.coefficient, exponent, work)
    for (const { atom, exponent: each } of term.powers) {
      result = multiply(result, atomPower(atom, times(each, exponent), work), work)
    }
    return fromPolynomial(result)
  }
  const outside = content(base)
  const inside = scale(base, over(one, outside))
  const steps = floor(exponent)
  const rest = plus(exponent, rational(-steps))
  const root = fromPolynomial(
    multiply(rootOfNumber(outside, exponent, work), atomPower(rootAtom(inside), rest, work), work),
  )
  return product(root, wholePower(fromPolynomial(inside), steps, work), work)
}

function rootOfNumber(value: Rational, exponent: Rational, work: Work): Polynomial {
  let result = unit
  if (value.n < 0n) {
    // The real root where there is one, else the one with the argument pi/2; other complex roots are left alone.
    if (exponent.d % 2n === 1n) result = constant(rational(exponent.n % 2n === 0n ? 1n : -1n))
    else if (exponent.d === 2n) result = atomPower(imaginary, rational(exponent.n), work)
    else throw new TooLarge()
  }
  const multiplyPowers = (n: bigint, sign: bigint) => {
    for (const [prime, count] of primeFactors(n)) {
      const each = rational(exponent.n * sign * BigInt(count), exponent.d)
      result = multiply(result, atomPower(primeAtom(prime), each, work), work)
    }
  }
  multiplyPowers(value.n < 0n ? -value.n : value.n, 1n)
  multiplyPowers(value.d, -1n)
  return result
}

/** 2^(x+1) = 2 2^x and 4^x = (2^x)^2: each term of the exponent makes an atom of its own. */
function symbolicPower(base: Quotient, exponent: Quotient, work: Work): Quotient {
  const [term] = base.top.values()
  const isTerm = base.bottom === unit && base.top.size === 1 && exponent.bottom === unit && term.coefficient.n > 0n
  if (!isTerm) return call('power', [base, exponent], work)
  const factors: { atom: Atom; exponent: Rational }[] = [...term.powers]
  for (const [prime, count] of primeFactors(term.coefficient.n)) {
    factors.push({ atom: primeAtom(prime), exponent: rational(BigInt(count)) })
  }
  for (const [prime, count] of primeFactors(term.coefficient.d)) {
    factors.push({ atom: primeAtom(prime), exponent: rational(-BigInt(count)) })
  }
  let result = unit
  for (const [key, part] of exponent.top) {
    for (const { atom, exponent: each } of factors) {
      const to = times(each, part.coefficient)
      const raised = key === '' ? atom : nameAtom(`${atom.key}^{${key}}`)
      result = multiply(result, atomPower(raised, to, work), work)
    }
  }
  return fromPolynomial(result)
}

/** A function that is not taken apart: equal arguments make equal atoms. */
export function call(name: string, parts: readonly Quotient[], work: Work): Quotient {
  return fromPolynomial(atomPower(opaqueAtom(`${name}[${parts.map(quotientKey).join(';')}]`), one, work))
}
