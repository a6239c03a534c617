/** Reads tokens as one formula, by recursive descent. */
import { parseDecimal, plus, rational, type Rational } from './algebra/rational.ts'
import { isFunctionName, isSymbol, whole, type Expression, type FunctionName } from './expression.ts'
import { Unreadable, type Token } from './tokens.ts'

/** `sign` is what \pm stands for; \mp is its opposite. Throws `Unreadable` where the tokens are no single formula. */
export function parseFormula(tokens: readonly Token[], sign: 1 | -1 = 1): Expression {
  const parser = new FormulaParser(splitArguments(tokens.flatMap(splitLetters)), sign)
  const expression = parser.sum()
  parser.expectEnd()
  return expression
}

/** "xy" is x times y, each letter with its own exponent. */
function splitLetters(token: Token): Token[] {
  if (token.kind !== 'word' || isSymbol(token.text) || !/^[A-Za-z]+$/.test(token.text)) return [token]
  return [...token.text].map((text, i) => ({ kind: 'word', text, spaced: i === 0 && token.spaced }))
}

/** \frac12 takes a digit for each of its arguments. */
function splitArguments(tokens: Token[]): Token[] {
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i].kind !== 'sign' || (tokens[i].text !== 'frac' && tokens[i].text !== 'binom')) continue
    for (let at = i + 1, argument = 0; argument < 2 && at < tokens.length; argument++) {
      const token = tokens[at]
      if (token.kind === 'number' && /^\d{2,}$/.test(token.text)) {
        const rest: Token = { kind: 'number', text: token.text.slice(1), spaced: false }
        tokens.splice(at, 1, { ...token, text: token.text[0] }, rest)
      }
      at = token.kind === 'open' ? endOfBracket(tokens, at) : at + 1
    }
  }
  return tokens
}

/** The place behind the bracket that opens at `at`. */
export function endOfBracket(tokens: readonly Token[], at: number): number {
  let depth = 0
  for (let i = at; i < tokens.length; i++) {
    if (tokens[i].kind === 'open') depth++
    else if (tokens[i].kind === 'close' && --depth === 0) return i + 1
  }
  return tokens.length + 1
}

class FormulaParser {
  private readonly tokens: Token[]
  private readonly plusMinus: 1 | -1
  private at = 0
  private insideBars = 0

  constructor(tokens: Token[], plusMinus: 1 | -1) {
    this.tokens = tokens
    this.plusMinus = plusMinus
  }

  expectEnd(): void {
    if (this.at !== this.tokens.length) throw new Unreadable()
  }

  sum(): Expression {
    let result: Expression | null = null
    for (;;) {
      const sign = this.signHere()
      if (sign === null && result !== null) return result
      const term = this.term()
      const signed: Expression = sign === -1 ? { op: 'negative', of: term } : term
      result = result === null ? signed : { op: 'sum', of: [result, signed] }
    }
  }

  /** 1 or -1 where a sign stands, which is then read; several signs in a row multiply. */
  private signHere(): 1 | -1 | null {
    let sign: 1 | -1 | null = null
    for (;;) {
      const text = this.peekSign()
      const here =
        text === '+' ? 1 : text === '-' ? -1 : text === 'pm' ? this.plusMinus : text === 'mp' ? -this.plusMinus : 0
      if (here === 0) return sign
      sign = (sign ?? 1) * here === 1 ? 1 : -1
      this.at++
    }
  }

  private term(): Expression {
    let result = this.factor()
    for (;;) {
      const sign = this.peekSign()
      if (sign === '*' || sign === '/') {
        this.at++
        const negated = this.signHere() === -1
        const right = this.factor()
        const operand: Expression = negated ? { op: 'negative', of: right } : right
        result = { op: sign === '*' ? 'product' : 'quotient', of: [result, operand] }
      } else if (this.startsFactor()) result = { op: 'product', of: [result, this.factor()] }
      else return result
    }
  }

  /** Whether what follows multiplies by standing beside. Two numbers in a row do not. */
  private startsFactor(): boolean {
    const token = this.tokens.at(this.at)
    if (token === undefined) return false
    if (token.kind === 'word' || token.kind === 'open') return true
    if (token.kind === 'number') return this.tokens[this.at - 1].kind !== 'number'
    if (token.kind !== 'sign') return false
    return (
      token.text === 'frac' ||
      token.text === 'sqrt' ||
      token.text === 'binom' ||
      (token.text === '|' && this.insideBars === 0)
    )
  }

  private factor(): Expression {
    let base = this.primary()
    for (;;) {
      const sign = this.peekSign()
      if (sign === '^') {
        this.at++
        base = { op: 'power', of: [base, this.exponent()] }
      } else if (sign === '!') {
        this.at++
        base = { op: 'call', name: 'factorial', of: [base] }
      } else if (sign === 'degree') {
        this.at++
        const perDegree: Expression = { op: 'quotient', of: [{ op: 'name', name: 'pi' }, whole(180n)] }
        base = { op: 'product', of: [base, perDegree] }
      } else return base
    }
  }

  private exponent(): Expression {
    const sign = this.signHere()
    const value = this.group() ?? this.primary()
    return sign === -1 ? { op: 'negative', of: value } : value
  }

  private primary(): Expression {
    const token = this.next()
    if (token.kind === 'number') return this.number(token.text)
    if (token.kind === 'word') return this.word(token.text)
    if (token.kind === 'open') return this.bracketed(token.text)
    if (token.kind !== 'sign') throw new Unreadable()
    switch (token.text) {
      case 'frac':
        return { op: 'quotient', of: [this.argument(), this.argument()] }
      case 'binom':
        return { op: 'call', name: 'binom', of: [this.argument(), this.argument()] }
      case 'sqrt':
        return this.root()
      case '|': {
        this.insideBars++
        const inner = this.sum()
        this.insideBars--
        if (this.next().text !== '|') throw new Unreadable()
        return { op: 'call', name: 'abs', of: [inner] }
      }
      default:
        throw new Unreadable()
    }
  }

  private bracketed(open: string): Expression {
    const bars = this.insideBars
    this.insideBars = 0
    const inner = this.sum()
    this.insideBars = bars
    const close = this.next()
    const closes = { '(': ')', '[': ']', group: 'group', floor: 'floor', ceil: 'ceil' }[open]
    if (close.kind !== 'close' || close.text !== closes) throw new Unreadable()
    if (open === 'floor' || open === 'ceil') return { op: 'call', name: open, of: [inner] }
    return inner
  }

  /** A number, and a mixed one where a proper fraction of plain numbers follows: 1\frac{4}{5}, 3 1/2. */
  private number(text: string): Expression {
    const value = parseNumber(text)
    const rest = value.d === 1n && /^\d+$/.test(text) ? this.properFraction() : null
    return { op: 'number', value: rest === null ? value : plus(value, rest) }
  }

  private properFraction(): Rational | null {
    const start = this.at
    const fraction = this.peekSign() === 'frac' ? this.texFraction() : this.plainFraction()
    if (fraction !== null && fraction.n < fraction.d) return fraction
    this.at = start
    return null
  }

  private texFraction(): Rational | null {
    this.at++
    const [n, d] = [this.argument(), this.argument()].map((part) => (part.op === 'number' ? part.value : null))
    return n?.d === 1n && d?.d === 1n && d.n !== 0n ? rational(n.n, d.n) : null
  }

  private plainFraction(): Rational | null {
    const [n, slash, d] = this.tokens.slice(this.at, this.at + 3)
    if (n?.kind !== 'number' || !n.spaced || slash?.text !== '/' || d?.kind !== 'number') return null
    if (!/^\d+$/.test(n.text) || !/^\d*[1-9]\d*$/.test(d.text)) return null
    this.at += 3
    return rational(BigInt(n.text), BigInt(d.text))
  }

  private word(text: string): Expression {
    if (isFunctionName(text)) return this.call(text)
    const name = this.peekSign() === '_' ? `${text}_${this.subscript()}` : text
    let primes = ''
    for (; this.peekSign() === "'"; this.at++) primes += "'"
    return { op: 'name', name: name + primes }
  }

  private subscript(): string {
    this.at++
    const token = this.next()
    if (token.kind !== 'open' || token.text !== 'group') return token.text
    let inner = ''
    for (let each = this.next(); each.kind !== 'close'; each = this.next()) {
      if (each.kind === 'open') throw new Unreadable()
      inner += each.text
    }
    return inner
  }

  /** sin x, sin(x), \sin^2 x, \log_2 8, \sin 2x: without brackets the argument is a product that stands together. */
  private call(name: FunctionName): Expression {
    let base: Expression | null = null
    let exponent: Expression | null = null
    for (let sign = this.peekSign(); sign === '^' || sign === '_'; sign = this.peekSign()) {
      this.at++
      if (sign === '^') exponent = this.exponent()
      else base = this.group() ?? this.primary()
    }
    const inverse = exponent?.op === 'negative' && exponent.of.op === 'number' && exponent.of.value.n === 1n
    const argument = this.callArgument()
    const of = base === null ? [argument] : [argument, base]
    if (inverse && (name === 'sin' || name === 'cos' || name === 'tan')) return { op: 'call', name: `arc${name}`, of }
    const called: Expression = { op: 'call', name, of }
    return exponent === null ? called : { op: 'power', of: [called, exponent] }
  }

  private callArgument(): Expression {
    const sign = this.signHere()
    const first = this.tokens.at(this.at)
    let result = this.factor()
    if (first?.kind !== 'open') {
      while (this.startsFactor() && !this.startsCall()) result = { op: 'product', of: [result, this.factor()] }
      if (this.peekSign() === '/' && first?.kind !== 'sign') {
        this.at++
        result = { op: 'quotient', of: [result, this.factor()] }
      }
    }
    return sign === -1 ? { op: 'negative', of: result } : result
  }

  private startsCall(): boolean {
    const token = this.tokens.at(this.at)
    return token?.kind === 'word' && isFunctionName(token.text)
  }

  private root(): Expression {
    let degree: Expression = whole(2n)
    const open = this.tokens.at(this.at)
    if (open?.kind === 'open' && open.text === '[') {
      this.at++
      degree = this.sum()
      if (this.next().text !== ']') throw new Unreadable()
    }
    const next = this.tokens.at(this.at)
    // "\sqrt12" is TeX for \sqrt{1} 2, but nobody means that: the whole number stands under the root.
    const radicand = next?.kind === 'number' ? this.primary() : this.argument()
    return { op: 'power', of: [radicand, { op: 'quotient', of: [whole(1n), degree] }] }
  }

  /** What a TeX command takes: a group, or one token. */
  private argument(): Expression {
    return this.group() ?? this.primary()
  }

  private group(): Expression | null {
    const token = this.tokens.at(this.at)
    if (token?.kind !== 'open' || token.text !== 'group') return null
    this.at++
    return this.bracketed('group')
  }

  private next(): Token {
    const token = this.tokens.at(this.at++)
    if (token === undefined) throw new Unreadable()
    return token
  }

  private peekSign(): string | null {
    const token = this.tokens.at(this.at)
    return token?.kind === 'sign' ? token.text : null
  }
}

/** `12`, `.5`, `6.72e-5`, `0.1(6)`. */
function parseNumber(text: string): Rational {
  if (/^\d{1,15}$/.test(text)) return { n: BigInt(text), d: 1n }
  const repeating = /^(\d*)\.(\d*)\((\d+)\)$/.exec(text)
  if (repeating !== null) {
    const [, before, start, period] = repeating
    const shift = 10n ** BigInt(start.length)
    const cycle = rational(BigInt(period), shift * (10n ** BigInt(period.length) - 1n))
    return plus(rational(BigInt(before + start || '0'), shift), cycle)
  }
  const [digits, exponent = '0'] = text.toLowerCase().split('e')
  const value = parseDecimal(digits)
  const shift = BigInt(exponent)
  if (shift === 0n) return value
  if (shift > 600n || shift < -600n) throw new Unreadable()
  return shift > 0n ? rational(value.n * 10n ** shift, value.d) : rational(value.n, value.d * 10n ** -shift)
}
