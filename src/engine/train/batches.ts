/** Lays token sequences of different length out as few distinct [time, rows] shapes, each example exactly once. */
import { ReflectoryError } from '../../shared/errors.ts'
import type { RandomStream } from '../../shared/random.ts'
import { ones } from './lossWeights.ts'

/** A prompt with its completion. Only completion tokens can carry loss. */
export interface Sequence {
  readonly promptTokens: Int32Array
  readonly completionTokens: Int32Array
}

/** A supervised example; `lossMask` has a 0 or 1 for each completion token. */
export interface SftExample extends Sequence {
  readonly lossMask: Uint8Array
}

export interface MicroBatchOptions {
  /** Upper bound on rows * time, except that one row always fits. */
  tokensPerMicroBatch: number
  /** Upper bound on rows. */
  maxRows: number
  /** Time is rounded up to a multiple of this, since every shape compiles a program of its own. */
  timeMultiple: number
  /** The model's context length. */
  maxTime: number
}

/** Measured best on the CPU: micro-batches of about 1,024 tokens. */
export function microBatchOptions(contextLength: number, maxRows = Infinity): MicroBatchOptions {
  return { tokensPerMicroBatch: 1024, maxRows, timeMultiple: 32, maxTime: contextLength }
}

/**
 * Sequences side by side, padded at the end with token 0. Attention is causal, so padding behind a sequence cannot
 * reach it, and needs no mask; it has no loss either. Time comes first, as the decoder has it: token t of row r stands
 * at t * rows + r, and is followed by `targets[t * rows + r]`.
 */
export interface MicroBatch {
  readonly rows: number
  readonly time: number
  /** Which sequence stands in each row; rows beyond are padding. */
  readonly members: readonly number[]
  /** [time, rows] */
  readonly tokens: Int32Array
  /** [time, rows] the token after each token */
  readonly targets: Int32Array
}

/**
 * Gives the examples of each optimizer step, counted from 0. Every epoch goes through all of them in a seeded order of
 * its own; 12 examples at batch 8 run as 8 + 4.
 */
export function epochBatches(
  exampleCount: number,
  batchSize: number,
  random: RandomStream,
): (step: number) => number[] {
  const stepsPerEpoch = Math.ceil(exampleCount / batchSize)
  let epoch = -1
  let order: number[] = []
  return (step) => {
    const epochOfStep = Math.floor(step / stepsPerEpoch)
    // Large sets take longer to shuffle than a step should.
    if (epochOfStep !== epoch) order = random.fork('epoch', epochOfStep).shuffle([...Array(exampleCount).keys()])
    epoch = epochOfStep
    const start = (step % stepsPerEpoch) * batchSize
    return order.slice(start, start + batchSize)
  }
}

/**
 * Groups sequences of similar length, longest first. A full micro-batch has as many rows as the token budget allows at
 * its time; the last one rounds its rows up to a power of two, so that few shapes occur.
 */
export function microBatches(sequences: readonly Sequence[], options: MicroBatchOptions): MicroBatch[] {
  const inputLengths = sequences.map((sequence, index) => inputLength(sequence, index, options.maxTime))
  const longestFirst = [...sequences.keys()].sort((a, b) => inputLengths[b] - inputLengths[a] || a - b)
  const batches: MicroBatch[] = []
  for (let start = 0; start < longestFirst.length;) {
    const { timeMultiple, maxTime, maxRows, tokensPerMicroBatch } = options
    const time = Math.min(maxTime, Math.ceil(inputLengths[longestFirst[start]] / timeMultiple) * timeMultiple)
    const fullRows = Math.max(1, Math.min(maxRows, Math.floor(tokensPerMicroBatch / time)))
    const members = longestFirst.slice(start, start + fullRows)
    const rows = Math.min(fullRows, 2 ** Math.ceil(Math.log2(members.length)))
    batches.push({ rows, time, members, ...layOut(sequences, members, rows, time) })
    start += members.length
  }
  return batches
}

/**
 * Values of completion tokens, put where those tokens are predicted; zero elsewhere.
 * @param values for each sequence of the whole batch one number a completion token
 * @returns [time, rows]
 */
export function placeCompletions(
  batch: MicroBatch,
  sequences: readonly Sequence[],
  values: readonly ArrayLike<number>[],
): Float32Array {
  const placed = new Float32Array(batch.rows * batch.time)
  batch.members.forEach((member, row) => {
    const start = sequences[member].promptTokens.length - 1
    for (let t = 0; t < values[member].length; t++) placed[(start + t) * batch.rows + row] = values[member][t]
  })
  return placed
}

/** The inverse of `placeCompletions`: reads the completion tokens of each member out of a [time, rows] result. */
export function readCompletions(
  batch: MicroBatch,
  sequences: readonly Sequence[],
  result: Float32Array,
): { member: number; values: Float32Array }[] {
  return batch.members.map((member, row) => {
    const start = sequences[member].promptTokens.length - 1
    const { length } = sequences[member].completionTokens
    return { member, values: Float32Array.from({ length }, (_, t) => result[(start + t) * batch.rows + row]) }
  })
}

/** Refuses examples that teach nothing or whose mask does not fit, by their position in the data set. */
export function checkExamples(examples: readonly SftExample[], place: string): void {
  if (examples.length === 0) {
    throw new ReflectoryError('bad-data', place, 'holds no examples', 'Choose a data set with at least one pair.')
  }
  examples.forEach((example, index) => {
    if (example.lossMask.length !== example.completionTokens.length || ones(example.lossMask) === 0) {
      throw new ReflectoryError(
        'bad-data',
        `${place}, example ${index + 1}`,
        `has ${example.completionTokens.length} completion tokens of which ${ones(example.lossMask)} carry loss`,
        'Leave the example out, or give it a completion to learn.',
      )
    }
  })
}

function inputLength(sequence: Sequence, index: number, maxTime: number): number {
  const { promptTokens, completionTokens } = sequence
  const total = promptTokens.length + completionTokens.length
  if (promptTokens.length === 0 || completionTokens.length === 0) {
    throw new ReflectoryError(
      'bad-data',
      `sequence ${index + 1}`,
      `has ${promptTokens.length} prompt and ${completionTokens.length} completion tokens`,
      'Both need at least one token.',
    )
  }
  if (total - 1 > maxTime) {
    throw new ReflectoryError(
      'too-long',
      `sequence ${index + 1}`,
      `has ${total} tokens where the model's context holds ${maxTime}`,
      'Leave it out or shorten its thought (on the command line --too-long drop or truncate-thought).',
    )
  }
  // The last token is only ever a target.
  return total - 1
}

function layOut(
  sequences: readonly Sequence[],
  members: readonly number[],
  rows: number,
  time: number,
): { tokens: Int32Array; targets: Int32Array } {
  const tokens = new Int32Array(rows * time)
  const targets = new Int32Array(rows * time)
  members.forEach((member, row) => {
    const { promptTokens, completionTokens } = sequences[member]
    const all = [...promptTokens, ...completionTokens]
    for (let t = 0; t + 1 < all.length; t++) {
      tokens[t * rows + row] = all[t]
      targets[t * rows + row] = all[t + 1]
    }
  })
  return { tokens, targets }
}
