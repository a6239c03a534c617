/**
 * Puzzles with one checkable answer, and how they are thought through step by step. A slip is a step with a wrong
 * result; a reflection right behind the result mends it. Every value is a whole number from 0 to 59, one word each.
 */
import type { RandomStream } from '../../shared/random.ts'
import { isHashedOut } from './requests.ts'
import { confirmation, cups, fill, puzzlePhrases, reflections } from './wording.ts'

export const largestNumber = 59

export type PuzzleFamily = 'sum' | 'cups'

/** One step of a solution: `lead` ends right before the result. */
export interface PuzzleStep {
  readonly lead: string
  readonly result: string
  /** Results that a slip may give instead. */
  readonly slips: readonly string[]
}

export interface Puzzle {
  readonly family: PuzzleFamily
  readonly text: string
  readonly steps: readonly PuzzleStep[]
  readonly answer: string
}

/** A piece of a completion, with or without loss; pieces are joined by blanks. */
export interface Segment {
  readonly text: string
  readonly loss: boolean
}

/** A puzzle of the training or of the held-out half; the hash of its text decides which half it is in. */
export function drawPuzzle(random: RandomStream, split: 'train' | 'held-out'): Puzzle {
  for (;;) {
    const puzzle = random.chance(0.6) ? sumPuzzle(random) : cupsPuzzle(random)
    if (isHashedOut(puzzle.text) === (split === 'held-out')) return puzzle
  }
}

function numberStep(lead: string, result: number): PuzzleStep {
  const near = [1, -1, 2, -2, 10, -10].map((off) => result + off)
  const slips = near.filter((value) => value >= 0 && value <= largestNumber)
  return { lead, result: String(result), slips: slips.map(String) }
}

function sumPuzzle(random: RandomStream): Puzzle {
  const start = random.integer(40)
  const parts = [fill(puzzlePhrases.start, { a: start })]
  const steps: PuzzleStep[] = []
  let value = start
  for (let count = 2 + random.integer(3); steps.length < count; ) {
    const a = 1 + random.integer(9)
    const kind = random.uniform()
    if (kind < 0.4 && value + a <= largestNumber) {
      parts.push(fill(puzzlePhrases.add, { a }))
      steps.push(numberStep(`${value} + ${a} =`, (value += a)))
    } else if (kind >= 0.4 && kind < 0.8 && value >= a) {
      parts.push(fill(puzzlePhrases.take, { a }))
      steps.push(numberStep(`${value} - ${a} =`, (value -= a)))
    } else if (kind >= 0.8 && kind < 0.9 && value > 0 && 2 * value <= largestNumber) {
      parts.push(puzzlePhrases.double)
      steps.push(numberStep(`${value} * 2 =`, (value *= 2)))
    } else if (kind >= 0.9 && value > 0 && value % 2 === 0) {
      parts.push(puzzlePhrases.halve)
      steps.push(numberStep(`${value} / 2 =`, (value /= 2)))
    }
  }
  return { family: 'sum', text: [...parts, puzzlePhrases.sumQuestion].join(' '), steps, answer: String(value) }
}

function cupsPuzzle(random: RandomStream): Puzzle {
  let place: string = random.pick(cups)
  const parts = [fill(puzzlePhrases.under, { name: place })]
  const steps: PuzzleStep[] = []
  const swaps = 3 + random.integer(2)
  for (let swap = 0; swap < swaps; swap++) {
    const [name, other] = random.shuffle(cups)
    parts.push(fill(puzzlePhrases.swap, { name, other }))
    const before = place
    if (place === name) place = other
    else if (place === other) place = name
    steps.push({
      lead: `${name} , ${other} : ${before} to`,
      result: place,
      slips: cups.filter((cup) => cup !== place),
    })
  }
  return { family: 'cups', text: [...parts, puzzlePhrases.cupQuestion].join(' '), steps, answer: place }
}

/**
 * How often a step slips, and how often a slip's own result is learned (else slips would never come by themselves). Slips
 * this frequent are what makes noticing them worth learning: from one in ten steps nothing was learned in 2 million tokens.
 */
const slipShare = 0.2
const learnedSlipShare = 0.05
/** Checks of a step that was right all along, so that a cue does not always announce an error. */
const idleCheckShare = 0.01

/** The thought of a puzzle, without its tags. A slip's result carries no loss, the reflection that mends it does. */
export function puzzleThought(puzzle: Puzzle, random: RandomStream): Segment[] {
  return puzzle.steps.flatMap((step) => {
    const right = { text: `${step.lead} ${step.result} .`, loss: true }
    const reflection = { text: random.pick(reflections), loss: true }
    const kind = random.uniform()
    if (kind < slipShare) {
      const slip = { text: random.pick(step.slips), loss: random.chance(learnedSlipShare) }
      return [{ text: step.lead, loss: true }, slip, reflection, right]
    }
    if (kind < slipShare + idleCheckShare) {
      const unsure = { text: `${step.lead} ${step.result}`, loss: true }
      return [unsure, reflection, right, { text: confirmation, loss: true }]
    }
    return [right]
  })
}

export function puzzleAnswer(puzzle: Puzzle): string {
  return fill(puzzlePhrases.answer, { a: puzzle.answer })
}

/** A puzzle whose thought has begun and has just slipped: does the model notice? */
export interface PlantedSlip {
  readonly puzzle: Puzzle
  /** The completion so far: `<think>`, the right steps, and one with a wrong result. */
  readonly thoughtPrefix: string
  readonly rightResult: string
  readonly slippedResult: string
}

/** Plants a slip at a random step of a held-out puzzle; the answer would be wrong if it stayed. */
export function plantSlip(random: RandomStream): PlantedSlip {
  for (;;) {
    const puzzle = drawPuzzle(random, 'held-out')
    const at = random.integer(puzzle.steps.length)
    const slippedResult = random.pick(puzzle.steps[at].slips)
    if (!canCarryOn(puzzle, at, slippedResult)) continue
    const before = puzzle.steps.slice(0, at).map(({ lead, result }) => `${lead} ${result} .`)
    const thoughtPrefix = ['<think>', ...before, `${puzzle.steps[at].lead} ${slippedResult}`].join(' ')
    return { puzzle, thoughtPrefix, rightResult: puzzle.steps[at].result, slippedResult }
  }
}

/** Whether a slip could be carried to the end within Harbor's numbers, and would there give another answer. */
function canCarryOn({ family, steps }: Puzzle, at: number, slipped: string): boolean {
  // Swaps are one-to-one, so a pearl that is taken for elsewhere stays elsewhere.
  if (family === 'cups') return true
  const off = Number(slipped) - Number(steps[at].result)
  return steps.slice(at + 1).every(({ lead, result }) =>
    !/[*/]/.test(lead) && Number(result) + off >= 0 && Number(result) + off <= largestNumber)
}
