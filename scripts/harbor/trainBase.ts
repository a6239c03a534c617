/** Makes Harbor's base model: seeded first weights, then supervised training on the endless base corpus, each text met once. */
import { baseText, type HarborText } from '../../src/engine/harbor/corpus.ts'
import { loadChatTemplate } from '../../src/engine/model/chatTemplate.ts'
import { expectedTensors } from '../../src/engine/model/modelTensors.ts'
import { readModelConfig, type DecoderConfig } from '../../src/engine/model/config.ts'
import { loadTokenizer } from '../../src/engine/model/tokenizer.ts'
import { AdamW, defaultAdamW, type Parameter } from '../../src/engine/train/adamw.ts'
import { microBatches, placeCompletions, type MicroBatch, type SftExample } from '../../src/engine/train/batches.ts'
import { DecoderTrainer } from '../../src/engine/train/decoderTrainer.ts'
import { learningRate } from '../../src/engine/train/learningRate.ts'
import { lossWeights } from '../../src/engine/train/lossWeights.ts'
import { negativeLogLikelihood } from '../../src/engine/train/sft.ts'
import { RandomStream } from '../../src/shared/random.ts'

/** Everything that decides the weights, beside the code. */
export const baseRecipe = {
  seed: 0,
  steps: 3600,
  /** Texts a step, on average over a round. */
  batchSize: 32,
  /** Steps whose texts are put into micro-batches together. */
  roundSteps: 2,
  peakLearningRate: 3e-3,
  warmupSteps: 100,
  tokensPerMicroBatch: 768,
  timeMultiple: 16,
  /** Sums are divided among threads, so their number decides the last bits. */
  threads: 2,
}
export type BaseRecipe = typeof baseRecipe

export interface BaseProgress {
  /** Finished steps. */
  step: number
  steps: number
  /** Tokens trained on so far, prompts included. */
  tokens: number
  /** Running mean of the loss, nats a token. */
  loss: number
}

export interface TrainedBase {
  parameters: readonly Parameter[]
  tokens: number
  loss: number
}

/** @param folder holds the configuration, tokenizer and chat template, but no weights yet */
export async function trainBase(
  folder: string,
  recipe: BaseRecipe,
  report: (progress: BaseProgress) => void,
): Promise<TrainedBase> {
  const config = readModelConfig(folder)
  const exampleOf = textEncoder(folder)
  const parameters = firstWeights(config, recipe.seed)
  const trainer = new DecoderTrainer(config, parameters, { device: 'cpu', threads: recipe.threads })
  const optimizer = new AdamW(parameters, defaultAdamW)
  const { steps, batchSize, roundSteps, warmupSteps, peakLearningRate: peak } = recipe
  const schedule = { shape: 'cosine', peak, floor: 0, warmupSteps, totalSteps: steps } as const
  let tokens = 0
  let loss = 0
  for (let round = 0; round * roundSteps < steps; round++) {
    const count = roundSteps * batchSize
    const examples = Array.from({ length: count }, (_, i) => exampleOf(baseText(recipe.seed, round * count + i)))
    const dealt = dealMicroBatches(examples, recipe, trainer.contextLength)
    for (let step = round * roundSteps; step < Math.min(steps, (round + 1) * roundSteps); step++) {
      const micros = dealt[step % roundSteps]
      const stepLoss = await accumulateLoss(trainer, micros, examples)
      optimizer.step(trainer.gradients, learningRate(step, schedule))
      tokens += tokensOf(micros, examples)
      loss = step === 0 ? stepLoss : 0.95 * loss + 0.05 * stepLoss
      report({ step: step + 1, steps, tokens, loss })
    }
  }
  await trainer.release()
  return { parameters, tokens, loss }
}

/** Normal weights, small enough that the residual stream keeps its size through the layers; norms start at 1. */
function firstWeights(config: DecoderConfig, seed: number): Parameter[] {
  const random = new RandomStream(seed, ['init'])
  return expectedTensors(config).map(({ name, shape }) => {
    const length = shape.reduce((product, size) => product * size, 1)
    if (shape.length === 1) return { name, shape, data: new Float32Array(length).fill(1) }
    const deviation = firstDeviation(name, shape[1], config)
    const draw = random.fork(name)
    return { name, shape, data: Float32Array.from({ length }, () => draw.normal() * deviation) }
  })
}

function firstDeviation(name: string, inputs: number, { layerCount }: DecoderConfig): number {
  if (name.includes('embed_tokens')) return 0.05
  // Two of these a layer add to the residual stream (after GPT-2).
  const writesResidual = /o_proj|down_proj/.test(name)
  return 1 / Math.sqrt(inputs * (writesResidual ? 2 * layerCount : 1))
}

/** Texts to examples, through the same template and tokenizer that prompts go through later. */
export function textEncoder(folder: string): (text: HarborText) => SftExample {
  const tokenizer = loadTokenizer(folder)
  const template = loadChatTemplate(folder, tokenizer)
  const encode = (text: string) => tokenizer.encode(text, { addSpecialTokens: false })
  const end = { text: tokenizer.eos!.text, loss: true }
  return ({ prompt, thinking, segments }) => {
    const rendered = template.renderPrompt([{ role: 'user', content: prompt }], { thinking })
    const pieces = [...segments, end].map(({ text, loss }) => ({ ids: encode(text), loss }))
    return {
      promptTokens: encode(rendered.text),
      completionTokens: Int32Array.from(pieces.flatMap(({ ids }) => [...ids])),
      lossMask: Uint8Array.from(pieces.flatMap(({ ids, loss }) => Array.from(ids, () => (loss ? 1 : 0)))),
    }
  }
}

/**
 * The texts of a round in micro-batches of like length, which hardly need padding, dealt to its steps to and fro, so that
 * each step has long and short ones.
 */
function dealMicroBatches(
  examples: readonly SftExample[],
  { roundSteps, tokensPerMicroBatch, timeMultiple }: BaseRecipe,
  maxTime: number,
): MicroBatch[][] {
  const dealt = Array.from({ length: roundSteps }, (): MicroBatch[] => [])
  const longestFirst = microBatches(examples, { tokensPerMicroBatch, timeMultiple, maxTime, maxRows: examples.length })
  longestFirst.forEach((micro, i) => {
    const turn = i % (2 * roundSteps)
    dealt[turn < roundSteps ? turn : 2 * roundSteps - 1 - turn].push(micro)
  })
  return dealt
}

/** Mean loss a token over some micro-batches; its gradient is left in the trainer. */
async function accumulateLoss(
  trainer: DecoderTrainer,
  micros: readonly MicroBatch[],
  examples: readonly SftExample[],
): Promise<number> {
  const members = new Set(micros.flatMap((micro) => micro.members))
  const nothing = new Uint8Array(0)
  const weights = lossWeights(examples.map(({ lossMask }, i) => (members.has(i) ? lossMask : nothing)), 'batch', 0)
  trainer.clearGradients()
  let total = 0
  for (const micro of micros) {
    const values = { weights: placeCompletions(micro, examples, weights) }
    const { loss } = await trainer.accumulate(negativeLogLikelihood, micro, values)
    total += loss
  }
  return total
}

function tokensOf(micros: readonly MicroBatch[], examples: readonly SftExample[]): number {
  return micros.flatMap(({ members }) => members).reduce((sum, member) =>
    sum + examples[member].promptTokens.length + examples[member].completionTokens.length, 0)
}
