/** Above which value the top share of very many numbers lies, without sorting them. */

/** The upper bits of a positive float ascend with it; so many tell values apart to a two-thousandth. */
const BITS = 20
const SHIFT = 32 - BITS

export class TopShare {
  private readonly counts = new Float64Array(2 ** (BITS - 1))
  private readonly value = new Float32Array(1)
  private readonly bits = new Uint32Array(this.value.buffer)
  private total = 0

  /** Negative numbers count as 0. */
  add(value: number): void {
    this.counts[this.bin(value)]++
    this.total++
  }

  /**
   * Numbers from this one on are the top `share`, or a little more where many are equal; 0 is never among them. Infinity
   * without any number.
   */
  threshold(share: number): number {
    const wanted = share * this.total
    let above = 0
    for (let bin = this.counts.length - 1; bin >= 0; bin--) {
      above += this.counts[bin]
      if (above === 0 || above < wanted) continue
      this.bits[0] = bin << SHIFT
      return this.value[0] || Number.MIN_VALUE
    }
    return Infinity
  }

  private bin(value: number): number {
    this.value[0] = Math.max(0, value)
    return this.bits[0] >>> SHIFT
  }
}
