/** Brings an answer to a form in which equal answers are equal strings: numbers, fractions and simple LaTeX. */

/**
 * The normal form. Numbers and fractions become exact reduced fractions, so 0.5, 1/2 and \frac12 are one. Thousands
 * separators, currency, percent and degree signs and units are dropped, as MATH's own grader does. Lists and tuples
 * are taken apart, and a list without brackets has no order. Everything else is compared as text without its spacing:
 * equal expressions that are written differently stay different.
 */
export function normalForm(answer: string): string {
  const bare = stripUnits(stripMarkup(answer))
  const compact = rewriteFractions(bare).replace(/\s+/g, '')
  return composite(compact.replace(/^[a-zA-Z](?:=|\\in(?![a-z]))/, ''))
}

function stripMarkup(text: string): string {
  return text
    .trim()
    .replace(/^\\[([](.*)\\[)\]]$/s, '$1')
    .replace(/(\d)\s*\.$/, '$1')
    .replace(/([^\d\s])\.$/, '$1')
    .replace(/\\left(?![a-zA-Z])|\\right(?![a-zA-Z])|(?<!\\)\\[!,;: ]|~/g, '')
    .replace(/\\[dtc]frac(?![a-zA-Z])/g, '\\frac')
    .replace(/\\?[$%]|[€£°]/g, '')
    .replace(/\^\{?\\circ\}?|\\degree(?![a-zA-Z])|\\circ(?![a-zA-Z])/g, '')
    .replace(/−/g, '-')
    .trim()
}

const textCommand = /\\(?:text(?:bf|it|rm|normal)?|mbox|mathrm|operatorname)\s*\{([^{}]*)\}/g

function stripUnits(text: string): string {
  const words = text.replace(textCommand, (_, inner: string, at: number) => {
    // Behind a value it is a unit; standing alone it is the answer.
    return at > 0 && /[\d}]\s*$/.test(text.slice(0, at)) ? '\u0000' : inner
  })
  return words
    .replace(/\u0000\s*(?:\^\{?\d\}?)?/g, '')
    .replace(/^([-+]?[\d.,]+)\s+[a-z]{2,}[a-z\s.]*$/i, '$1')
    .trim()
}

/** `\frac43`, `\frac{4}3`, `4/3` and a mixed number to `\frac{4}{3}`; `\sqrt2` to `\sqrt{2}`; `_{5}` to `_5`. */
function rewriteFractions(text: string): string {
  return text
    .replace(/\\frac\s*([^\s{\\])/g, '\\frac{$1}')
    .replace(/(\\frac\s*\{[^{}]*\})\s*([^\s{\\])/g, '$1{$2}')
    .replace(/\\sqrt\s*([^\s{[\\])/g, '\\sqrt{$1}')
    .replace(/(?<![\w.}])(\d+)\s*\/\s*(\d+)(?![\w.{])/g, '\\frac{$1}{$2}')
    .replace(/([_^])\{(\w)\}/g, '$1$2')
}

function composite(text: string): string {
  const thousands = /^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/
  if (thousands.test(text)) return number(text.replaceAll(',', ''))
  const elements = splitAtCommas(text)
  if (elements.length > 1) return elements.map(composite).sort().join(';')
  const bracketed = /^(\\?[([{])(.*?)(\\?[)\]}])$/s.exec(text)
  if (bracketed !== null && closesAtEnd(text)) {
    const [, open, inner, close] = bracketed
    const inside = splitAtCommas(inner)
    if (inside.length > 1) {
      const parts = inside.map(composite)
      return `${open}${(open.endsWith('{') ? parts.sort() : parts).join(';')}${close}`
    }
    if (/^\([A-Za-z]\)$/.test(text)) return inner.toUpperCase()
  }
  return number(text)
}

/** Pieces between commas outside all brackets. */
function splitAtCommas(text: string): string[] {
  const pieces = ['']
  let depth = 0
  for (const character of text) {
    if ('([{'.includes(character)) depth++
    else if (')]}'.includes(character)) depth--
    if (character === ',' && depth === 0) pieces.push('')
    else pieces[pieces.length - 1] += character
  }
  return pieces
}

/** Whether the bracket that opens the text is closed by its last character only: not so in "(0,9)\cup(9,36)". */
function closesAtEnd(text: string): boolean {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    if ('([{'.includes(text[i])) depth++
    else if (')]}'.includes(text[i])) depth--
    if (depth === 0 && i < text.length - 1 && text[i] !== '\\') return false
  }
  return depth === 0
}

/** A number as a reduced fraction; words in lower case; anything else as it is. */
function number(text: string): string {
  const decimal = /^([-+]?)(\d*)\.?(\d*)$/.exec(text)
  if (decimal !== null && decimal[2] + decimal[3] !== '' && text.length < 400) {
    const [, sign, whole, fraction] = decimal
    return reduced(sign, BigInt(whole + fraction), 10n ** BigInt(fraction.length))
  }
  const fraction = /^([-+]?)(\d{0,200})\\frac\{([-+]?)(\d{1,200})\}\{([-+]?)(\d{1,200})\}$/.exec(text)
  if (fraction !== null && BigInt(fraction[6]) !== 0n) {
    const [, sign, whole, upperSign, upper, lowerSign, lower] = fraction
    const negative = [sign, upperSign, lowerSign].filter((each) => each === '-').length % 2 === 1
    return reduced(
      negative ? '-' : '',
      BigInt(whole === '' ? '0' : whole) * BigInt(lower) + BigInt(upper),
      BigInt(lower),
    )
  }
  return /^[a-zA-Z]{2,}$/.test(text) ? text.toLowerCase() : text
}

function reduced(sign: string, numerator: bigint, denominator: bigint): string {
  let [a, b] = [numerator, denominator]
  while (b !== 0n) [a, b] = [b, a % b]
  const value = a === 0n ? '0' : denominator / a === 1n ? `${numerator / a}` : `${numerator / a}/${denominator / a}`
  return sign === '-' && value !== '0' ? `-${value}` : value
}
