/** Ids, division and limits by a hash of the text: they do not move when rows are added, removed or reordered. */
import { createHash } from 'node:crypto'
import type { FileSource } from '../../shared/sources.ts'

/** What the choice of rows looks at. The second row with the same text is `copy` 1, and so on. */
interface Keyed {
  text: string
  copy: number
}

/** `set/` and twelve hexadecimal digits of SHA-256 of the text; a repeated text gets `-1`, `-2`, … behind it. */
export function promptId(set: string, { text, copy }: Keyed): string {
  return `${set}/${digest(text).toString('hex', 0, 6)}${copy > 0 ? `-${copy}` : ''}`
}

/** Numbers rows with the same text 0, 1, 2, … in the order in which they come. */
export function numberCopies<T extends { text: string }>(rows: T[]): (T & Keyed)[] {
  const seen = new Map<string, number>()
  return rows.map((row) => {
    const copy = seen.get(row.text) ?? 0
    seen.set(row.text, copy + 1)
    return { ...row, copy }
  })
}

/**
 * The rows of one side of the division, at most `limit` of them, in the order of the file. The limit takes rows in the
 * order of their hash, so a smaller limit gives a subset of a larger one. Equal texts are always on the same side.
 */
export function selectRows<T extends Keyed>(
  rows: T[],
  { split, heldOutShare, limit }: Pick<FileSource, 'split' | 'heldOutShare'> & { limit?: number | undefined },
): T[] {
  const divided = rows.filter(({ text }) => split === 'all' || (split === 'held-out') === isHeldOut(text, heldOutShare))
  if (limit === undefined || divided.length <= limit) return divided
  const ranked = divided
    .map((row, position) => ({ position, copy: row.copy, key: digest(row.text).toString('hex') }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.copy - b.copy))
  const taken = new Set(ranked.slice(0, limit).map(({ position }) => position))
  return divided.filter((_, position) => taken.has(position))
}

/** Uses other digits of the hash than the limit does, so that the two choices are independent. */
function isHeldOut(text: string, share: number): boolean {
  return digest(text).readUIntBE(20, 6) / 2 ** 48 < share
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
