/** What `reflectory model` tells of a model folder: everything that can be known without reading its weights. */
import { z } from 'zod'

const Token = z.object({ text: z.string(), id: z.int() })

/** Something that is wrong, as an error would say it. */
const Trouble = z.object({ place: z.string(), problem: z.string(), remedy: z.string() })

/** The same conversation as the model reads it, up to where it writes on. */
const PromptExample = z.object({ thinking: z.boolean(), text: z.string(), opensThought: z.boolean() })

const TokenizerDescription = z.object({
  /** Largest id plus one. */
  tokens: z.int(),
  /** Any of these ends a completion; text null where the tokenizer has none for it. */
  ends: z.array(z.object({ id: z.int(), text: z.string().nullable() })),
  bos: Token.nullable(),
  pad: Token.nullable(),
  special: z.array(Token),
})

const TemplateDescription = z.object({
  /** The file, or `plain-think` for our default. */
  source: z.string(),
  isDefault: z.boolean(),
  /** Variables that turn thinking on and off. */
  switches: z.array(z.string()),
  tags: z.object({
    open: z.string(),
    close: z.string(),
    answer: z.object({ open: z.string(), close: z.string() }).nullable(),
    /** What showed them. */
    found: z.string(),
    /** Whether each is one token of the tokenizer. */
    areTokens: z.boolean(),
  }),
  /** Thinking on, then off. */
  examples: z.array(PromptExample),
  /** How a completion is divided into thought and answer, in sentences. */
  split: z.object({ thinking: z.array(z.string()), plain: z.array(z.string()) }),
})
export type TemplateDescription = z.infer<typeof TemplateDescription>

const AdapterDescription = z.object({
  folder: z.string(),
  /** The base model that it names. */
  base: z.string().nullable(),
  ranks: z.array(z.int()),
  /** How many modules it changes. */
  modules: z.int(),
  parameters: z.int(),
  /** Why it does not fit this model; null where it does. */
  trouble: Trouble.nullable(),
})
export type AdapterDescription = z.infer<typeof AdapterDescription>

/** One way to use a model: `sequences` of `tokens` at once take `bytes` in all, `longest` is the most tokens that fit in what is free. */
const MemoryUse = z.object({
  use: z.enum(['sampling', 'adapter', 'whole']),
  sequences: z.int(),
  tokens: z.int(),
  bytes: z.number(),
  /** Null where not even a short one fits. */
  longest: z.int().nullable(),
})

export const ModelDescription = z.object({
  folder: z.string(),
  family: z.string(),
  architecture: z.string(),
  layers: z.int(),
  hiddenSize: z.int(),
  /** Shared embeddings count once. */
  parameters: z.int(),
  contextTokens: z.int(),
  /** What a classifier or reward model scores texts by; null for a model that writes. */
  scores: z.array(z.string()).nullable(),
  /** Embeddings that the model has. */
  vocabularySize: z.int(),
  weights: z.object({
    files: z.int(),
    bytes: z.int(),
    /** Parameters by the type that they are stored in. */
    dtypes: z.record(z.string(), z.int()),
  }),
  /** Null where `problems` says why. */
  tokenizer: TokenizerDescription.nullable(),
  /** Null too for a model that writes nothing. */
  template: TemplateDescription.nullable(),
  adapters: z.array(AdapterDescription),
  memory: z.object({
    /** Bytes of the weights as 32-bit numbers. */
    weights: z.number(),
    /** Bytes that are free now. */
    free: z.number(),
    /** What each use takes in all, and the longest sequences that fit; none for a model that writes nothing. */
    uses: z.array(MemoryUse),
  }),
  /** Worth knowing; nothing is wrong. */
  notes: z.array(z.string()),
  /** What keeps the model from being used. */
  problems: z.array(Trouble),
})
export type ModelDescription = z.infer<typeof ModelDescription>
