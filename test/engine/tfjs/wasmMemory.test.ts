import { describe, expect, it } from 'vitest'
import { openPure } from '../../../src/engine/tfjs/tensorflow.ts'
import { isWasmModule, refuseWhenFull } from '../../../src/engine/tfjs/wasmMemory.ts'

const MIB = 2 ** 20

/** Blocks one after the other up to 4 GiB; like the real one, it puts its own function in place at the first call. */
function memory() {
  let used = 64
  const sizes = new Map<number, number>()
  const allocate = (bytes: number): number => {
    if (used + bytes > 4096 * MIB) return 0
    const address = used
    used += bytes
    sizes.set(address, bytes)
    return address
  }
  const module = {
    HEAPU8: {
      get length() {
        return used
      },
    },
    _malloc(bytes: number): number {
      module._malloc = allocate
      return allocate(bytes)
    },
    _free(address: number): void {
      used -= sizes.get(address)!
    },
  }
  return module
}

describe('refuseWhenFull', () => {
  it('gives memory as long as there is some, with room to spare for products', () => {
    const module = memory()
    refuseWhenFull(module)
    for (let block = 0; block < 35; block++) expect(module._malloc(100 * MIB)).toBeGreaterThan(0)
    const used = module.HEAPU8.length
    expect(() => module._malloc(100 * MIB)).toThrow(/more than the 4 GiB .* WebAssembly .*--executor onnx/s)
    expect(module.HEAPU8.length).toBe(used)
  })

  it('refuses one block that is too large', () => {
    const module = memory()
    refuseWhenFull(module)
    expect(() => module._malloc(2048 * MIB)).toThrow(/4 GiB/)
    expect(module._malloc(2047 * MIB)).toBeGreaterThan(0)
  })
})

it("guards the backend's own memory", async () => {
  const { tf } = await openPure('wasm')
  const module: unknown = Reflect.get(tf.backend(), 'wasm')
  if (!isWasmModule(module)) throw new TypeError('the backend allocates in another way')
  expect(() => module._malloc(3.9 * 2 ** 30)).toThrow(/4 GiB/)
  expect(tf.tidy(() => tf.sum(tf.ones([8])).dataSync()[0])).toBe(8)
})
