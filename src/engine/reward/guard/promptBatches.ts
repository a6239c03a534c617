/** Runs many prompts through a model, a batch at a time in few shapes: one forward pass each, nothing is sampled. */
import { ReflectoryError } from '../../../shared/errors.ts'
import { createGraph } from '../../autodiff/graph.ts'
import type { Graph, Value } from '../../autodiff/representation.ts'
import { decoderHidden } from '../../model/decoder.ts'
import type { DecoderConfig } from '../../model/decoderConfig.ts'
import { declareWeights, type DecoderWeights } from '../../model/decoderWeights.ts'
import { compile, type CompileOptions } from '../../onnx/program.ts'
import { ProgramCache } from '../../onnx/programCache.ts'
import { prefillFeeds, type PrefillShape } from '../../rollout/prefill.ts'
import type { Weights } from '../../rollout/request.ts'

/** Prompt tokens in one run, except that one prompt always fits. */
const TOKENS_PER_RUN = 4096
const MAXIMUM_ROWS = 32
/** Compiled shapes that are kept. */
const KEPT_PROGRAMS = 16

export interface PromptModel {
  config: DecoderConfig
  weights: Weights
  options: CompileOptions
}

/** The end of the graph, over the hidden state of every token [time * rows, hiddenSize]. */
export type PromptEnd = (hidden: Value, weights: DecoderWeights, graph: Graph, shape: PrefillShape) => Value

export class PromptBatches {
  private readonly model: PromptModel
  private readonly end: PromptEnd
  private readonly programs = new ProgramCache(KEPT_PROGRAMS)

  constructor(model: PromptModel, end: PromptEnd) {
    this.model = model
    this.end = end
  }

  /**
   * Calls `onBatch` until each prompt was in one, in any order: with the prompts by their index, a column each, and what the graph's
   * end gave for them, good until `onBatch` returns. Throws `cancelled`.
   */
  async read(
    prompts: readonly Int32Array[],
    onBatch: (members: readonly number[], output: Float32Array, shape: PrefillShape) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const { config, weights, options } = this.model
    const longestFirst = [...prompts.keys()].sort((a, b) => prompts[b].length - prompts[a].length || a - b)
    for (let start = 0; start < longestFirst.length; ) {
      if (signal?.aborted) throw stopped(start, prompts.length)
      const shape = shapeFor(prompts[longestFirst[start]].length, longestFirst.length - start, config.contextLength)
      const members = longestFirst.slice(start, start + shape.rows)
      const make = () => compile({ output: this.graph(shape) }, options)
      const program = await this.programs.get(`${shape.time}x${shape.rows}`, make)
      const feeds = prefillFeeds(members.map((index) => prompts[index]), shape, config)
      const { output } = await program.run({ ...Object.fromEntries(weights), ...feeds })
      if (!(output instanceof Float32Array)) throw new TypeError('float32 expected')
      onBatch(members, output, shape)
      start += members.length
    }
  }

  release(): Promise<void> {
    return this.programs.release()
  }

  /** Attention and Mamba layers are causal, so that padding behind a prompt reaches none of its tokens. */
  private graph(shape: PrefillShape): Value {
    const { rows, time } = shape
    const graph = createGraph()
    const weights = declareWeights(graph, this.model.config)
    const ids = graph.input('ids', [time * rows], 'int64')
    const positions = graph.input('positions', [time * rows], 'int64')
    return this.end(decoderHidden(this.model.config, weights, { ids, positions, batch: rows, time }), weights, graph, shape)
  }
}

function stopped(done: number, total: number): ReflectoryError {
  return new ReflectoryError('cancelled', 'judging', `stopped after ${done} of ${total} texts`, 'Run it again to go on.')
}

/** Few shapes, since each is compiled: four lengths an octave, and rows in powers of two where few prompts are left. */
function shapeFor(longest: number, left: number, contextLength: number): PrefillShape {
  const step = Math.max(16, 2 ** (Math.floor(Math.log2(longest)) - 2))
  const time = Math.max(longest, Math.min(contextLength, Math.ceil(longest / step) * step))
  const full = Math.max(1, Math.min(MAXIMUM_ROWS, Math.floor(TOKENS_PER_RUN / time)))
  return { time, rows: Math.min(full, 2 ** Math.ceil(Math.log2(left))) }
}
