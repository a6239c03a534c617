/** Adapters in PEFT's format: adapter_config.json and adapter_model.safetensors, read and written. */
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ReflectoryError } from '../../shared/errors.ts'
import { adapterTensors, linearModules, loraA, loraB, type AdaptedModule, type Adapter } from './adapter.ts'
import type { DecoderConfig } from './decoderConfig.ts'
import { readJson } from './jsonFile.ts'
import { openSafetensors } from './safetensors.ts'
import { writeSafetensors } from './writeSafetensors.ts'
import { writeFileAtomically, writeFolder } from './writeWhole.ts'

export const ADAPTER_CONFIG = 'adapter_config.json'
const WEIGHTS_FILE = 'adapter_model.safetensors'
/** What PEFT puts before the names of the base model. */
export const PEFT_PREFIX = 'base_model.model.'

const rank = z.int().min(1).max(65536)
const off = (value: unknown) => value === undefined || value === null || value === false || (Array.isArray(value) && value.length === 0)

const PeftConfig = z.object({
  peft_type: z.string(),
  base_model_name_or_path: z.string().nullish(),
  r: rank,
  lora_alpha: z.number().positive(),
  use_rslora: z.boolean().default(false),
  rank_pattern: z.record(z.string(), rank).nullish(),
  alpha_pattern: z.record(z.string(), z.number().positive()).nullish(),
  target_modules: z.union([z.string(), z.array(z.string())]).nullish(),
  layers_to_transform: z.union([z.int(), z.array(z.int())]).nullish(),
  bias: z.string().default('none'),
  init_lora_weights: z.union([z.boolean(), z.string()]).default(true),
  use_dora: z.unknown().optional(),
  modules_to_save: z.unknown().optional(),
  fan_in_fan_out: z.unknown().optional(),
  lora_bias: z.unknown().optional(),
  layer_replication: z.unknown().optional(),
  trainable_token_indices: z.unknown().optional(),
  target_parameters: z.unknown().optional(),
})
type PeftConfig = z.infer<typeof PeftConfig>

export interface OpenedAdapter {
  adapter: Adapter
  /** A and B of every module, by the names of `adapterTensors`. */
  weights: ReadonlyMap<string, Float32Array>
  /** The base model, as the file calls it. */
  base: string | null
}

export function isAdapterFolder(folder: string): boolean {
  return existsSync(join(folder, ADAPTER_CONFIG))
}

/** The base model that an adapter names, without reading its weights. */
export function readAdapterBase(folder: string): string | null {
  return readConfig(folder).base_model_name_or_path ?? null
}

/** Throws `bad-model` with file and field where the adapter does not fit the base model or asks for what is not computed. */
export function openAdapter(folder: string, config: DecoderConfig): OpenedAdapter {
  const peft = readConfig(folder)
  refuseUnsupported(peft, join(folder, ADAPTER_CONFIG))
  const file = join(folder, WEIGHTS_FILE)
  const stored = openSafetensors(file)
  const known = linearModules(config)
  const fail = (problem: string, remedy = 'Choose the base model that the adapter was trained on.') =>
    new ReflectoryError('bad-model', file, problem, `${remedy} The adapter names ${peft.base_model_name_or_path ?? 'none'} as its base.`)

  const found = new Map<string, { a?: string; b?: string }>()
  for (const name of stored.tensors.keys()) {
    const match = /^base_model\.model\.(.+)\.lora_([AB])(?:\.default)?\.weight$/.exec(name)
    if (match === null) throw fail(`tensor ${name} is no part of a low-rank adapter over linear modules`, 'Export the adapter with LoRA on linear modules only.')
    const [, module, side] = match
    found.set(module, { ...found.get(module), [side === 'A' ? 'a' : 'b']: name })
  }
  if (found.size === 0) throw fail('it holds no adapted module', 'Get the whole adapter folder.')
  refuseMissedTargets(peft, [...found.keys()], join(folder, ADAPTER_CONFIG))
  refuseUntargeted(peft, [...found.keys()], join(folder, ADAPTER_CONFIG))

  const modules = new Map<string, AdaptedModule>()
  const weights = new Map<string, Float32Array>()
  // In the order of the model, whatever that of the file.
  for (const [module, { inputs, outputs }] of known) {
    const names = found.get(module)
    if (names === undefined) continue
    if (names.a === undefined || names.b === undefined) throw fail(`module ${module} has only one of lora_A and lora_B`)
    const wanted = patternValue(peft.rank_pattern, module) ?? peft.r
    for (const [name, shape] of [[names.a, [wanted, inputs]] as const, [names.b, [outputs, wanted]] as const]) {
      const actual = stored.tensors.get(name)!.shape
      if (actual.join() !== shape.join()) {
        throw fail(`tensor ${name} has shape [${actual.join(', ')}], but the base model and a rank of ${wanted} ask for [${shape.join(', ')}]`)
      }
    }
    const alpha = patternValue(peft.alpha_pattern, module) ?? peft.lora_alpha
    modules.set(module, { inputs, outputs, rank: wanted, scale: alpha / (peft.use_rslora ? Math.sqrt(wanted) : wanted) })
    weights.set(loraA(module), stored.read(names.a))
    weights.set(loraB(module), stored.read(names.b))
    found.delete(module)
  }
  const [foreign] = found.keys()
  if (foreign !== undefined) throw fail(`the base model has no linear module ${foreign}`)
  return { adapter: { modules }, weights, base: peft.base_model_name_or_path ?? null }
}

function readConfig(folder: string): PeftConfig {
  return readJson(join(folder, ADAPTER_CONFIG), PeftConfig, "Name a folder in PEFT's format: adapter_config.json, adapter_model.safetensors.")
}

function refuseUnsupported(peft: PeftConfig, file: string): void {
  const refuse = (field: string, problem: string) => {
    throw new ReflectoryError('bad-model', `${file}:${field}`, problem, 'Use a plain LoRA adapter, or merge it into its base model.')
  }
  if (peft.peft_type !== 'LORA') refuse('peft_type', `adapters of type ${peft.peft_type} are not supported (LORA is)`)
  if (peft.bias !== 'none') refuse('bias', `trained biases ("${peft.bias}") are not supported`)
  if (typeof peft.init_lora_weights === 'string' && /pissa|olora|corda|loftq/i.test(peft.init_lora_weights)) {
    refuse('init_lora_weights', `"${peft.init_lora_weights}" also changed the base model`)
  }
  const fields = ['use_dora', 'modules_to_save', 'fan_in_fan_out', 'lora_bias', 'layer_replication', 'trainable_token_indices', 'target_parameters'] as const
  for (const field of fields) if (!off(peft[field])) refuse(field, `${JSON.stringify(peft[field])} is not supported`)
}

/** Targets that are named and have no tensors would be silently left out. */
function refuseMissedTargets({ target_modules: targets }: PeftConfig, found: readonly string[], file: string): void {
  if (!Array.isArray(targets)) return
  const missed = targets.find((target) => !found.some((module) => module === target || module.endsWith(`.${target}`)))
  if (missed === undefined) return
  throw new ReflectoryError('bad-model', `${file}:target_modules`, `there are no weights for the target module "${missed}"`, 'Get the whole adapter folder.')
}

/** Tensors of modules that the configuration does not name would be applied against it. */
function refuseUntargeted(peft: PeftConfig, found: readonly string[], file: string): void {
  const { target_modules: targets, layers_to_transform: layers } = peft
  const refuse = (field: string, module: string) => {
    throw new ReflectoryError('bad-model', `${file}:${field}`, `the folder has weights for ${module}, which it does not name`, 'Get adapter_config.json and weights of the same adapter.')
  }
  for (const module of found) {
    if (Array.isArray(targets) && !targets.some((target) => module === target || module.endsWith(`.${target}`))) refuse('target_modules', module)
    const layer = /\.layers\.(\d+)\./.exec(module)?.[1]
    if (layers != null && layer !== undefined && ![layers].flat().includes(Number(layer))) refuse('layers_to_transform', module)
  }
}

/** The value of the first pattern that the end of the module's name matches, as PEFT reads them. */
function patternValue(patterns: Record<string, number> | null | undefined, module: string): number | undefined {
  for (const [pattern, value] of Object.entries(patterns ?? {})) {
    // Only plain names: a pattern from a file must not become a program.
    const isName = /^\^?[\w.]+$/.test(pattern)
    const name = pattern.replace(/^\^/, '')
    if (isName && (module === name || (!pattern.startsWith('^') && module.endsWith(`.${name}`)))) return value
    if (!isName) {
      throw new ReflectoryError('bad-model', ADAPTER_CONFIG, `the pattern "${pattern}" is not a module's name`, 'Write whole module names into rank_pattern and alpha_pattern.')
    }
  }
  return undefined
}

export interface AdapterContents {
  adapter: Adapter
  weights: ReadonlyMap<string, Float32Array>
  /** Path or name of the base model. */
  base: string
  rank: number
  alpha: number
  rslora: boolean
}

/** Writes a new folder in PEFT's format, whole or not at all; throws `disk` where it exists already or cannot be written. */
export function writeAdapter(folder: string, { adapter, weights, base, rank: r, alpha, rslora }: AdapterContents): void {
  const targets = [...new Set([...adapter.modules.keys()].map((module) => module.split('.').at(-1)!))].sort()
  const peft = {
    base_model_name_or_path: base,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: alpha,
    lora_dropout: 0,
    modules_to_save: null,
    peft_type: 'LORA',
    r,
    target_modules: targets,
    task_type: 'CAUSAL_LM',
    use_dora: false,
    use_rslora: rslora,
  }
  const tensors = adapterTensors(adapter).map(({ name, shape }) => ({ name: PEFT_PREFIX + name, shape, data: weights.get(name)! }))
  writeFolder(folder, (partial) => {
    writeFileAtomically(join(partial, ADAPTER_CONFIG), (write) => write(new TextEncoder().encode(`${JSON.stringify(peft, null, 2)}\n`)))
    writeSafetensors(join(partial, WEIGHTS_FILE), tensors, { format: 'pt' })
  })
}

/** Copies an adapter's files into a new folder, whole or not at all; throws `disk`. */
export function copyAdapter(source: string, target: string): void {
  writeFolder(target, (partial) => {
    for (const name of [ADAPTER_CONFIG, WEIGHTS_FILE]) copyFileSync(join(source, name), join(partial, name))
  })
}
