/** What `verify` asks of a model, computed by the engine's own graphs. */
import { linear, multiply, reshape, sum } from '../autodiff/build.ts'
import { createGraph } from '../autodiff/graph.ts'
import type { Graph, Value } from '../autodiff/representation.ts'
import { differentiate } from '../autodiff/reverse.ts'
import { PEFT_PREFIX, type OpenedAdapter } from '../model/adapterFiles.ts'
import type { Checkpoint } from '../model/checkpoint.ts'
import { decoderHidden } from '../model/decoder.ts'
import { declareWeights, type DecoderWeights } from '../model/decoderWeights.ts'
import { scoreTokens } from '../model/tokenLogProbabilities.ts'
import { compile, type CompileOptions, type Data } from '../onnx/program.ts'

export interface PaddedBatch {
  /** [sequence][time] */
  ids: readonly (readonly number[])[]
  /** 1 for tokens, 0 for padding. */
  mask: readonly (readonly number[])[]
  /** Counted from the first column where left out. */
  positions?: readonly (readonly number[])[]
}

export interface CompletionScores {
  /** log p of each completion token given everything before it (nats), an array a sequence. */
  logProbabilities: number[][]
  /** Entropy of the distribution that predicts it (nats). */
  entropies: number[][]
}

export interface Continuations {
  tokens: number[][]
  logProbabilities: number[][]
  /** Smallest lead of the chosen logit over the second one. */
  smallestGap: number
}

export interface VerifiedModel {
  vocabularySize: number
  parameterCount: number
  /** [sequence][time][vocabulary] */
  logits(batch: PaddedBatch): Promise<Float32Array[][]>
  scoreCompletions(
    sequences: readonly (readonly number[])[],
    promptLengths: readonly number[],
  ): Promise<CompletionScores>
  /** Of the mean negative log-probability over all completion tokens together. */
  gradients(
    sequences: readonly (readonly number[])[],
    promptLengths: readonly number[],
  ): Promise<{ loss: number; gradients: ReadonlyMap<string, Float32Array> }>
  /** The likeliest token each time; prompts may differ in length. */
  greedy(prompts: readonly (readonly number[])[], newTokens: number): Promise<Continuations>
}

/** Added to the scores of padded keys; exp of it is 0 in float32. */
const HIDDEN = -1e9

/**
 * @param adapter lies over the checkpoint; then its weights are the parameters, named as PEFT names them
 */
export function verifiedModel(checkpoint: Checkpoint, options: CompileOptions, adapter: OpenedAdapter | null = null): VerifiedModel {
  const { config } = checkpoint
  const weights = new Map(checkpoint.tensorNames.map((name) => [name, checkpoint.readTensor(name)]))
  for (const [name, values] of adapter?.weights ?? []) weights.set(name, values)
  const parameters = adapter === null ? [...weights.keys()] : [...adapter.weights.keys()]
  const parameterCount = parameters.reduce((sum, name) => sum + weights.get(name)!.length, 0)

  /** Builds, compiles, runs once and lets go: verification meets each shape once. */
  async function runOnce(
    batch: PaddedBatch,
    build: (graph: Graph, parts: { hidden: Value; weights: DecoderWeights; rows: number }) => Record<string, Value>,
    feeds: Record<string, Data> = {},
  ): Promise<Record<string, Data>> {
    const count = batch.ids.length
    const time = batch.ids[0].length
    const graph = createGraph()
    const values = declareWeights(graph, config, adapter?.adapter ?? null)
    const input = {
      ids: graph.input('ids', [time * count], 'int64'),
      positions: graph.input('positions', [time * count], 'int64'),
      batch: count,
      time,
    }
    const mask = leftPaddingMask(batch)
    const masked =
      mask === null
        ? input
        : {
            ...input,
            mask: graph.constant(mask, [count, 1, time, time]),
            keep: graph.constant(Float32Array.from(timeFirst(batch.mask), Number), [time * count, 1]),
          }
    const hidden = decoderHidden(config, values, masked)
    const program = await compile(build(graph, { hidden, weights: values, rows: time * count }), options)
    try {
      return await program.run({
        ...Object.fromEntries(weights),
        ids: timeFirst(batch.ids),
        positions: timeFirst(batch.positions ?? batch.ids.map((row) => row.map((_, t) => t))),
        ...feeds,
      })
    } finally {
      await program.release()
    }
  }

  async function logits(batch: PaddedBatch): Promise<Float32Array[][]> {
    const made = await runOnce(batch, (_, { hidden, weights: values }) => ({
      logits: linear(hidden, values.head(config)),
    }))
    const count = batch.ids.length
    const flat = floats(made['logits']) // [time * batch, vocabulary]
    return batch.ids.map((row, sequence) =>
      row.map((_, t) =>
        flat.subarray(
          (t * count + sequence) * config.vocabularySize,
          (t * count + sequence + 1) * config.vocabularySize,
        ),
      ),
    )
  }

  return {
    vocabularySize: config.vocabularySize,
    parameterCount,
    logits,
    async scoreCompletions(sequences, promptLengths) {
      const { batch, targets } = rightPadded(sequences)
      const made = await runOnce(
        batch,
        (graph, { hidden, weights: values, rows }) => {
          const scores = scoreTokens(hidden, values.head(config), graph.input('targets', [rows], 'int64'))
          return { logProbabilities: scores.logProbabilities, entropies: scores.entropies }
        },
        { targets },
      )
      const ofCompletions = (flat: Float32Array) =>
        sequences.map((sequence, s) => {
          const positions = sequence.slice(promptLengths[s]).map((_, i) => promptLengths[s] + i - 1)
          return positions.map((t) => flat[t * sequences.length + s])
        })
      return {
        logProbabilities: ofCompletions(floats(made['logProbabilities'])),
        entropies: ofCompletions(floats(made['entropies'])),
      }
    },
    async gradients(sequences, promptLengths) {
      const { batch, targets } = rightPadded(sequences)
      const share = completionShares(sequences, promptLengths, batch.ids[0].length)
      const made = await runOnce(
        batch,
        (graph, { hidden, weights: values, rows }) => {
          const { logProbabilities } = scoreTokens(
            hidden,
            values.head(config),
            graph.input('targets', [rows], 'int64'),
            true,
          )
          const loss = multiply(sum(multiply(logProbabilities, graph.input('share', [rows]))), -1)
          const derivatives = differentiate(
            loss,
            parameters.map((name) => values.get(name)),
          )
          const outputs: Record<string, Value> = { loss: reshape(loss, [1]) }
          for (const [i, name] of parameters.entries()) {
            const derivative = derivatives[i]
            if (derivative !== null) outputs[`gradient ${name}`] = derivative
          }
          return outputs
        },
        { targets, share },
      )
      const gradients = new Map<string, Float32Array>()
      for (const name of parameters) {
        const gradient = made[`gradient ${name}`] ?? new Float32Array(weights.get(name)!.length)
        gradients.set(adapter === null ? name : PEFT_PREFIX + name, floats(gradient))
      }
      return { loss: floats(made['loss'])[0], gradients }
    },
    greedy: (prompts, newTokens) => continueGreedily(logits, prompts, newTokens),
  }
}

/** Without a cache: every step reads the whole text again, padded on the right to its final length. */
async function continueGreedily(
  logits: VerifiedModel['logits'],
  prompts: readonly (readonly number[])[],
  newTokens: number,
): Promise<Continuations> {
  const time = Math.max(...prompts.map((prompt) => prompt.length)) + newTokens
  const texts = prompts.map((prompt) => [...prompt])
  const logProbabilities: number[][] = prompts.map(() => [])
  let smallestGap = Infinity
  for (let step = 0; step < newTokens; step++) {
    const ids = texts.map((text) => [...text, ...new Array<number>(time - text.length).fill(0)])
    const mask = texts.map((text) => ids[0].map((_, t) => (t < text.length ? 1 : 0)))
    const rows = await logits({ ids, mask })
    texts.forEach((text, s) => {
      const row = rows[s][text.length - 1]
      const { best, gap, logProbability } = likeliest(row)
      smallestGap = Math.min(smallestGap, gap)
      logProbabilities[s].push(logProbability)
      text.push(best)
    })
  }
  return { tokens: texts.map((text, s) => text.slice(prompts[s].length)), logProbabilities, smallestGap }
}

/** The first of the largest logits, its lead over the next, and its log-probability (float64). */
export function likeliest(logits: Float32Array): { best: number; gap: number; logProbability: number } {
  let best = 0
  let second = -1
  for (let i = 1; i < logits.length; i++) {
    if (logits[i] > logits[best]) {
      second = best
      best = i
    } else if (second < 0 || logits[i] > logits[second]) second = i
  }
  let total = 0
  for (const logit of logits) total += Math.exp(logit - logits[best])
  return { best, gap: second < 0 ? Infinity : logits[best] - logits[second], logProbability: -Math.log(total) }
}

/** Next tokens as targets, time first; the padded ones are asked for and not read. */
function rightPadded(sequences: readonly (readonly number[])[]): { batch: PaddedBatch; targets: BigInt64Array } {
  const time = Math.max(...sequences.map((sequence) => sequence.length))
  const extend = (values: readonly number[]) => [...values, ...new Array<number>(time - values.length).fill(0)]
  const ids = sequences.map(extend)
  return {
    batch: { ids, mask: sequences.map((sequence) => extend(sequence.map(() => 1))) },
    targets: timeFirst(sequences.map((sequence) => extend(sequence.slice(1)))),
  }
}

/** 1 / (completion tokens of the batch) where the next token is one, else 0: [time * batch]. */
function completionShares(
  sequences: readonly (readonly number[])[],
  promptLengths: readonly number[],
  time: number,
): Float32Array {
  const total = sequences.reduce((count, sequence, s) => count + sequence.length - promptLengths[s], 0)
  const shares = new Float32Array(time * sequences.length)
  sequences.forEach((sequence, s) => {
    for (let t = promptLengths[s]; t < sequence.length; t++) shares[(t - 1) * sequences.length + s] = 1 / total
  })
  return shares
}

/** Hides padded keys, [batch, 1, time, time]; padding on the right is hidden by causality already, then null. */
function leftPaddingMask({ mask }: PaddedBatch): Float32Array | null {
  if (mask.every((row) => row.every((real, t) => real === 1 || row[t + 1] !== 1))) return null
  const time = mask[0].length
  const scores = new Float32Array(mask.length * time * time)
  mask.forEach((row, s) =>
    row.forEach((real, key) => {
      if (real === 0) for (let query = 0; query < time; query++) scores[(s * time + query) * time + key] = HIDDEN
    }),
  )
  return scores
}

function timeFirst(rows: readonly (readonly number[])[]): BigInt64Array {
  return BigInt64Array.from(rows[0].flatMap((_, t) => rows.map((row) => BigInt(row[t]))))
}

function floats(data: Data): Float32Array {
  if (!(data instanceof Float32Array)) throw new TypeError(`${data.constructor.name} where float32 was expected`)
  return data
}
