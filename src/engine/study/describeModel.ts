/** What a model folder holds, without reading its weights: for `reflectory model`. */
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { ReflectoryError } from '../../shared/errors.ts'
import type { AdapterDescription, ModelDescription } from '../../shared/modelDescription.ts'
import { isAdapterFolder, openAdapter } from '../model/adapterFiles.ts'
import { loadChatTemplate } from '../model/chatTemplate.ts'
import { openCheckpoint, type Checkpoint } from '../model/checkpoint.ts'
import type { DecoderConfig } from '../model/config.ts'
import { readJson } from '../model/jsonFile.ts'
import { loadTokenizer, type Tokenizer } from '../model/tokenizer.ts'
import { describeTemplate } from './describeTemplate.ts'
import { memoryUses } from './memory.ts'
import { adapterBase, modelFolder } from './studyModel.ts'

/**
 * `model` is 'harbor', a model's folder, or an adapter's, which stands for its base model. Throws `bad-model` where
 * there is no model to speak of; trouble with tokenizer or template goes into `problems`.
 */
export function describeModel(model: string): ModelDescription {
  const given = modelFolder(model)
  const folder = isAdapterFolder(given) ? adapterBase(given) : given
  refuseCacheRoot(folder)
  const checkpoint = openCheckpoint(folder)
  const { config } = checkpoint
  const problems: ModelDescription['problems'] = []
  const orProblem = <T>(work: () => T): T | null => {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof ReflectoryError)) throw error
      const { place, problem, remedy } = error
      problems.push({ place, problem, remedy })
      return null
    }
  }
  const tokenizer = orProblem(() => loadTokenizer(folder, config.vocabularySize))
  const writes = config.scores === undefined
  const template =
    tokenizer && writes
      ? orProblem(() => describeTemplate(loadChatTemplate(folder, tokenizer), tokenizer))
      : null
  const tokens = tokenizer && describeTokenizer(tokenizer, config)
  const weights = describeWeights(checkpoint)
  const parameters = Object.values(weights.dtypes).reduce((sum, count) => sum + count, 0)
  return {
    folder,
    family: config.family,
    architecture: readArchitecture(folder) ?? config.family,
    layers: config.layerCount,
    hiddenSize: config.hiddenSize,
    parameters,
    contextTokens: config.contextLength,
    vocabularySize: config.vocabularySize,
    scores: config.scores ? [...config.scores] : null,
    weights,
    tokenizer: tokens,
    template: template && template.description,
    adapters: adapterFolders(folder, given).map((path) => describeAdapter(path, config)),
    memory: {
      weights: parameters * Float32Array.BYTES_PER_ELEMENT,
      free: process.availableMemory(),
      uses: writes ? memoryUses(config, process.availableMemory()) : [],
    },
    notes: [
      ...(writes ? [] : [WRITES_NOTHING]),
      ...(writes && tokens?.ends.length === 0 ? [NO_END] : []),
      ...(template?.notes ?? []),
    ],
    problems,
  }
}

const WRITES_NOTHING = 'It scores texts and writes none: it can be a judge, and cannot be trained or sampled here.'
const NO_END = 'Nothing says which token ends a text: every completion goes on to its length limit.'

/** A download cache keeps models one folder further in, one for each version. */
function refuseCacheRoot(folder: string): void {
  const snapshots = join(folder, 'snapshots')
  if (existsSync(join(folder, 'config.json')) || !existsSync(snapshots)) return
  const [newest] = readdirSync(snapshots)
    .map((name) => join(snapshots, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
  const remedy = newest === undefined ? 'Download the model again.' : `Name the version inside it: ${newest}`
  throw new ReflectoryError('bad-model', folder, 'this is a folder of a download cache, not of a model', remedy)
}

function readArchitecture(folder: string): string | undefined {
  const Architectures = z.object({ architectures: z.array(z.string()).nullish().catch(null) })
  return readJson(join(folder, 'config.json'), Architectures, 'Get the config.json of the model.').architectures?.[0]
}

function describeTokenizer(tokenizer: Tokenizer, config: DecoderConfig): NonNullable<ModelDescription['tokenizer']> {
  const { eos, bos, pad, addedTokens, vocabularySize } = tokenizer
  const ends = [...new Set([...(eos ? [eos.id] : []), ...config.eosTokens])]
  return {
    tokens: vocabularySize,
    ends: ends.map((id) => ({ id, text: tokenizer.decode([id], { skipSpecialTokens: false }) || null })),
    bos,
    pad,
    special: addedTokens.filter(({ isSpecial }) => isSpecial).map(({ text, id }) => ({ text, id })),
  }
}

function describeWeights({ tensorNames, locate, shapeOf }: Checkpoint): ModelDescription['weights'] {
  const files = new Set<string>()
  const dtypes: Record<string, number> = {}
  for (const name of tensorNames) {
    const { file, dtype } = locate(name)
    files.add(file)
    dtypes[dtype] = (dtypes[dtype] ?? 0) + shapeOf(name).reduce((product, size) => product * size, 1)
  }
  return { files: files.size, bytes: [...files].reduce((sum, file) => sum + statSync(file).size, 0), dtypes }
}

/** So many neighbours are looked at. */
const MOST_NEIGHBOURS = 1000

/** Adapters within the folder and beside it; the one that was asked for comes first. */
function adapterFolders(folder: string, given: string): string[] {
  const all = [given, folder, ...within(folder), ...within(dirname(resolve(folder)))].filter(isAdapterFolder)
  return [...new Map(all.map((path) => [realpathSync(path), path])).values()]
}

function within(parent: string): string[] {
  let names: string[]
  try {
    names = readdirSync(parent)
  } catch {
    // The folder above may be closed to this person; the model is none the worse for it.
    return []
  }
  return names
    .sort()
    .slice(0, MOST_NEIGHBOURS)
    .map((name) => join(parent, name))
}

function describeAdapter(folder: string, config: DecoderConfig): AdapterDescription {
  try {
    const { adapter, base } = openAdapter(folder, config)
    const modules = [...adapter.modules.values()]
    return {
      folder,
      base,
      ranks: [...new Set(modules.map(({ rank }) => rank))].sort((a, b) => a - b),
      modules: modules.length,
      parameters: modules.reduce((sum, { rank, inputs, outputs }) => sum + rank * (inputs + outputs), 0),
      trouble: null,
    }
  } catch (error) {
    if (!(error instanceof ReflectoryError)) throw error
    const { place, problem, remedy } = error
    return { folder, base: null, ranks: [], modules: 0, parameters: 0, trouble: { place, problem, remedy } }
  }
}
