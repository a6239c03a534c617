/** Reads prompts into keys and values, several at a time; samples of one prompt share its reading. */
import type { DecoderConfig } from '../model/config.ts'
import type { Data } from '../onnx/program.ts'

/** One prompt that was read: where its keys, values and first distribution stand in the outputs of a run. */
export interface ReadPrompt {
  length: number
  outputs: Readonly<Record<string, Data>>
  /** Row of position p is p * rows + column. */
  rows: number
  column: number
}

/** Prompts of one run, and their padded length. */
export interface PrefillShape {
  rows: number
  time: number
}

const TIME_MULTIPLE = 16
const ROWS = 16
const TOKENS_PER_RUN = 4096

/** Few shapes, since each is compiled once. */
export function prefillShape(longestPrompt: number, config: DecoderConfig): PrefillShape {
  const time = Math.min(Math.ceil(longestPrompt / TIME_MULTIPLE) * TIME_MULTIPLE, Math.max(config.contextLength, longestPrompt))
  return { rows: Math.max(1, Math.min(ROWS, Math.floor(TOKENS_PER_RUN / time))), time }
}

/** Inputs of `prefillGraph` for up to `rows` prompts; missing rows repeat the first. */
export function prefillFeeds(prompts: readonly Int32Array[], { rows, time }: PrefillShape): Record<string, Data> {
  const ids = new BigInt64Array(time * rows)
  const positions = BigInt64Array.from({ length: time * rows }, (_, i) => BigInt(Math.floor(i / rows)))
  const lastRows = new BigInt64Array(rows)
  for (let column = 0; column < rows; column++) {
    const prompt = prompts[column] ?? prompts[0]
    prompt.forEach((id, position) => (ids[position * rows + column] = BigInt(id)))
    lastRows[column] = BigInt((prompt.length - 1) * rows + column)
  }
  return { ids, positions, lastRows }
}
