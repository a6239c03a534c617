import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openCheckpoint, writeCheckpoint } from '../../../src/engine/model/checkpoint.ts'
import { openSafetensors } from '../../../src/engine/model/safetensors.ts'
import { writeSafetensors } from '../../../src/engine/model/writeSafetensors.ts'
import type { NamedTensor } from '../../../src/engine/model/writeSafetensors.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const LLAMA = 'test/fixtures/llama-a'
const configJson: Record<string, unknown> = JSON.parse(readFileSync(join(LLAMA, 'config.json'), 'utf8'))

function allTensors(folder: string): NamedTensor[] {
  const file = openSafetensors(join(folder, 'model.safetensors'))
  return [...file.tensors].map(([name, { shape }]) => ({ name, shape, data: file.read(name) }))
}

/** The Llama fixture with other tensors. */
function folderWith(tensors: NamedTensor[], config: object = configJson): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  writeSafetensors(join(folder, 'model.safetensors'), tensors)
  return folder
}

describe('openCheckpoint', () => {
  it('finds every tensor of an untied Llama and of a tied Qwen3', () => {
    const llama = openCheckpoint(LLAMA)
    expect(llama.tensorNames).toHaveLength(30)
    expect(llama.shapeOf('lm_head.weight')).toEqual([211, 48])
    const qwen3 = openCheckpoint('test/fixtures/qwen3-a')
    expect(qwen3.tensorNames).not.toContain('lm_head.weight')
    expect(qwen3.shapeOf('model.layers.2.self_attn.k_norm.weight')).toEqual([16])
    expect(qwen3.readTensor('model.layers.0.self_attn.o_proj.weight')).toHaveLength(48 * 96)
  })

  it('names file, tensor and both shapes where a shape is wrong', () => {
    const tensors = allTensors(LLAMA).map((tensor) =>
      tensor.name.endsWith('1.mlp.up_proj.weight') ? { ...tensor, shape: [48, 112] } : tensor,
    )
    expect(() => openCheckpoint(folderWith(tensors))).toThrow(
      /model\.safetensors: tensor model\.layers\.1\.mlp\.up_proj\.weight has shape \[48, 112\], but config\.json asks for \[112, 48\]/,
    )
  })

  it('names a missing tensor, and how a model without an output projection is described', () => {
    const tensors = allTensors(LLAMA)
    expect(() => openCheckpoint(folderWith(tensors.filter(({ name }) => name !== 'model.norm.weight')))).toThrow(
      /tensor model\.norm\.weight is missing/,
    )
    expect(() => openCheckpoint(folderWith(tensors.filter(({ name }) => name !== 'lm_head.weight')))).toThrow(
      /tie_word_embeddings/,
    )
  })

  it('refuses a weight that the configuration would leave unused', () => {
    const bias = { name: 'model.layers.0.self_attn.q_proj.bias', shape: [48], data: new Float32Array(48) }
    expect(() => openCheckpoint(folderWith([...allTensors(LLAMA), bias]))).toThrow(
      /q_proj\.bias is no part of a llama model/,
    )
  })

  it('passes over stored rotary frequencies and a repeated tied embedding', () => {
    const extra = { name: 'model.layers.0.self_attn.rotary_emb.inv_freq', shape: [4], data: new Float32Array(4) }
    const tied = openCheckpoint(folderWith([...allTensors(LLAMA), extra], { ...configJson, tie_word_embeddings: true }))
    expect(tied.tensorNames).toHaveLength(29)
  })

  it('reads shards through their index, also where the folder is made of links', () => {
    const store = temporaryFolder()
    const tensors = allTensors(LLAMA)
    const shards = {
      'model-00001-of-00002.safetensors': tensors.slice(0, 11),
      'model-00002-of-00002.safetensors': tensors.slice(11),
    }
    const weightMap: Record<string, string> = {}
    for (const [file, part] of Object.entries(shards)) {
      writeSafetensors(join(store, `blob-${file}`), part)
      for (const { name } of part) weightMap[name] = file
    }
    const folder = temporaryFolder()
    for (const file of Object.keys(shards)) symlinkSync(join(store, `blob-${file}`), join(folder, file))
    symlinkSync(resolve(LLAMA, 'config.json'), join(folder, 'config.json'))
    writeFileSync(
      join(folder, 'model.safetensors.index.json'),
      JSON.stringify({ metadata: { total_size: 1 }, weight_map: weightMap }),
    )
    const checkpoint = openCheckpoint(folder)
    for (const { name, data } of tensors) expect(checkpoint.readTensor(name)).toEqual(data)
    expect(checkpoint.locate('lm_head.weight').file).toBe(
      realpathSync(join(store, 'blob-model-00001-of-00002.safetensors')),
    )

    writeFileSync(
      join(folder, 'model.safetensors.index.json'),
      JSON.stringify({ weight_map: { ...weightMap, 'lm_head.weight': '../model.safetensors' } }),
    )
    expect(() => openCheckpoint(folder)).toThrow(/beside the index/)
    writeFileSync(
      join(folder, 'model.safetensors.index.json'),
      JSON.stringify({ weight_map: { ...weightMap, 'lm_head.weight': 'model-00002-of-00002.safetensors' } }),
    )
    expect(() => openCheckpoint(folder)).toThrow(/lm_head\.weight is not in model-00002/)
  })

  it('says that other weight formats are not read', () => {
    const folder = temporaryFolder()
    copyFileSync(join(LLAMA, 'config.json'), join(folder, 'config.json'))
    writeFileSync(join(folder, 'pytorch_model.bin'), 'x')
    expect(() => openCheckpoint(folder)).toThrow(/neither model\.safetensors nor.*\.bin and \.gguf files are not read/)
  })
})

describe('writeCheckpoint', () => {
  it('writes a folder that opens with the same weights, and brings the companions along', () => {
    const folder = join(temporaryFolder(), 'a', 'step-3')
    const tensors = allTensors(LLAMA)
    writeCheckpoint(folder, { configJson, tensors, companionsFrom: LLAMA, dtype: 'F32', metadata: { step: '3' } })
    const checkpoint = openCheckpoint(folder)
    for (const { name, data } of tensors) expect(checkpoint.readTensor(name)).toEqual(data)
    expect(existsSync(join(folder, 'generation_config.json'))).toBe(true)
    expect(existsSync(join(folder, 'expected.json'))).toBe(false)
  })

  it.each([
    ['BF16', 'bfloat16', 2 ** -8],
    ['F16', 'float16', 2 ** -11],
  ] as const)('writes %s, says so in config.json, and reads it back', (dtype, name, precision) => {
    const folder = join(temporaryFolder(), 'half')
    const tensors = allTensors(LLAMA)
    writeCheckpoint(folder, { configJson, tensors, dtype })
    const checkpoint = openCheckpoint(folder)
    expect(checkpoint.config.dtype).toBe(name)
    expect(checkpoint.locate('model.norm.weight').dtype).toBe(dtype)
    for (const { name: tensor, data } of tensors) {
      const read = checkpoint.readTensor(tensor)
      expect(read.every((value, i) => Math.abs(value - data[i]) <= precision * Math.abs(data[i]) + 2 ** -25)).toBe(true)
    }
  })

  it('refuses a folder with something in it, and weights that do not fit', () => {
    const folder = temporaryFolder()
    cpSync(LLAMA, join(folder, 'full'), { recursive: true })
    mkdirSync(join(folder, 'empty'))
    const tensors = allTensors(LLAMA)
    expect(() => writeCheckpoint(join(folder, 'full'), { configJson, tensors })).toThrow(/exists and is not empty/)
    expect(() => writeCheckpoint(join(folder, 'empty'), { configJson, tensors: tensors.slice(1) })).toThrow(
      /lm_head\.weight/,
    )
    rmSync(join(folder, 'full'), { recursive: true })
    writeCheckpoint(join(folder, 'empty'), { configJson, tensors })
    expect(openCheckpoint(join(folder, 'empty')).tensorNames).toHaveLength(30)
  })
})
