/** Low-rank adapters over linear modules (Hu et al., "LoRA", 2021): what they are, apart from any file. */
import type { DecoderConfig } from './decoderConfig.ts'
import { expectedTensors, type TensorShape } from './modelTensors.ts'

/** One adapted module: y + scale (x A^T) B^T with A [rank, inputs] and B [outputs, rank]. */
export interface AdaptedModule {
  inputs: number
  outputs: number
  rank: number
  scale: number
}

export interface Adapter {
  /** By the module's full name, for instance `model.layers.0.self_attn.q_proj`. */
  modules: ReadonlyMap<string, AdaptedModule>
}

export const loraA = (module: string): string => `${module}.lora_A.weight`
export const loraB = (module: string): string => `${module}.lora_B.weight`

export function adapterTensors({ modules }: Adapter): TensorShape[] {
  return [...modules].flatMap(([module, { inputs, outputs, rank }]) => [
    { name: loraA(module), shape: [rank, inputs] },
    { name: loraB(module), shape: [outputs, rank] },
  ])
}

/** Linear modules of a decoder by full name: those that an adapter can lie over. A tied head counts as one. */
export function linearModules(config: DecoderConfig): Map<string, { inputs: number; outputs: number }> {
  const modules = new Map<string, { inputs: number; outputs: number }>()
  for (const { name, shape } of expectedTensors(config)) {
    const isTable = name === 'model.embed_tokens.weight'
    if (shape.length === 2 && name.endsWith('.weight') && !isTable) {
      modules.set(name.slice(0, -'.weight'.length), { inputs: shape[1], outputs: shape[0] })
    }
  }
  if (config.tiedEmbeddings) modules.set('lm_head', { inputs: config.hiddenSize, outputs: config.vocabularySize })
  return modules
}
