import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { initialAdapter, linearModules, planAdapter } from '../../../src/engine/model/adapter.ts'
import { openAdapter, writeAdapter } from '../../../src/engine/model/adapterFiles.ts'
import { readModelConfig } from '../../../src/engine/model/config.ts'
import { openSafetensors } from '../../../src/engine/model/safetensors.ts'
import { writeSafetensors } from '../../../src/engine/model/writeSafetensors.ts'
import { RandomStream } from '../../../src/shared/random.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const ADAPTER = 'test/fixtures/qwen2-lora'
const base = readModelConfig('test/fixtures/qwen2-a')

/** A copy of the adapter with fields of its configuration changed. */
function changed(fields: object): string {
  const folder = temporaryFolder()
  cpSync(ADAPTER, folder, { recursive: true })
  const file = join(folder, 'adapter_config.json')
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...fields }))
  return folder
}

/** A copy of the adapter with other tensors. */
function withTensors(change: (name: string) => string | null): string {
  const folder = changed({})
  const stored = openSafetensors(join(ADAPTER, 'adapter_model.safetensors'))
  const tensors = [...stored.tensors].flatMap(([name, { shape }]) => {
    const renamed = change(name)
    return renamed === null ? [] : [{ name: renamed, shape: [...shape], data: stored.read(name) }]
  })
  writeSafetensors(join(folder, 'adapter_model.safetensors'), tensors, {})
  return folder
}

describe('openAdapter', () => {
  it('finds every adapted module with its rank and scale', () => {
    const { adapter, weights, base: name } = openAdapter(ADAPTER, base)
    expect(adapter.modules.size).toBe(7 * base.layerCount)
    expect(adapter.modules.get('model.layers.0.mlp.down_proj')).toEqual({ inputs: 112, outputs: 48, rank: 4, scale: 2 })
    expect(weights.get('model.layers.0.self_attn.q_proj.lora_A.weight')).toHaveLength(4 * base.hiddenSize)
    expect(name).toBe('../qwen2-a')
  })

  it('scales by the root of the rank where the file says rslora, and by patterns of modules', () => {
    const scaleOf = (fields: object, module = 'model.layers.1.self_attn.q_proj') => openAdapter(changed(fields), base).adapter.modules.get(module)!.scale
    expect(scaleOf({ use_rslora: true })).toBe(8 / 2)
    const pattern = { alpha_pattern: { 'layers.1.self_attn.q_proj': 2 } }
    expect(scaleOf(pattern)).toBe(0.5)
    expect(scaleOf(pattern, 'model.layers.0.self_attn.q_proj')).toBe(2)
  })

  it.each([
    ['another method', { peft_type: 'IA3' }, /peft_type.*IA3/],
    ['weight decomposition', { use_dora: true }, /use_dora/],
    ['whole modules that were trained', { modules_to_save: ['lm_head'] }, /modules_to_save.*lm_head/],
    ['trained biases', { bias: 'all' }, /bias.*"all"/],
    ['a base that its initialisation changed', { init_lora_weights: 'pissa' }, /init_lora_weights.*pissa/],
    ['another rank', { r: 8 }, /has shape \[4, 48\], but the base model and a rank of 8 ask for \[8, 48\]/],
    ['targets without weights', { target_modules: ['q_proj', 'lm_head'] }, /target_modules: there are no weights for the target module "lm_head"/],
    ['weights of modules that it does not name', { target_modules: ['q_proj'] }, /target_modules: the folder has weights for .*, which it does not name/],
    ['weights of layers that it does not name', { layers_to_transform: [0, 1] }, /layers_to_transform: the folder has weights for .*layers\.2/],
    ['patterns that are programs', { rank_pattern: { '(a+)+$': 4 } }, /not a module's name/],
  ])('refuses %s', (_, fields, message) => {
    expect(() => openAdapter(changed(fields), base)).toThrow(message)
  })

  it('refuses the adapter of another model, naming the base that it wants', () => {
    expect(() => openAdapter(ADAPTER, readModelConfig('test/fixtures/granitemoehybrid-a'))).toThrow(/qwen2-a as its base/)
    expect(() => openAdapter(ADAPTER, readModelConfig('test/fixtures/mistral-a'))).toThrow(/Choose the base model that the adapter was trained on/)
  })

  it('refuses tensors that no linear module has, and half a pair', () => {
    expect(() => openAdapter(withTensors((name) => name.replace('lora_A', 'lora_embedding_A')), base)).toThrow(/lora_embedding_A.*no part of a low-rank adapter/)
    expect(() => openAdapter(withTensors((name) => name.replace('q_proj', 'x_proj')), base)).toThrow(/x_proj|"q_proj"/)
    const half = (name: string) => (name.endsWith('layers.0.mlp.up_proj.lora_B.weight') ? null : name)
    expect(() => openAdapter(withTensors(half), base)).toThrow(/layers\.0\.mlp\.up_proj has only one of lora_A and lora_B/)
  })
})

describe('writeAdapter', () => {
  it('writes what opens again to the same numbers', () => {
    const { adapter, weights } = openAdapter(ADAPTER, base)
    const folder = join(temporaryFolder(), 'adapter')
    writeAdapter(folder, { adapter, weights, base: '../qwen2-a', rank: 4, alpha: 8, rslora: false })
    expect(openAdapter(folder, base)).toEqual({ adapter, weights, base: '../qwen2-a' })
    expect(() => writeAdapter(folder, { adapter, weights, base: '', rank: 4, alpha: 8, rslora: false })).toThrow(/not empty/)
  })
})

describe('planAdapter', () => {
  it('lies over every linear module but the head, or over those that are named', () => {
    for (const name of ['qwen2-a', 'granitemoehybrid-a']) {
      const config = readModelConfig(join('test/fixtures', name))
      const all = planAdapter(config, { rank: 2, alpha: 4, rslora: false, targets: null })
      expect(new Set(all.modules.keys())).toEqual(new Set([...linearModules(config).keys()].filter((module) => module !== 'lm_head')))
    }
    const some = planAdapter(base, { rank: 4, alpha: 8, rslora: true, targets: ['q_proj', 'lm_head'] })
    expect([...some.modules.keys()].at(-1)).toBe('lm_head')
    expect(some.modules.size).toBe(base.layerCount + 1)
    expect(some.modules.get('lm_head')).toEqual({ inputs: base.hiddenSize, outputs: base.vocabularySize, rank: 4, scale: 4 })
  })

  it('refuses a target that the model does not have, and names those that it has', () => {
    expect(() => planAdapter(base, { rank: 4, alpha: 8, rslora: false, targets: ['qkv'] })).toThrow(/no module "qkv".*q_proj/)
  })

  it('begins as the model was: B is zero, A is not, and both depend on the seed only', () => {
    const adapter = planAdapter(base, { rank: 4, alpha: 8, rslora: false, targets: ['q_proj'] })
    const first = initialAdapter(adapter, new RandomStream(1))
    expect(initialAdapter(adapter, new RandomStream(1))).toEqual(first)
    for (const [name, values] of first) {
      expect(values.some((value) => value !== 0)).toBe(name.includes('lora_A'))
      expect(values.every((value) => Math.abs(value) <= 1 / Math.sqrt(base.hiddenSize))).toBe(true)
    }
  })
})
