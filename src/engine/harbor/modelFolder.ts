/** The files of Harbor's model folder beside its weights. */
import { chatTemplate, specialTokens, tokenizerJson, vocabulary } from './vocabulary.ts'

const id = (token: (typeof specialTokens)[number]) => specialTokens.indexOf(token)

/** Longest prompt with its completion, rendered: `test/engine/harbor` holds every text to it. */
export const contextTokens = 256

/** A Llama of about 1.2 million weights. One key-value head: the speed of sampling is bound by the cache. */
export function modelConfig() {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_act: 'silu',
    hidden_size: 160,
    num_hidden_layers: 4,
    num_attention_heads: 5,
    num_key_value_heads: 1,
    head_dim: 32,
    intermediate_size: 432,
    max_position_embeddings: contextTokens,
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    attention_bias: false,
    mlp_bias: false,
    tie_word_embeddings: true,
    initializer_range: 0.02,
    bos_token_id: null,
    eos_token_id: id('<|end|>'),
    pad_token_id: id('<pad>'),
    torch_dtype: 'float32',
    vocab_size: vocabulary().length,
  }
}

/** File name to content, for everything but the weights. */
export function modelFiles(): Record<string, object> {
  return {
    'config.json': modelConfig(),
    'generation_config.json': {
      do_sample: true,
      temperature: 1,
      eos_token_id: id('<|end|>'),
      pad_token_id: id('<pad>'),
    },
    'tokenizer.json': tokenizerJson(),
    'tokenizer_config.json': {
      tokenizer_class: 'PreTrainedTokenizerFast',
      model_max_length: contextTokens,
      clean_up_tokenization_spaces: false,
      unk_token: '<unk>',
      eos_token: '<|end|>',
      pad_token: '<pad>',
      chat_template: chatTemplate,
    },
  }
}
