/** What is done to the base model in each arm of a study. */
import { z } from 'zod'
import { EndpointConfig } from './judges.ts'
import { Sampling } from './sampling.ts'
import { Component } from './trajectory.ts'

const ArmName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/, 'letters, digits, dots, dashes, at most 40 long')

const learningRate = z.number().gt(0).max(1)

const schedule = z.enum(['cosine', 'constant']).default('cosine').describe('How the learning rate falls after the warm-up.')

/** AdamW and what stands around it. Weight decay is decoupled (Loshchilov and Hutter, 2019). */
const optimizer = {
  weightDecay: z.number().min(0).max(1).default(0),
  maxGradNorm: z.number().gt(0).max(1e6).default(1).describe('The gradient of a step is scaled down to this norm.'),
  microBatchSize: z
    .int()
    .min(1)
    .max(4096)
    .optional()
    .describe('Sequences in one run of the graph; chosen by the engine when absent.'),
}

/** A low-rank adapter is trained instead of the weights (Hu et al., "LoRA", 2021). */
export const LoraConfig = z.strictObject({
  rank: z.int().min(1).max(4096).default(16),
  alpha: z.number().gt(0).max(65536).default(32).describe('The adapter is scaled by alpha / rank.'),
  rslora: z.boolean().default(false).describe('Scales by alpha / the root of the rank instead.'),
  targets: z
    .array(z.string().regex(/^\w{1,64}$/))
    .min(1)
    .nullable()
    .default(null)
    .describe("Names of the linear modules, for instance q_proj; all but the model's head when absent."),
})
export type LoraConfig = z.infer<typeof LoraConfig>

const lora = LoraConfig.nullable().default(null).describe('Trains an adapter and leaves the weights as they are.')

export const BaseArm = z.strictObject({
  name: ArmName,
  method: z.literal('base'),
  model: z.string().min(1).optional().describe("Another model than the study's: 'harbor', or a folder."),
  adapter: z.string().min(1).optional().describe("The folder of an adapter that lies over the arm's model, in PEFT's format."),
  thinking: z.boolean().optional().describe('Whether the model is asked to think; as the evaluation says when absent.'),
  endpoint: EndpointConfig.optional().describe('A server that has the same model, and samples it in our stead.'),
})

export const SftArm = z.strictObject({
  name: ArmName,
  method: z.literal('sft'),
  data: z.string().min(1).default('refusals').describe('The data source with training pairs.'),
  epochs: z.number().gt(0).max(1000).default(3),
  steps: z.int().min(1).max(1000000).optional().describe('Instead of epochs: optimizer steps.'),
  learningRate: learningRate.default(3e-4),
  schedule,
  warmupSteps: z.int().min(0).max(100000).default(10),
  batchSize: z.int().min(1).max(65536).default(32).describe('Pairs in one optimizer step.'),
  heldOutFraction: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.05)
    .describe('Share of the pairs kept back for the held-out loss.'),
  lora,
  ...optimizer,
})

export const Algorithm = z.enum(['grpo', 'dr-grpo', 'dapo', 'gspo', 'cispo', 'rloo'])
export type Algorithm = z.infer<typeof Algorithm>

/**
 * Clip range of the importance ratio, [1 - low, 1 + high], when a study names none; the values of each method's paper.
 * CISPO caps the ratio at 1 + high only.
 */
export const defaultClip: Record<Algorithm, { low: number; high: number }> = {
  grpo: { low: 0.2, high: 0.2 },
  'dr-grpo': { low: 0.2, high: 0.2 },
  dapo: { low: 0.2, high: 0.28 },
  gspo: { low: 3e-4, high: 4e-4 },
  cispo: { low: 1, high: 4 },
  rloo: { low: 0.2, high: 0.2 },
}

const weight = z.number().min(0).max(100)

/** The safety reward reads one component of the trajectory, or composes the P(safe) of several. */
export const SafetyReward = z.discriminatedUnion('component', [
  z.strictObject({ component: Component, weight: weight.default(1) }),
  z.strictObject({
    component: z.literal('composed'),
    rule: z.enum(['weighted-sum', 'minimum', 'product']),
    parts: z
      .partialRecord(Component, weight)
      .default({ thought: 0.5, response: 0.5 })
      .refine((parts) => Object.keys(parts).length > 0, 'at least one part is needed')
      .describe('The components that take part; their weights count in the weighted sum only.'),
    weight: weight.default(1),
  }),
])
export type SafetyReward = z.infer<typeof SafetyReward>

export const RewardConfig = z.strictObject({
  safety: SafetyReward.prefault({ component: 'whole' }).describe('On harmful prompts.'),
  reasoning: weight.default(1).describe('For a verified answer, on reasoning prompts.'),
  overRefusalPenalty: weight.default(1).describe('Taken off for refusing a benign prompt.'),
  format: weight.default(0).describe('For a closed thought followed by a response that is not empty.'),
  overlong: z
    .strictObject({
      weight: weight.default(1),
      bufferTokens: z.int().min(1).max(131072).describe('C of the rule 0 / (L - C - |y|) / C / -1 (DAPO).'),
    })
    .nullable()
    .default(null),
})
export type RewardConfig = z.infer<typeof RewardConfig>

const KlConfig = z.strictObject({
  estimator: z.enum(['k1', 'k2', 'k3']).default('k3'),
  coefficient: z.number().min(0).max(100).default(0.02).describe('0 leaves the reference model out.'),
})

export const RlArm = z.strictObject({
  name: ArmName,
  method: z.literal('rl'),
  algorithm: Algorithm.default('grpo'),
  steps: z.int().min(1).max(1000000).default(60).describe('Batches of prompts that are sampled and learned from.'),
  promptsPerStep: z
    .record(z.string(), z.int().min(1).max(65536))
    .default({ harmful: 14, benign: 8, puzzles: 10 })
    .refine((prompts) => Object.keys(prompts).length > 0, 'at least one source is needed')
    .describe('How many prompts a step takes from each data source.'),
  samplesPerPrompt: z.int().min(2).max(1024).default(8).describe('Size of a group.'),
  learningRate: learningRate.default(2e-4),
  schedule,
  warmupSteps: z.int().min(0).max(100000).default(5),
  optimizerStepsPerBatch: z
    .int()
    .min(1)
    .max(1024)
    .default(1)
    .describe('The batch is divided into so many optimizer steps.'),
  epochsPerBatch: z.int().min(1).max(64).default(1).describe('How often the whole batch is gone through.'),
  clip: z
    .strictObject({ low: z.number().min(0).max(1), high: z.number().gt(0).max(100) })
    .optional()
    .describe("Range of the importance ratio; the method's own when absent."),
  kl: KlConfig.prefault({}),
  resampleRounds: z
    .int()
    .min(0)
    .max(16)
    .default(0)
    .describe('How often groups whose rewards all tie are replaced by fresh prompts (DAPO); 0 keeps and reports them.'),
  reward: RewardConfig.prefault({}),
  sampling: Sampling.prefault({}),
  thinking: z.boolean().default(true),
  lora,
  ...optimizer,
})

export const Arm = z.discriminatedUnion('method', [BaseArm, SftArm, RlArm])
export type Arm = z.infer<typeof Arm>
export type BaseArm = z.infer<typeof BaseArm>
export type SftArm = z.infer<typeof SftArm>
export type RlArm = z.infer<typeof RlArm>

/** The arm with the folders that it names changed. */
export function mapArmPaths(arm: Arm, change: (path: string) => string): Arm {
  if (arm.method !== 'base') return arm
  const { model, adapter } = arm
  return {
    ...arm,
    ...(model === undefined || model === 'harbor' ? {} : { model: change(model) }),
    ...(adapter === undefined ? {} : { adapter: change(adapter) }),
  }
}
