/** Long texts in pieces that are drawn one by one, and how hot a token is. */

/** Tokens of a piece: as few as draw quickly, as many as a paragraph has. */
const SMALLEST = 160
const LARGEST = 320

export interface Chunk {
  /** Half-open range of token positions. */
  start: number
  end: number
}

/** Cuts a range of tokens where a line, else a sentence, else a word ends. Short ranges stay whole. */
export function chunksOf(texts: readonly string[], start: number, end: number): Chunk[] {
  const chunks: Chunk[] = []
  let from = start
  while (end - from > LARGEST) {
    const cut = cutAfter(texts, from + SMALLEST, from + LARGEST)
    chunks.push({ start: from, end: cut })
    from = cut
  }
  if (from < end) chunks.push({ start: from, end })
  return chunks
}

function cutAfter(texts: readonly string[], lowest: number, highest: number): number {
  const endings = [/\n\s*$/, /[.!?]\s*$/]
  for (const ending of endings) {
    for (let i = highest - 1; i >= lowest; i--) if (ending.test(texts[i])) return i + 1
  }
  // Not before a token without a text: a character of several tokens stands with its last one.
  for (let i = highest; i > lowest; i--) if (/^\s/.test(texts[i])) return i
  return highest
}

export type HeatKind = 'entropy' | 'surprise' | 'none'

/** Lower ends of the levels, nats. Fixed, so that two trajectories can be compared by eye. */
export const heatLevels: Record<Exclude<HeatKind, 'none'>, readonly number[]> = {
  entropy: [0.1, 0.5, 1, 2],
  surprise: [0.5, 1, 2, 4],
}

/** 0 (calm) to 4 (hot). What was given and not sampled is calm. */
export function heatLevel(kind: HeatKind, entropy: number | null, logProbability: number | null): number {
  if (kind === 'none') return 0
  const value = kind === 'entropy' ? entropy : logProbability === null ? null : -logProbability
  if (value === null) return 0
  return heatLevels[kind].filter((lowest) => value >= lowest).length
}
