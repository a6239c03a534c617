import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadPrompts } from '../../../src/engine/data/loadSource.ts'
import { normalForm } from '../../../src/engine/reward/normalForm.ts'
import { findAnswer, lastBoxed, verifyAnswer } from '../../../src/engine/reward/verify.ts'
import type { ThoughtSplit } from '../../../src/shared/trajectory.ts'

const says = (response: string): ThoughtSplit => ({ state: 'complete', thought: 'The answer is \\boxed{99}', response })
const graded = (reference: string, response: string) => verifyAnswer(reference, says(response)).correctness

describe('normalForm', () => {
  it.each([
    ['1,234', '1234'],
    ['$18.90', '18.9'],
    ['\\$32,\\!348', '32348'],
    ['10,\\!080', '10080'],
    ['.35625', '57/160'],
    ['\\frac43', '\\frac{4}{3}'],
    ['\\frac 59', '5/9'],
    ['\\frac9{19}', '9/19'],
    ['\\dfrac{17}{50}', '0.34'],
    ['\\frac{270}7\\text{ degrees}', '270/7'],
    ['1\\frac{4}{5}', '9/5'],
    ['137 \\frac{1}{2}', '137.5'],
    ['-\\frac{35}{9}', '\\frac{-35}{9}'],
    ['90^\\circ', '90'],
    ['15\\mbox{ cm}^2', '15'],
    ['5.4 \\text{ cents}', '5.4'],
    ['18 dollars', '18'],
    ['50\\%', '50'],
    ['\\text{Evelyn}', 'evelyn'],
    ['\\text{(C)}', 'C'],
    ['x=5', '5'],
    ['x \\in [-2,7]', '[-2,7]'],
    ['\\left( 3, \\frac{\\pi}{2} \\right)', '(3,\\frac{\\pi}{2})'],
    ['11\\sqrt2', '11 \\sqrt{2}'],
    ['1,-2', '-2, 1'],
    ['204_{5}', '204_5'],
    ['\\begin{pmatrix} -1/3 \\\\ 2/3 \\end{pmatrix}', '\\begin{pmatrix}-\\frac13\\\\\\frac{2}{3}\\end{pmatrix}'],
    ['-0', '0'],
    ['3.', '3'],
    ['+7', '7'],
    ['−4', '-4'],
    ['$\\frac{1}{2}$', '0.5'],
    ['\\{3,1,2\\}', '\\{1,2,3\\}'],
  ])('holds %s and %s for one answer', (a, b) => {
    expect(normalForm(a)).toBe(normalForm(b))
  })

  it.each([
    ['18', '-18'],
    ['1.5', '15'],
    ['1/2', '2/1'],
    ['(1,2)', '(2,1)'],
    ['(1,2)', '[1,2]'],
    ['3\\sqrt{13}', '3\\sqrt{3}'],
    ['\\frac{1}{0}', '0'],
    ['2\\pi', '2'],
    ['x', 'y'],
    ['(0,9) \\cup (9,36)', '(0,36)'],
    ['5x', '5'],
    ['1,234', '1,2345'],
  ])('keeps %s and %s apart', (a, b) => {
    expect(normalForm(a)).not.toBe(normalForm(b))
  })

  it('reduces numbers to exact fractions', () => {
    expect(normalForm('326.50')).toBe('653/2')
    expect(normalForm('\\frac{14}{-4}')).toBe('-7/2')
    expect(normalForm('0.1')).toBe(normalForm('1/10'))
    expect(normalForm('0.333333333333333333333')).not.toBe(normalForm('1/3'))
  })
})

describe('lastBoxed', () => {
  it('follows nested and escaped braces, and takes the last box that is closed', () => {
    expect(lastBoxed('\\boxed{1} then \\boxed{\\frac{1}{2}} and \\boxed{3')).toBe('\\frac{1}{2}')
    expect(lastBoxed('\\boxed{\\{1, 2\\}}')).toBe('\\{1, 2\\}')
    expect(lastBoxed('\\boxed 7 .')).toBe('7')
    expect(lastBoxed('no box')).toBeNull()
    expect(lastBoxed('\\boxed{')).toBeNull()
  })
})

describe('findAnswer', () => {
  it('prefers the box, then the mark of GSM8K, then the words, then the last number', () => {
    expect(findAnswer('#### 3 \\boxed{4} the answer is 5, or 6', true)).toEqual({ found: '4', rule: 'boxed' })
    expect(findAnswer('#### 2\nthe answer is 5\n#### $1,003.50 a day\n6', true)).toEqual({
      found: '1,003.50',
      rule: 'marker',
    })
    expect(findAnswer('The answer is 3.\nThe final **Answer:** 1 + 2 + 4 = 3 + 4 = 7 apples. Not 8.', true)).toEqual({
      found: '7',
      rule: 'phrase',
    })
    expect(findAnswer('She has 12 - 5, so 7 eggs.', true)).toEqual({ found: '7', rule: 'last-number' })
    expect(findAnswer('She has 12 - 5, so 7 eggs.', false)).toBeNull()
    expect(findAnswer('The answer is red .', false)).toEqual({ found: 'red', rule: 'phrase' })
  })
})

describe('verifyAnswer', () => {
  it('grades numbers however they are written', () => {
    expect(graded('70000', 'So he made $70,000.\n#### 70,000')).toBe('correct')
    expect(graded('18', 'The answer is $18.00.')).toBe('correct')
    expect(graded('-3', 'It is \\boxed{-3}')).toBe('correct')
    expect(graded('3', 'It is \\boxed{-3}')).toBe('wrong')
    expect(graded('\\frac{1}{2}', '\\boxed{0.5}')).toBe('correct')
  })

  it('never takes the answer from the thought', () => {
    expect(graded('99', 'I will not say.')).toBe('unscorable')
    const unfinished: ThoughtSplit = { state: 'unfinished-thought', thought: '\\boxed{99}', response: '' }
    expect(verifyAnswer('99', unfinished)).toEqual({ correctness: 'unscorable', found: null, rule: null })
  })

  const data = join(process.env['REFLECTORY_SHARED'] ?? '../shared', 'data')
  const published = existsSync(data) ? it : it.skip
  const missing = existsSync(data) ? '' : ` (skipped: ${data} is missing)`

  published(`finds every published solution of MATH-500 right, and its neighbour's wrong${missing}`, () => {
    const Problem = z.object({ solution: z.string(), answer: z.string() })
    const lines = readFileSync(join(data, 'math500/test.jsonl'), 'utf8').trim().split('\n')
    const problems = lines.map((line) => Problem.parse(JSON.parse(line)))
    const wrong = problems.filter(({ answer, solution }) => graded(answer, solution) !== 'correct')
    expect(wrong.map(({ answer }) => answer)).toEqual([])
    const neighbours = problems.filter(
      ({ answer }, i) => graded(answer, problems[(i + 1) % 500].solution) === 'correct',
    )
    // The three pairs of neighbours whose answers are in fact the same number.
    expect(neighbours.map(({ answer }) => answer)).toEqual(['5', '7', '3'])
  })

  published(`finds every published solution of GSM8K right${missing}`, async () => {
    const file = join(data, 'gsm8k/test.jsonl')
    const solutions = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => z.object({ answer: z.string() }).parse(JSON.parse(line)).answer)
    const { items } = await loadPrompts(file)
    expect(items.filter(({ answer }, i) => graded(answer ?? '', solutions[i]) === 'correct')).toHaveLength(1319)
  })
})
