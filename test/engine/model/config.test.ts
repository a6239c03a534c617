import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseModelConfig, readModelConfig } from '../../../src/engine/model/config.ts'
import { expectedTensors } from '../../../src/engine/model/modelTensors.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const llama: object = JSON.parse(readFileSync('test/fixtures/llama-a/config.json', 'utf8'))
const qwen3: object = JSON.parse(readFileSync('test/fixtures/qwen3-a/config.json', 'utf8'))
const changed = (changes: object, base = llama) => parseModelConfig({ ...base, ...changes }, 'config.json')

describe('readModelConfig', () => {
  it('derives everything from a Llama folder', () => {
    expect(readModelConfig('test/fixtures/llama-a')).toEqual({
      family: 'llama',
      vocabularySize: 211,
      hiddenSize: 48,
      layerCount: 3,
      layers: ['attention', 'attention', 'attention'],
      headCount: 6,
      keyValueHeadCount: 2,
      headSize: 8,
      feedForward: { kind: 'gated', size: 112, bias: false },
      mamba: null,
      normEpsilon: 1e-5,
      rope: {
        theta: 10000,
        scaling: {
          type: 'llama3',
          factor: 8,
          lowFrequencyFactor: 1,
          highFrequencyFactor: 4,
          originalContextLength: 64,
        },
      },
      multipliers: { embedding: 1, attention: 1 / Math.sqrt(8), residual: 1, head: 1 },
      tiedEmbeddings: false,
      contextLength: 512,
      queryKeyNorm: false,
      attentionBias: { queryKeyValue: false, output: false },
      bosToken: 1,
      eosTokens: [2],
      padToken: null,
      dtype: 'float32',
    })
  })

  it('derives heads wider than their share from a Qwen3 folder', () => {
    const config = readModelConfig('test/fixtures/qwen3-a')
    expect(config).toMatchObject({
      family: 'qwen3',
      headSize: 16,
      queryKeyNorm: true,
      tiedEmbeddings: true,
      normEpsilon: 1e-6,
    })
    expect(config.rope).toEqual({ theta: 1e6, scaling: { type: 'none' } })
  })

  it('reads the scores of classifiers and reward models, which have no words to write', () => {
    const scoring = (changes: object) => changed({ architectures: ['LlamaForSequenceClassification'], ...changes })
    expect(scoring({ id2label: { 1: 'unsafe', 0: 'safe' } }).scores).toEqual(['safe', 'unsafe'])
    expect(scoring({ num_labels: 1 }).scores).toEqual(['LABEL_0'])
    expect(scoring({}).scores).toEqual(['LABEL_0', 'LABEL_1'])
    expect(expectedTensors(scoring({ num_labels: 1 })).at(-1)).toEqual({ name: 'score.weight', shape: [1, 48] })
    expect(() => scoring({ id2label: { 0: 'safe', 2: 'unsafe' } })).toThrow('id2label')
    const byToken = scoring({ architectures: ['LlamaForTokenClassification'] })
    expect(byToken.scoresTokens).toBe(true)
    expect(expectedTensors(byToken).at(-1)).toEqual({ name: 'score.bias', shape: [2] })
    expect(() => changed({ architectures: ['DebertaV2ForSequenceClassification'] })).toThrow(
      'architecture DebertaV2ForSequenceClassification is not supported',
    )
  })

  it('joins the end tokens of config.json and generation_config.json', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...llama, eos_token_id: [2, 7] }))
    writeFileSync(join(folder, 'generation_config.json'), JSON.stringify({ eos_token_id: [7, 9] }))
    expect(readModelConfig(folder).eosTokens).toEqual([2, 7, 9])
  })

  it('says which file is missing', () => {
    expect(() => readModelConfig(temporaryFolder())).toThrow(/config\.json: the file does not exist/)
  })
})

describe('windows of attention', () => {
  const mistral: object = JSON.parse(readFileSync('test/fixtures/mistral-a/config.json', 'utf8'))
  const qwen2: object = JSON.parse(readFileSync('test/fixtures/qwen2-a/config.json', 'utf8'))
  const refused = (field: string) => expect.objectContaining({ place: `config.json:${field}` })

  it('are refused where they hide something within the context', () => {
    expect(() => changed({ sliding_window: 16 }, mistral)).toThrow(refused('sliding_window'))
    const used = { use_sliding_window: true, sliding_window: 16, max_window_layers: 1, layer_types: undefined }
    expect(() => changed(used, qwen2)).toThrow(refused('use_sliding_window'))
  })

  it('are let be where they hide nothing', () => {
    expect(changed({ sliding_window: null }, mistral).family).toBe('mistral')
    expect(changed({ sliding_window: 64, max_position_embeddings: 64 }, mistral).family).toBe('mistral')
    expect(changed({ use_sliding_window: false, sliding_window: 16 }, qwen2).family).toBe('qwen2')
  })
})

describe('hybrid models', () => {
  const hybrid: object = JSON.parse(readFileSync('test/fixtures/granitemoehybrid-a/config.json', 'utf8'))

  it('have no positions unless they say rope, and no experts where their number is 0', () => {
    expect(changed({}, hybrid)).toMatchObject({ rope: null, feedForward: { experts: { count: 6, perToken: 2, size: 24 } } })
    expect(changed({ position_embedding_type: 'rope', num_local_experts: 0 }, hybrid)).toMatchObject({
      rope: { theta: 10000 },
      feedForward: { kind: 'shared', size: 40, experts: null },
    })
  })

  it.each([
    ['mamba_d_head', { mamba_d_head: 17 }],
    ['mamba_n_groups', { mamba_n_groups: 4 }],
    ['layer_types', { layer_types: ['mamba', 'attention'] }],
    ['layer_types', { layer_types: ['mamba', 'attention', 'rwkv'] }],
    ['num_experts_per_tok', { num_experts_per_tok: 7 }],
    ['position_embedding_type', { position_embedding_type: 'alibi' }],
    ['normalization_function', { normalization_function: 'layernorm' }],
  ])('are refused where %s does not fit', (field, changes) => {
    expect(() => changed(changes, hybrid)).toThrow(expect.objectContaining({ place: `config.json:${field}` }))
  })
})

describe('parseModelConfig', () => {
  it('falls back to what the published classes assume', () => {
    expect(
      changed({
        head_dim: undefined,
        num_key_value_heads: null,
        rope_scaling: null,
        rope_theta: undefined,
        torch_dtype: undefined,
        pad_token_id: -1,
        eos_token_id: null,
      }),
    ).toMatchObject({
      headSize: 8,
      keyValueHeadCount: 6,
      rope: { theta: 10000, scaling: { type: 'none' } },
      dtype: 'float32',
      padToken: null,
      eosTokens: [],
    })
    expect(changed({ head_dim: undefined }, qwen3).headSize).toBe(128)
  })

  it('reads the newer spellings of dtype and rope', () => {
    const config = changed({
      torch_dtype: undefined,
      dtype: 'bfloat16',
      rope_scaling: undefined,
      rope_theta: undefined,
      rope_parameters: { rope_type: 'linear', rope_theta: 500000, factor: 4 },
    })
    expect(config).toMatchObject({ dtype: 'bfloat16', rope: { theta: 500000, scaling: { type: 'linear', factor: 4 } } })
  })

  it('reads a Qwen3 file that states a window without using it', () => {
    expect(
      changed(
        {
          sliding_window: 4096,
          use_sliding_window: false,
          layer_types: ['full_attention', 'full_attention', 'full_attention'],
        },
        qwen3,
      ).family,
    ).toBe('qwen3')
  })

  it('refuses a foreign architecture by name, with the supported list', () => {
    const foreign = () =>
      parseModelConfig({ architectures: ['GPT2LMHeadModel'], model_type: 'gpt2', n_embd: 768 }, 'config.json')
    expect(foreign).toThrow(/architecture GPT2LMHeadModel is not supported.*LlamaForCausalLM.*GraniteMoeHybridForCausalLM/)
    expect(() => parseModelConfig({}, 'config.json')).toThrow(/none named/)
    expect(() => changed({ model_type: 'qwen3' })).toThrow(/does not go with/)
  })

  const refusals: [string, object, string, RegExp][] = [
    ['attention sinks', { attention_sink: 4 }, 'attention_sink', /not known/],
    ['attention in chunks', { attention_chunk_size: 64 }, 'attention_chunk_size', /not known/],
    ['layers without positions', { nope_interval: 4 }, 'nope_interval', /not known/],
    ['another activation', { hidden_act: 'gelu' }, 'hidden_act', /"gelu"/],
    ['sliced projections', { pretraining_tp: 2 }, 'pretraining_tp', /2/],
    ['a field that it does not know and that sounds like arithmetic', { attn_logit_softcapping: 50 }, 'attn_logit_softcapping', /50/],
    [
      'layers with a window',
      { layer_types: ['full_attention', 'sliding_attention'] },
      'layer_types',
      /"sliding_attention"/,
    ],
    ['an unknown rope type', { rope_scaling: { rope_type: 'yarn', factor: 4 } }, 'rope_scaling', /"yarn"/],
    [
      'a rope scaling without its factor',
      { rope_scaling: { type: 'linear' } },
      'rope_scaling.factor',
      /needs this number/,
    ],
    ['partly rotated heads', { partial_rotary_factor: 0.5 }, 'partial_rotary_factor', /0\.5/],
    ['quantised weights', { quantization_config: { bits: 4 } }, 'quantization_config', /quantised/],
    ['heads that do not divide', { num_key_value_heads: 4 }, 'num_key_value_heads', /does not divide/],
    ['an odd head', { head_dim: 7 }, 'head_dim', /even/],
    ['an end token outside the vocabulary', { eos_token_id: 211 }, 'eos_token_id', /211/],
    ['an impossible size', { hidden_size: -3 }, 'hidden_size', /./],
    ['a size that is no number', { vocab_size: '211' }, 'vocab_size', /number/],
    ['more layers than any model has', { num_hidden_layers: 1e9 }, 'num_hidden_layers', /./],
  ]
  for (const [name, changes, field, message] of refusals) {
    it(`refuses ${name} at its field`, () => {
      expect(() => changed(changes)).toThrow(
        expect.objectContaining({
          code: 'bad-model',
          place: `config.json:${field}`,
          problem: expect.stringMatching(message),
        }),
      )
    })
  }
})
