/** Turns the config.json of a Hugging Face folder into the facts that a decoder is built from, or says what is unsupported. */
import { join } from 'node:path'
import { z } from 'zod'
import { ReflectoryError } from '../../shared/errors.ts'
import { parseModelFile, readJson, readJsonIfPresent } from './jsonFile.ts'
import type { RopeConfig, RopeScaling } from './rope.ts'

export type DecoderFamily = 'llama' | 'qwen3'

/** Everything about a decoder that is not a weight. Sizes in elements, context in tokens. */
export interface DecoderConfig {
  family: DecoderFamily
  vocabularySize: number
  hiddenSize: number
  layerCount: number
  headCount: number
  keyValueHeadCount: number
  headSize: number
  feedForwardSize: number
  normEpsilon: number
  rope: RopeConfig
  /** Whether the output projection is the input embedding. */
  tiedEmbeddings: boolean
  contextLength: number
  /** Whether queries and keys are normalised per head (Qwen3). */
  queryKeyNorm: boolean
  /** Biases on the query, key, value and output projections. */
  attentionBias: boolean
  /** Biases on the gate, up and down projections. */
  mlpBias: boolean
  bosToken: number | null
  /** Tokens that end a completion: those of config.json and generation_config.json. */
  eosTokens: number[]
  padToken: number | null
  /** The type that the weights were published in, as the file says it. */
  dtype: string
}

interface FamilyFacts {
  family: DecoderFamily
  /** What the published model class assumes where config.json is silent. */
  defaultHeadSize: number | null
  defaultContextLength: number
  queryKeyNorm: boolean
  readsMlpBias: boolean
}

const FAMILIES = new Map<string, FamilyFacts>([
  [
    'LlamaForCausalLM',
    { family: 'llama', defaultHeadSize: null, defaultContextLength: 2048, queryKeyNorm: false, readsMlpBias: true },
  ],
  [
    'Qwen3ForCausalLM',
    { family: 'qwen3', defaultHeadSize: 128, defaultContextLength: 32768, queryKeyNorm: true, readsMlpBias: false },
  ],
])

export const supportedArchitectures: readonly string[] = [...FAMILIES.keys()]

const size = z
  .number()
  .int()
  .min(1)
  .max(2 ** 24)
const token = z.number().int()
const tokens = z.union([token, z.array(token).max(64)]).nullish()

const Rope = z.object({
  rope_type: z.string().optional(),
  /** The older spelling of rope_type. */
  type: z.string().optional(),
  rope_theta: z.number().positive().optional(),
  factor: z.number().positive().optional(),
  low_freq_factor: z.number().positive().optional(),
  high_freq_factor: z.number().positive().optional(),
  original_max_position_embeddings: size.optional(),
  partial_rotary_factor: z.number().optional(),
})

const HuggingFaceConfig = z.object({
  architectures: z.array(z.string()).nullish(),
  model_type: z.string().optional(),
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: z.number().int().min(1).max(1024),
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  intermediate_size: size,
  rms_norm_eps: z.number().positive().max(1).default(1e-6),
  rope_theta: z.number().positive().optional(),
  rope_scaling: Rope.nullish(),
  rope_parameters: Rope.nullish(),
  partial_rotary_factor: z.number().optional(),
  tie_word_embeddings: z.boolean().default(false),
  max_position_embeddings: size.optional(),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  bos_token_id: tokens,
  eos_token_id: tokens,
  pad_token_id: token.nullish(),
  dtype: z.string().nullish(),
  torch_dtype: z.string().nullish(),
  hidden_act: z.string().default('silu'),
  pretraining_tp: z.number().default(1),
  use_sliding_window: z.boolean().default(false),
  layer_types: z.array(z.string()).nullish(),
  quantization_config: z.unknown().optional(),
})
type HuggingFaceConfig = z.infer<typeof HuggingFaceConfig>

const GenerationConfig = z.object({ eos_token_id: tokens, pad_token_id: token.nullish(), bos_token_id: tokens })
type GenerationConfig = z.infer<typeof GenerationConfig>

/** Only the name, read before the rest so that a foreign architecture is refused by name and not by a missing field. */
const Architecture = z.object({ architectures: z.array(z.string()).nullish(), model_type: z.string().optional() })

/** Reads config.json and, where present, generation_config.json; throws `bad-model` naming the field. */
export function readModelConfig(folder: string): DecoderConfig {
  const file = join(folder, 'config.json')
  const raw = readJson(
    file,
    z.unknown(),
    'Name a folder in Hugging Face format: config.json, *.safetensors, tokenizer.json.',
  )
  return parseModelConfig(raw, file, readJsonIfPresent(join(folder, 'generation_config.json'), GenerationConfig))
}

/** As `readModelConfig`, from the parsed JSON; `file` is only for messages. */
export function parseModelConfig(
  raw: unknown,
  file: string,
  generation: GenerationConfig | null = null,
): DecoderConfig {
  const facts = findFamily(raw, file)
  const config = parseModelFile(raw, HuggingFaceConfig, file)
  refuseUnsupported(config, file)

  const headCount = config.num_attention_heads
  const keyValueHeadCount = config.num_key_value_heads ?? headCount
  if (headCount % keyValueHeadCount !== 0) {
    throw invalid(
      file,
      'num_key_value_heads',
      `${keyValueHeadCount} does not divide num_attention_heads = ${headCount}`,
    )
  }
  const headSize = config.head_dim ?? facts.defaultHeadSize ?? config.hidden_size / headCount
  if (!Number.isInteger(headSize) || headSize % 2 !== 0) {
    throw invalid(
      file,
      'head_dim',
      `a head would have ${headSize} dimensions; rotary positions need an even whole number`,
    )
  }
  const vocabularySize = config.vocab_size
  const eosTokens = [...new Set([...asList(config.eos_token_id), ...asList(generation?.eos_token_id)])]
  for (const eos of eosTokens) {
    if (eos < 0 || eos >= vocabularySize) {
      throw invalid(file, 'eos_token_id', `token ${eos} is outside the vocabulary of ${vocabularySize}`)
    }
  }
  const inVocabulary = (id: number | null | undefined) => (id != null && id >= 0 && id < vocabularySize ? id : null)
  return {
    family: facts.family,
    vocabularySize,
    hiddenSize: config.hidden_size,
    layerCount: config.num_hidden_layers,
    headCount,
    keyValueHeadCount,
    headSize,
    feedForwardSize: config.intermediate_size,
    normEpsilon: config.rms_norm_eps,
    rope: readRope(config, file),
    tiedEmbeddings: config.tie_word_embeddings,
    contextLength: config.max_position_embeddings ?? facts.defaultContextLength,
    queryKeyNorm: facts.queryKeyNorm,
    attentionBias: config.attention_bias,
    mlpBias: facts.readsMlpBias && config.mlp_bias,
    bosToken: inVocabulary(asList(config.bos_token_id)[0] ?? asList(generation?.bos_token_id)[0]),
    eosTokens,
    padToken: inVocabulary(config.pad_token_id ?? generation?.pad_token_id),
    dtype: config.dtype ?? config.torch_dtype ?? 'float32',
  }
}

function findFamily(raw: unknown, file: string): FamilyFacts {
  const { architectures, model_type: modelType } = parseModelFile(raw, Architecture, file)
  const byType = [...FAMILIES].find(([, facts]) => facts.family === modelType)?.[0]
  const name = architectures?.[0] ?? byType ?? modelType ?? 'none named'
  const facts = FAMILIES.get(name)
  if (facts && (modelType === undefined || modelType === facts.family)) return facts
  const problem = facts
    ? `architecture ${name} does not go with model_type "${modelType}"`
    : `architecture ${name} is not supported`
  throw new ReflectoryError(
    'bad-model',
    `${file}:architectures`,
    problem,
    `Choose a model of one of these architectures: ${supportedArchitectures.join(', ')}.`,
  )
}

/** Fields that would change the arithmetic in a way that the decoder does not compute. */
function refuseUnsupported(config: HuggingFaceConfig, file: string): void {
  const refuse = (field: string, problem: string) => {
    throw new ReflectoryError(
      'bad-model',
      `${file}:${field}`,
      problem,
      'Choose a model without it; no setting of Reflectory computes this.',
    )
  }
  if (config.hidden_act !== 'silu') refuse('hidden_act', `activation "${config.hidden_act}" is not supported (silu is)`)
  if (config.pretraining_tp > 1)
    refuse('pretraining_tp', `sliced projections (${config.pretraining_tp}) are not supported`)
  if (config.use_sliding_window) refuse('use_sliding_window', 'sliding-window attention is not supported')
  const otherLayer = config.layer_types?.find((type) => type !== 'full_attention')
  if (otherLayer !== undefined)
    refuse('layer_types', `layers of type "${otherLayer}" are not supported (full_attention is)`)
  const rotary = config.partial_rotary_factor ?? config.rope_parameters?.partial_rotary_factor ?? 1
  if (rotary !== 1) refuse('partial_rotary_factor', `rotating only a part (${rotary}) of each head is not supported`)
  if (config.quantization_config != null)
    refuse('quantization_config', 'quantised weights are not supported (F32, F16 and BF16 are)')
}

function readRope(config: HuggingFaceConfig, file: string): RopeConfig {
  const field = config.rope_parameters != null ? 'rope_parameters' : 'rope_scaling'
  const rope = config.rope_parameters ?? config.rope_scaling ?? {}
  const type = rope.rope_type ?? rope.type ?? 'default'
  const need = (
    name: 'factor' | 'low_freq_factor' | 'high_freq_factor' | 'original_max_position_embeddings',
  ): number => {
    const value = rope[name]
    if (value === undefined) throw invalid(file, `${field}.${name}`, `rope type "${type}" needs this number`)
    return value
  }
  const theta = rope.rope_theta ?? config.rope_theta ?? 10000
  let scaling: RopeScaling
  switch (type) {
    case 'default':
      scaling = { type: 'none' }
      break
    case 'linear':
      scaling = { type: 'linear', factor: need('factor') }
      break
    case 'llama3':
      scaling = {
        type: 'llama3',
        factor: need('factor'),
        lowFrequencyFactor: need('low_freq_factor'),
        highFrequencyFactor: need('high_freq_factor'),
        originalContextLength: need('original_max_position_embeddings'),
      }
      if (scaling.highFrequencyFactor <= scaling.lowFrequencyFactor) {
        throw invalid(file, `${field}.high_freq_factor`, 'it must be larger than low_freq_factor')
      }
      break
    default:
      throw new ReflectoryError(
        'bad-model',
        `${file}:${field}`,
        `rope type "${type}" is not supported`,
        'Choose a model with rope type default, linear or llama3.',
      )
  }
  return { theta, scaling }
}

function asList(value: number | number[] | null | undefined): number[] {
  if (value == null) return []
  return Array.isArray(value) ? value : [value]
}

function invalid(file: string, field: string, problem: string): ReflectoryError {
  return new ReflectoryError(
    'bad-model',
    `${file}:${field}`,
    problem,
    'Compare the file with the one that the model was published with.',
  )
}
