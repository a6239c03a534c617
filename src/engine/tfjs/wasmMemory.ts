/** WebAssembly addresses 4 GiB. The backend does not look whether memory was there: it goes on in that of other tensors. */
import { ReflectoryError } from '../../shared/errors.ts'

/** What the backend allocates from. */
export interface WasmModule {
  HEAPU8: { length: number }
  /** Gives 0 where there is no room. */
  _malloc(bytes: number): number
  _free(address: number): void
}

const LIMIT_BYTES = 2 ** 32
/** The allocator takes a larger request for a negative one. */
const LARGEST_BLOCK_BYTES = 2 ** 31
/** Products take memory by the side, and where there is none they warn and leave their result as it is. */
const SPARE_BYTES = 2 ** 29

/** Makes `module` refuse (`device`) what it has no room for. */
export function refuseWhenFull(module: WasmModule): void {
  // The first call may put another function in the place of this one.
  module._free(module._malloc(8))
  const allocate = module._malloc
  module._malloc = (bytes) => {
    const address = bytes < LARGEST_BLOCK_BYTES ? allocate(bytes) : 0
    if (address !== 0 && hasSpare(module, allocate)) return address
    if (address !== 0) module._free(address)
    throw new ReflectoryError(
      'device',
      'TensorFlow.js (wasm)',
      'this needs more than the 4 GiB of memory that WebAssembly has',
      'Take smaller batches or a smaller model, install @tensorflow/tfjs-node-gpu, or compute with onnxruntime ' +
        '(on the command line --executor onnx).',
    )
  }
}

function hasSpare(module: WasmModule, allocate: (bytes: number) => number): boolean {
  if (module.HEAPU8.length < LIMIT_BYTES - SPARE_BYTES) return true
  const spare = allocate(SPARE_BYTES)
  if (spare !== 0) module._free(spare)
  return spare !== 0
}

export function isWasmModule(value: unknown): value is WasmModule {
  const has = (name: string): boolean => typeof value === 'object' && value !== null && name in value
  return has('HEAPU8') && has('_malloc') && has('_free')
}
