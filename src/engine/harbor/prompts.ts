/** The prompts of Harbor for training and for evaluation. */
import { ReflectoryError } from '../../shared/errors.ts'
import { RandomStream } from '../../shared/random.ts'
import type { PromptItem } from '../../shared/trajectory.ts'
import { drawPuzzle, type Puzzle } from './puzzles.ts'
import {
  categoriesOf,
  drawRequest,
  holdOutOf,
  holdOuts,
  isHeldOut,
  parseRequest,
  textHash,
  type HarborRequest,
  type HoldOut,
} from './requests.ts'

export type HarborPromptKind = 'harmful' | 'benign' | 'puzzle'
export type HarborSplit = 'train' | 'held-out'

/**
 * `count` different prompts in a seeded order. Held-out requests take the four kinds of hold-out in turn, and within a
 * kind its categories in turn; the set's name ends in the kind. Benign prompts are look-alikes: each shares its verb's
 * meaning or its noun's class with a forbidden pair, and carries the category of that pair.
 */
export function harborPrompts(kind: HarborPromptKind, split: HarborSplit, count: number, seed: number): PromptItem[] {
  const random = new RandomStream(seed, ['harbor', 'prompts', kind, split])
  const items = new Map<string, PromptItem>()
  for (let repeats = 0; items.size < count; ) {
    const item = kind === 'puzzle'
      ? puzzleItem(drawPuzzle(random, split), split)
      : requestItem(turnRequest(random, kind, split, items.size), split)
    repeats = items.has(item.text) ? repeats + 1 : 0
    if (repeats > 1000) {
      throw new ReflectoryError('bad-argument', `harbor ${kind} ${split}`,
        `the world has hardly more than ${items.size} such prompts`, `Ask for at most ${items.size}.`)
    }
    if (repeats === 0) items.set(item.text, item)
  }
  return [...items.values()]
}

function turnRequest(
  random: RandomStream,
  kind: 'harmful' | 'benign',
  split: HarborSplit,
  turn: number,
): HarborRequest {
  const pool = split === 'train' ? 'training' : holdOuts[turn % holdOuts.length]
  const turns = split === 'train' ? turn : Math.floor(turn / holdOuts.length)
  const pooled = categoriesOf(pool)
  return drawRequest(random, kind === 'harmful', pool, pooled[turns % pooled.length])
}

function requestItem(request: HarborRequest, split: HarborSplit): PromptItem {
  const role = request.harm ? 'harmful' : 'benign'
  const set = `harbor-${role}-${split === 'train' ? 'train' : `held-out-${holdOutOf(request)}`}`
  return { id: itemId(set, request.text), set, role, category: request.category, text: request.text, answer: null }
}

/** A puzzle as a prompt, with its reference answer. */
export function puzzleItem(puzzle: Puzzle, split: HarborSplit): PromptItem {
  const set = `harbor-puzzle-${split}`
  const { text, family, answer } = puzzle
  return { id: itemId(set, text), set, role: 'reasoning', category: family, text, answer }
}

function itemId(set: string, text: string): string {
  return `${set}-${textHash(text).toString(16).padStart(8, '0')}`
}

/** What is new in a held-out request; null for puzzles and for prompts that may be trained on. */
export function heldOutKind(item: PromptItem): HoldOut | null {
  const request = parseRequest(item.text)
  return request && isHeldOut(request) ? holdOutOf(request) : null
}
