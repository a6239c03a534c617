/** Keys and values of the sequences being sampled, in the layout that `decodeGraph` reads; owned by the host. */
import { cacheName, EMPTY_PLACE, newName } from '../model/cachedDecoder.ts'
import type { DecoderConfig } from '../model/config.ts'
import type { Data } from '../onnx/program.ts'

/** Where row `row` of new keys and values belongs. */
export interface Place {
  slot: number
  position: number
  row: number
}

export class KeyValueCache {
  readonly slots: number
  readonly capacity: number
  /** [slots, 1, 1, capacity] */
  readonly mask: Float32Array
  private readonly config: DecoderConfig
  /** Per layer [slots, keyValueHeads, size, capacity]. */
  private readonly keys: readonly Float32Array[]
  /** Per layer [slots, keyValueHeads, capacity, size]. */
  private readonly values: readonly Float32Array[]

  constructor(config: DecoderConfig, slots: number, capacity: number) {
    this.config = config
    this.slots = slots
    this.capacity = capacity
    this.mask = new Float32Array(slots * capacity).fill(EMPTY_PLACE)
    const size = slots * config.keyValueHeadCount * config.headSize * capacity
    this.keys = Array.from({ length: config.layerCount }, () => new Float32Array(size))
    this.values = Array.from({ length: config.layerCount }, () => new Float32Array(size))
  }

  feeds(): Record<string, Data> {
    const layers = this.keys.flatMap((keys, layer) => [
      [cacheName('keys', layer), keys] as const,
      [cacheName('values', layer), this.values[layer]] as const,
    ])
    return { mask: this.mask, ...Object.fromEntries(layers) }
  }

  /** Forgets a sequence. */
  clear(slot: number): void {
    this.mask.fill(EMPTY_PLACE, slot * this.capacity, (slot + 1) * this.capacity)
  }

  /** Puts rows of a run's new keys and values at places of sequences. */
  put(places: readonly Place[], outputs: Readonly<Record<string, Data>>): void {
    const { keyValueHeadCount: heads, headSize: size } = this.config
    const { capacity } = this
    const width = heads * size
    for (let layer = 0; layer < this.keys.length; layer++) {
      const keys = this.keys[layer]
      const values = this.values[layer]
      const newKeys = outputs[newName('keys', layer)] as Float32Array
      const newValues = outputs[newName('values', layer)] as Float32Array
      for (const { slot, position, row } of places) {
        let from = row * width
        let key = slot * width * capacity + position
        for (let head = slot * heads; head < (slot + 1) * heads; head++) {
          let value = (head * capacity + position) * size
          for (let i = 0; i < size; i++, from++, key += capacity) {
            keys[key] = newKeys[from]
            values[value++] = newValues[from]
          }
        }
      }
    }
    for (const { slot, position } of places) this.mask[slot * capacity + position] = 0
  }

  /** The same sequences with more places. */
  grown(capacity: number): KeyValueCache {
    const larger = new KeyValueCache(this.config, this.slots, capacity)
    const { keyValueHeadCount, headSize } = this.config
    const rows = this.slots * keyValueHeadCount
    for (let layer = 0; layer < this.keys.length; layer++) {
      copyRows(this.keys[layer], larger.keys[layer], rows * headSize, this.capacity, capacity)
      copyRows(this.values[layer], larger.values[layer], rows, this.capacity * headSize, capacity * headSize)
    }
    copyRows(this.mask, larger.mask, this.slots, this.capacity, capacity)
    return larger
  }
}

/** Copies rows of `fromWidth` to the starts of rows of `toWidth`. */
function copyRows(from: Float32Array, to: Float32Array, rows: number, fromWidth: number, toWidth: number): void {
  for (let row = 0; row < rows; row++) to.set(from.subarray(row * fromWidth, (row + 1) * fromWidth), row * toWidth)
}
