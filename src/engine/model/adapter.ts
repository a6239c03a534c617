/** Low-rank adapters over linear modules (Hu et al., "LoRA", 2021): what they are, apart from any file. */
import { ReflectoryError } from '../../shared/errors.ts'
import type { RandomStream } from '../../shared/random.ts'
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

export interface LoraShape {
  rank: number
  alpha: number
  /** Divides alpha by the root of the rank instead of the rank (Kalajdzievski, "rsLoRA", 2023). */
  rslora: boolean
  /** Last parts of modules' names, for instance `q_proj`; null for every linear module but the head. */
  targets: readonly string[] | null
}

/** A new adapter. Throws `bad-study` where a target is no module of the model. */
export function planAdapter(config: DecoderConfig, { rank, alpha, rslora, targets }: LoraShape): Adapter {
  const all = linearModules(config)
  const lastPart = (module: string): string => module.slice(module.lastIndexOf('.') + 1)
  const known = [...new Set([...all.keys()].map(lastPart))]
  const missed = targets?.find((target) => !known.includes(target))
  if (missed !== undefined) {
    throw new ReflectoryError('bad-study', 'lora.targets', `the model has no module "${missed}"`, `Choose from: ${known.join(', ')}.`)
  }
  const scale = alpha / (rslora ? Math.sqrt(rank) : rank)
  const chosen = [...all].filter(([module]) => (targets === null ? module !== 'lm_head' : targets.includes(lastPart(module))))
  return { modules: new Map(chosen.map(([module, sizes]) => [module, { ...sizes, rank, scale }])) }
}

/** A is uniform within 1 / sqrt(inputs), B is zero: the model is as it was. */
export function initialAdapter(adapter: Adapter, random: RandomStream): Map<string, Float32Array> {
  return new Map(
    [...adapter.modules].flatMap(([module, { inputs, outputs, rank }]) => {
      const stream = random.fork(module)
      const bound = 1 / Math.sqrt(inputs)
      return [
        [loraA(module), Float32Array.from({ length: rank * inputs }, () => bound * (2 * stream.uniform() - 1))],
        [loraB(module), new Float32Array(outputs * rank)],
      ] as const
    }),
  )
}

/** The weights with the adapter added to them, W + scale B A; what is not adapted is the same memory. Throws `bad-model`. */
export function mergeAdapter(
  weights: ReadonlyMap<string, Float32Array>,
  { modules }: Adapter,
  adapterWeights: ReadonlyMap<string, Float32Array>,
): Map<string, Float32Array> {
  const merged = new Map(weights)
  for (const [module, { inputs, outputs, rank, scale }] of modules) {
    const name = `${module}.weight`
    const base = weights.get(name)
    if (base === undefined) {
      throw new ReflectoryError('bad-model', module, 'it shares its weights with the embedding, which the adapter does not change', 'Keep the adapter apart.')
    }
    const a = adapterWeights.get(loraA(module))!
    const b = adapterWeights.get(loraB(module))!
    const sum = base.slice()
    for (let output = 0; output < outputs; output++) {
      const row = output * inputs
      for (let r = 0; r < rank; r++) {
        const factor = scale * b[output * rank + r]
        const from = r * inputs
        for (let input = 0; input < inputs; input++) sum[row + input] += factor * a[from + input]
      }
    }
    merged.set(name, sum)
  }
  return merged
}
