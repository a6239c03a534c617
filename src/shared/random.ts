/**
 * Counter-based random numbers: Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
 * A number depends only on its key and counter, so any draw can be repeated after a crash, in any order, on any device.
 */

const WEYL_0 = 0x9e3779b9
const WEYL_1 = 0xbb67ae85
const MULTIPLIER_0 = 0xd2511f53
const MULTIPLIER_1 = 0xcd9e8d57

/** High 32 bits of the product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  const carry = (middle & 0xffff) + aLow * bHigh
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0
}

/** Ten Philox rounds; writes four unsigned 32-bit integers to `out`. */
export function philox(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
  counter2: number,
  counter3: number,
  out: Uint32Array,
): void {
  let k0 = key0 >>> 0
  let k1 = key1 >>> 0
  let c0 = counter0 >>> 0
  let c1 = counter1 >>> 0
  let c2 = counter2 >>> 0
  let c3 = counter3 >>> 0
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0)
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0
    const high1 = multiplyHigh(MULTIPLIER_1, c2)
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0
    c0 = (high1 ^ c1 ^ k0) >>> 0
    c1 = low1
    c2 = (high0 ^ c3 ^ k1) >>> 0
    c3 = low0
    k0 = (k0 + WEYL_0) >>> 0
    k1 = (k1 + WEYL_1) >>> 0
  }
  out[0] = c0
  out[1] = c1
  out[2] = c2
  out[3] = c3
}

/** FNV-1a with a final avalanche: turns a path of labels into the second key word. */
function hashPath(path: readonly (string | number)[]): number {
  let hash = 0x811c9dc5
  for (const part of path) {
    for (const character of `${typeof part}:${part}/`) {
      hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193)
    }
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** A reproducible stream. Streams of different paths are independent; `position` makes a stream resumable. */
export class RandomStream {
  readonly seed: number
  readonly path: readonly (string | number)[]
  private readonly pathHash: number
  private readonly block = new Uint32Array(4)
  private drawn: number
  private blockIndex = -1

  constructor(seed: number, path: readonly (string | number)[] = [], position = 0) {
    this.seed = seed
    this.path = path
    this.pathHash = hashPath(path)
    this.drawn = position
  }

  /** How many numbers were drawn; pass it to the constructor to go on from here. */
  get position(): number {
    return this.drawn
  }

  /** A stream of its own for a named part of the work; does not advance this one. */
  fork(...path: (string | number)[]): RandomStream {
    return new RandomStream(this.seed, [...this.path, ...path])
  }

  /** Uniform in [0, 2^32). */
  uint32(): number {
    const index = Math.floor(this.drawn / 4)
    if (index !== this.blockIndex) {
      philox(this.seed, this.pathHash, index, Math.floor(index / 0x100000000), 0, 0, this.block)
      this.blockIndex = index
    }
    return this.block[this.drawn++ % 4]
  }

  /** Uniform in (0, 1), never an end point. */
  uniform(): number {
    return (this.uint32() + 0.5) / 0x100000000
  }

  /** Uniform integer in [0, limit). */
  integer(limit: number): number {
    return Math.floor(this.uniform() * limit)
  }

  /** Standard normal, by Box and Muller; always takes two numbers. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(this.uniform()))
    return radius * Math.cos(2 * Math.PI * this.uniform())
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.uniform() < probability
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)]
  }

  /** A shuffled copy (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items]
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      ;[shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]]
    }
    return shuffled
  }
}
