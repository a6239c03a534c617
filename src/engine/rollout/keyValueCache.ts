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

/** Keys or values of one layer: [slots, keyValueHeads, capacity, size]. */
interface Kept {
  name: string
  /** What a run calls the new ones. */
  newName: string
  data: Float32Array
}

export class KeyValueCache {
  readonly slots: number
  readonly capacity: number
  /** [slots, 1, 1, capacity] */
  readonly mask: Float32Array
  private readonly config: DecoderConfig
  private readonly kept: readonly Kept[]

  constructor(config: DecoderConfig, slots: number, capacity: number) {
    this.config = config
    this.slots = slots
    this.capacity = capacity
    this.mask = new Float32Array(slots * capacity).fill(EMPTY_PLACE)
    const size = slots * config.keyValueHeadCount * config.headSize * capacity
    const layers = Array.from({ length: config.layerCount }, (_, layer) => layer)
    this.kept = layers.flatMap((layer) =>
      (['keys', 'values'] as const).map((kind) => ({ name: cacheName(kind, layer), newName: newName(kind, layer), data: new Float32Array(size) })),
    )
  }

  feeds(): Record<string, Data> {
    return { mask: this.mask, ...Object.fromEntries(this.kept.map(({ name, data }) => [name, data])) }
  }

  /** Forgets a sequence. */
  clear(slot: number): void {
    this.mask.fill(EMPTY_PLACE, slot * this.capacity, (slot + 1) * this.capacity)
  }

  /** Puts rows of a run's new keys and values at places of sequences. */
  put(places: readonly Place[], outputs: Readonly<Record<string, Data>>): void {
    const { keyValueHeadCount: heads, headSize: size } = this.config
    const { capacity } = this
    for (const { newName, data } of this.kept) {
      const rows = outputs[newName] as Float32Array
      for (const { slot, position, row } of places) {
        for (let head = 0; head < heads; head++) {
          const to = ((slot * heads + head) * capacity + position) * size
          const from = (row * heads + head) * size
          for (let i = 0; i < size; i++) data[to + i] = rows[from + i]
        }
      }
    }
    for (const { slot, position } of places) this.mask[slot * capacity + position] = 0
  }

  /** The same sequences with more places. */
  grown(capacity: number): KeyValueCache {
    const larger = new KeyValueCache(this.config, this.slots, capacity)
    const { keyValueHeadCount, headSize } = this.config
    this.kept.forEach(({ data }, index) =>
      copyRows(data, larger.kept[index].data, this.slots * keyValueHeadCount, this.capacity * headSize, capacity * headSize),
    )
    copyRows(this.mask, larger.mask, this.slots, this.capacity, capacity)
    return larger
  }
}

/** Copies rows of `fromWidth` to the starts of rows of `toWidth`. */
function copyRows(from: Float32Array, to: Float32Array, rows: number, fromWidth: number, toWidth: number): void {
  for (let row = 0; row < rows; row++) to.set(from.subarray(row * fromWidth, (row + 1) * fromWidth), row * toWidth)
}
