/**
 * Rotary position embedding: inverse frequencies and the tables of cosines and sines that a decoder reads.
 * Su et al., "RoFormer" (2021); position interpolation (`linear`), Chen et al. (2023); `llama3`, the published scaling
 * of Llama 3.1, which keeps short wavelengths, stretches long ones and blends between.
 */

export type RopeScaling =
  | { type: 'none' }
  | { type: 'linear'; factor: number }
  | {
      type: 'llama3'
      factor: number
      lowFrequencyFactor: number
      highFrequencyFactor: number
      /** Tokens of the context before it was stretched. */
      originalContextLength: number
    }

export interface RopeConfig {
  theta: number
  scaling: RopeScaling
}

/** One angle a token for each pair of head dimensions, in float64: `[headSize / 2]`. */
export function inverseFrequencies(rope: RopeConfig, headSize: number): Float64Array {
  const frequencies = Float64Array.from({ length: headSize / 2 }, (_, i) => rope.theta ** ((-2 * i) / headSize))
  return frequencies.map((frequency) => scaleFrequency(frequency, rope.scaling))
}

function scaleFrequency(frequency: number, scaling: RopeScaling): number {
  if (scaling.type === 'none') return frequency
  if (scaling.type === 'linear') return frequency / scaling.factor
  const { factor, lowFrequencyFactor, highFrequencyFactor, originalContextLength } = scaling
  const turns = (originalContextLength * frequency) / (2 * Math.PI) // full turns within the original context
  if (turns < lowFrequencyFactor) return frequency / factor
  if (turns > highFrequencyFactor) return frequency
  const blend = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor)
  return ((1 - blend) * frequency) / factor + blend * frequency
}

/**
 * Cosines and sines of position times inverse frequency, for positions 0 … length - 1: `[length, headSize / 2]` each.
 * Computed in float64 and rounded once. Checkpoints in Hugging Face layout rotate dimension i with i + headSize / 2.
 */
export function ropeTables(
  config: { rope: RopeConfig; headSize: number },
  length: number,
): { cos: Float32Array; sin: Float32Array } {
  const frequencies = inverseFrequencies(config.rope, config.headSize)
  const half = frequencies.length
  const cos = new Float32Array(length * half)
  const sin = new Float32Array(length * half)
  for (let position = 0; position < length; position++) {
    for (let i = 0; i < half; i++) {
      cos[position * half + i] = Math.cos(position * frequencies[i])
      sin[position * half + i] = Math.sin(position * frequencies[i])
    }
  }
  return { cos, sin }
}
