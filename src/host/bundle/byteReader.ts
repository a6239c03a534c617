/** Bytes that come in pieces of any size, taken in pieces of other sizes. */
export class ByteReader {
  private readonly pieces: AsyncIterator<Buffer, void>
  /** What came and was not taken yet. */
  private rest: Buffer = Buffer.alloc(0)

  constructor(pieces: AsyncIterator<Buffer, void>) {
    this.pieces = pieces
  }

  /** The next bytes where they have come already, else null. */
  takeNow(count: number): Buffer | null {
    if (this.rest.length < count) return null
    const taken = this.rest.subarray(0, count)
    this.rest = this.rest.subarray(count)
    return taken
  }

  /** The next bytes; null where there are fewer. */
  async take(count: number): Promise<Buffer | null> {
    const waiting = [this.rest]
    let length = this.rest.length
    while (length < count) {
      const next = await this.pieces.next()
      if (next.done === true) return null
      waiting.push(next.value)
      length += next.value.length
    }
    this.rest = waiting.length === 1 ? this.rest : Buffer.concat(waiting, length)
    return this.takeNow(count)
  }

  /** Whether all was taken; reads on to know it. */
  async isAtEnd(): Promise<boolean> {
    return this.rest.length === 0 && (await this.pieces.next()).done === true
  }
}
