/**
 * Puzzles with one checkable answer, and how they are thought through step by step. A slip is a step with a wrong
 * result; a reflection right after it mends it. Every value is a whole number from 0 to 59, one word each.
 */
import type { RandomStream } from '../../shared/random.ts'
import { isHashedOut } from './requests.ts'
import { confirmation, cups, fill, names, puzzlePhrases, reflections } from './wording.ts'

export const largestNumber = 59

export type PuzzleFamily = 'sum' | 'pearls' | 'cups'

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
    const kind = random.uniform()
    const puzzle = kind < 0.5 ? sumPuzzle(random) : kind < 0.75 ? pearlsPuzzle(random) : cupsPuzzle(random)
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

/** The new count is put as the prompt puts counts, so that one skill, finding who has what, serves for both. */
function pearlsStep(name: string, sum: string, result: number): PuzzleStep {
  return numberStep(`${name} : ${sum} , ${name} has`, result)
}

function pearlsPuzzle(random: RandomStream): Puzzle {
  const people = random.shuffle(names).slice(0, 2)
  const pearls = people.map(() => 9 + random.integer(22))
  const parts = people.map((name, i) => fill(puzzlePhrases.has, { name, a: pearls[i] }))
  const steps: PuzzleStep[] = []
  const gifts = 1 + random.integer(3)
  for (let gift = 0; gift < gifts; gift++) {
    const first = random.integer(2)
    const giver = pearls[first] > 0 ? first : 1 - first
    const taker = 1 - giver
    const a = 1 + random.integer(Math.min(9, pearls[giver]))
    parts.push(fill(puzzlePhrases.gives, { name: people[giver], other: people[taker], a }))
    steps.push(pearlsStep(people[giver], `${pearls[giver]} - ${a}`, (pearls[giver] -= a)))
    steps.push(pearlsStep(people[taker], `${pearls[taker]} + ${a}`, (pearls[taker] += a)))
  }
  const asked = random.integer(2)
  steps.push(numberStep(`${people[asked]} has`, pearls[asked]))
  parts.push(fill(puzzlePhrases.hasQuestion, { name: people[asked] }))
  return { family: 'pearls', text: parts.join(' '), steps, answer: String(pearls[asked]) }
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

/** How often puzzles slip, and how often a slip's own result is learned (else slips would never come by themselves). */
const slipShare = 0.3
const learnedSlipShare = 0.1
/** Checks of a step that was right all along, so that a cue does not always announce an error. */
const idleCheckShare = 0.05

/** The thought of a puzzle, without its tags. A slip's result carries no loss, the reflection that mends it does. */
export function puzzleThought(puzzle: Puzzle, random: RandomStream): Segment[] {
  const slipsAt = random.chance(slipShare) ? random.integer(puzzle.steps.length) : -1
  const checksAt = slipsAt < 0 && random.chance(idleCheckShare) ? random.integer(puzzle.steps.length) : -1
  return puzzle.steps.flatMap((step, i) => {
    const right = { text: `${step.lead} ${step.result} .`, loss: true }
    const reflection = { text: random.pick(reflections), loss: true }
    if (i === slipsAt) {
      const slip = { text: random.pick(step.slips), loss: random.chance(learnedSlipShare) }
      return [{ text: step.lead, loss: true }, slip, { text: '.', loss: true }, reflection, right]
    }
    if (i === checksAt) {
      return [right, { text: reflections[0], loss: true }, right, { text: confirmation, loss: true }]
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
    const thoughtPrefix = ['<think>', ...before, `${puzzle.steps[at].lead} ${slippedResult} .`].join(' ')
    return { puzzle, thoughtPrefix, rightResult: puzzle.steps[at].result, slippedResult }
  }
}

/** Whether a slip could be carried to the end within Harbor's numbers, and would there give another answer. */
function canCarryOn({ family, steps }: Puzzle, at: number, slipped: string): boolean {
  // Swaps are one-to-one, so a pearl that is taken for elsewhere stays elsewhere. Of two people's pearls one may not
  // matter for the answer.
  if (family !== 'sum') return family === 'cups'
  const off = Number(slipped) - Number(steps[at].result)
  return steps.slice(at + 1).every(({ lead, result }) =>
    !/[*/]/.test(lead) && Number(result) + off >= 0 && Number(result) + off <= largestNumber)
}
