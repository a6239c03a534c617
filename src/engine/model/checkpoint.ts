/** A model folder in Hugging Face format: configuration and weights, in one file or in shards, checked before use. */
import { copyFileSync, existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ReflectoryError } from '../../shared/errors.ts'
import { parseModelConfig, readModelConfig } from './config.ts'
import type { DecoderConfig } from './config.ts'
import { readJsonIfPresent } from './jsonFile.ts'
import { expectedTensors, type TensorShape } from './modelTensors.ts'
import { openSafetensors } from './safetensors.ts'
import type { SafetensorsFile, StoredTensor } from './safetensors.ts'
import { writeSafetensors } from './writeSafetensors.ts'
import type { NamedTensor, WeightDtype } from './writeSafetensors.ts'
import { writeFileAtomically, writeFolder } from './writeWhole.ts'

export interface Checkpoint {
  folder: string
  config: DecoderConfig
  /** The tensors of the architecture, in the order of `expectedTensors`. */
  tensorNames: string[]
  /** Row-major float32, whatever the file stores. */
  readTensor(name: string): Float32Array
  shapeOf(name: string): readonly number[]
  /** Where the bytes of a tensor lie: the real file (links resolved), dtype, offset and length in bytes. */
  locate(name: string): StoredTensor & { file: string }
}

const SINGLE_FILE = 'model.safetensors'
const INDEX_FILE = 'model.safetensors.index.json'
const ShardIndex = z.object({ weight_map: z.record(z.string(), z.string()) })

/** What travels with weights when a checkpoint is written from another one. */
const COMPANION_FILES = [
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'chat_template.jinja',
  'chat_template.json',
]

/** Opens a folder and checks presence, shape and dtype of every weight; throws `bad-model` before anything is read. */
export function openCheckpoint(folder: string): Checkpoint {
  const config = readModelConfig(folder)
  const expected = expectedTensors(config)
  const owners = openWeights(folder)
  const find = (name: string) => {
    const owner = owners.get(name)
    const tensor = owner?.tensors.get(name)
    if (!owner || !tensor) {
      throw new ReflectoryError('bad-model', weightsPlace(folder), `tensor ${name} is missing`, missingRemedy(name))
    }
    return { owner, tensor }
  }
  for (const { name, shape } of expected) {
    const { owner, tensor } = find(name)
    if (tensor.shape.join() !== shape.join()) {
      throw new ReflectoryError(
        'bad-model',
        owner.file,
        `tensor ${name} has shape [${tensor.shape.join(', ')}], but config.json asks for [${shape.join(', ')}]`,
        'Put config.json and the weights of the same model into the folder.',
      )
    }
    if (!['F32', 'F16', 'BF16', 'F64'].includes(tensor.dtype)) {
      throw new ReflectoryError(
        'bad-model',
        owner.file,
        `tensor ${name} is stored as ${tensor.dtype}`,
        'Get the model with F32, F16 or BF16 weights.',
      )
    }
  }
  refuseForeignTensors(owners, expected, config)
  return {
    folder,
    config,
    tensorNames: expected.map(({ name }) => name),
    readTensor: (name) => find(name).owner.read(name),
    shapeOf: (name) => find(name).tensor.shape,
    locate(name) {
      const { owner, tensor } = find(name)
      return { ...tensor, file: realpathSync(owner.file) }
    },
  }
}

/** For each tensor name the opened file that holds it. */
function openWeights(folder: string): Map<string, SafetensorsFile> {
  const single = join(folder, SINGLE_FILE)
  if (existsSync(single)) {
    const file = openSafetensors(single)
    return new Map([...file.tensors.keys()].map((name) => [name, file]))
  }
  const indexFile = join(folder, INDEX_FILE)
  const index = readJsonIfPresent(indexFile, ShardIndex)
  if (index === null) {
    throw new ReflectoryError(
      'bad-model',
      folder,
      `there is neither ${SINGLE_FILE} nor ${INDEX_FILE}`,
      'Get the weights in safetensors format; .bin and .gguf files are not read.',
    )
  }
  const shards = new Map<string, SafetensorsFile>()
  const owners = new Map<string, SafetensorsFile>()
  for (const [name, shardName] of Object.entries(index.weight_map)) {
    if (!/^[^/\\]+\.safetensors$/.test(shardName)) {
      throw new ReflectoryError(
        'bad-model',
        indexFile,
        `tensor ${name} is said to lie in "${shardName}"`,
        'Shards must be .safetensors files beside the index.',
      )
    }
    const shard = shards.get(shardName) ?? openSafetensors(join(folder, shardName))
    shards.set(shardName, shard)
    if (!shard.tensors.has(name)) {
      throw new ReflectoryError(
        'bad-model',
        indexFile,
        `tensor ${name} is not in ${shardName}`,
        'Get the index and all shards of the same model again.',
      )
    }
    owners.set(name, shard)
  }
  return owners
}

/** A weight that the decoder would leave unused (say, a bias that config.json denies) would make it a different model. */
function refuseForeignTensors(
  owners: Map<string, SafetensorsFile>,
  expected: TensorShape[],
  config: DecoderConfig,
): void {
  const known = new Set(expected.map(({ name }) => name))
  for (const [name, owner] of owners) {
    // Old exports store the rotary frequencies, which config.json gives; tied ones may repeat the embedding.
    const unusedHead = name === 'lm_head.weight' && (config.tiedEmbeddings || config.scores !== undefined)
    const harmless = name.endsWith('.rotary_emb.inv_freq') || unusedHead
    if (!known.has(name) && !harmless) {
      throw new ReflectoryError(
        'bad-model',
        owner.file,
        `tensor ${name} is no part of a ${config.family} model with this config.json`,
        'Check config.json (attention_bias, mlp_bias, num_hidden_layers, layer_types) against the published one.',
      )
    }
  }
}

function weightsPlace(folder: string): string {
  const single = join(folder, SINGLE_FILE)
  return existsSync(single) ? single : join(folder, INDEX_FILE)
}

function missingRemedy(name: string): string {
  return name === 'lm_head.weight'
    ? 'If the model shares input and output embeddings, config.json must say "tie_word_embeddings": true.'
    : 'Get all weights of the model, and the config.json that belongs to them.'
}

export interface CheckpointContents {
  /** The config.json to write; its dtype is set to the one written. */
  configJson: Record<string, unknown>
  tensors: readonly NamedTensor[]
  /** A folder whose tokenizer, chat template and generation_config.json are copied. */
  companionsFrom?: string
  dtype?: WeightDtype
  metadata?: Readonly<Record<string, string>>
}

/** Writes a new model folder, whole or not at all; throws `disk` where it exists already or cannot be written. */
export function writeCheckpoint(folder: string, contents: CheckpointContents): void {
  const { dtype = 'F32', companionsFrom, metadata = {} } = contents
  const dtypeName = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' }[dtype]
  const configJson = { ...contents.configJson, ['dtype' in contents.configJson ? 'dtype' : 'torch_dtype']: dtypeName }
  const given = new Map(contents.tensors.map(({ name, shape }) => [name, shape]))
  const expected = expectedTensors(parseModelConfig(configJson, join(folder, 'config.json')))
  const wrong = expected.find(({ name, shape }) => given.get(name)?.join() !== shape.join())
  if (wrong || given.size !== expected.length) {
    throw new ReflectoryError(
      'bad-argument',
      folder,
      `the weights do not fit config.json (${wrong?.name ?? 'too many tensors'})`,
      'This is a mistake in Reflectory; please report it.',
    )
  }
  writeFolder(folder, (partial) => {
    for (const name of companionsFrom === undefined ? [] : COMPANION_FILES) {
      const source = join(companionsFrom ?? '', name)
      if (existsSync(source)) copyFileSync(source, join(partial, name))
    }
    writeFileAtomically(join(partial, 'config.json'), (write) => {
      write(new TextEncoder().encode(`${JSON.stringify(configJson, null, 2)}\n`))
    })
    writeSafetensors(join(partial, SINGLE_FILE), contents.tensors, { format: 'pt', ...metadata }, { dtype })
  })
}
