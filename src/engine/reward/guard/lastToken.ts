/** What a model says after the last token of each of many prompts. */
import { gatherRows, linear, softmax } from '../../autodiff/build.ts'
import type { DecoderConfig } from '../../model/decoderConfig.ts'
import type { CompileOptions } from '../../onnx/program.ts'
import type { Weights } from '../../rollout/request.ts'
import { PromptBatches } from './promptBatches.ts'

export class LastToken {
  private readonly batches: PromptBatches

  constructor(config: DecoderConfig, weights: Weights, options: CompileOptions) {
    this.batches = new PromptBatches({ config, weights, options }, (hidden, declared, graph, { rows }) => {
      const last = gatherRows(hidden, graph.input('lastRows', [rows], 'int64')) // [rows, hiddenSize]
      return config.scores === undefined ? softmax(linear(last, declared.head(config))) : declared.project('score', last)
    })
  }

  /**
   * Calls `onRow` once for each prompt, in any order: with the probabilities of the next token [vocabulary], or with
   * the scores [labels] of a model that scores texts. The row is only good until `onRow` returns. Throws `cancelled`.
   */
  read(prompts: readonly Int32Array[], onRow: (index: number, row: Float32Array) => void, signal?: AbortSignal): Promise<void> {
    return this.batches.read(
      prompts,
      (members, output, { rows }) => {
        const width = output.length / rows
        members.forEach((index, column) => onRow(index, output.subarray(column * width, (column + 1) * width)))
      },
      signal,
    )
  }

  release(): Promise<void> {
    return this.batches.release()
  }
}
