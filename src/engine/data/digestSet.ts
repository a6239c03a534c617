/** A set of texts that keeps eight bytes each: enough to tell, in files of millions of rows, which came before. */
import { createHash } from 'node:crypto'

const FIRST_SLOTS = 1024
/** At most so many texts are remembered; their slots then take 64 MB. */
const MOST_TEXTS = 4 * 1024 * 1024

/** Two texts are taken for one with a chance of about n² / 10^16. */
export class DigestSet {
  /** Open addressing; 0 is an empty slot. */
  private slots = new Float64Array(FIRST_SLOTS)
  private size = 0

  /** Whether the text is new. Once the set is full, texts that it has not seen are all new. */
  add(text: string): boolean {
    const digest = createHash('sha1').update(text).digest()
    // 53 bits, so that a number holds them; never 0.
    const key = digest.readUIntBE(0, 6) * 32 + (digest[6] >> 3) || 1
    const slot = this.find(this.slots, key)
    if (this.slots[slot] === key) return false
    if (this.isFull()) return true
    this.slots[slot] = key
    this.size++
    if (this.size * 2 > this.slots.length) this.grow()
    return true
  }

  isFull(): boolean {
    return this.size >= MOST_TEXTS
  }

  private find(slots: Float64Array, key: number): number {
    let slot = key % slots.length
    while (slots[slot] !== 0 && slots[slot] !== key) slot = (slot + 1) % slots.length
    return slot
  }

  private grow(): void {
    const larger = new Float64Array(this.slots.length * 2)
    for (const key of this.slots) if (key !== 0) larger[this.find(larger, key)] = key
    this.slots = larger
  }
}
