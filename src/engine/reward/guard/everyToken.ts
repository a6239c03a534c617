/** What a classifier says after every token of prompts: how its word on a text comes about as it reads. */
import { softmax } from '../../autodiff/build.ts'
import type { DecoderConfig } from '../../model/decoderConfig.ts'
import type { CompileOptions } from '../../onnx/program.ts'
import type { Weights } from '../../rollout/request.ts'
import { PromptBatches } from './promptBatches.ts'

export class EveryToken {
  private readonly batches: PromptBatches

  /** @param config of a model with two labels or more */
  constructor(config: DecoderConfig, weights: Weights, options: CompileOptions) {
    this.batches = new PromptBatches({ config, weights, options }, (hidden, declared) => softmax(declared.project('score', hidden)))
  }

  /** For each prompt P(label `label`) after each of its tokens. Throws `cancelled`. */
  async read(prompts: readonly Int32Array[], label: number, signal?: AbortSignal): Promise<Float32Array[]> {
    const read: Float32Array[] = []
    await this.batches.read(
      prompts,
      (members, scores, { time, rows }) => {
        const labels = scores.length / (time * rows)
        members.forEach((index, column) => {
          const at = (position: number): number => scores[(position * rows + column) * labels + label]
          read[index] = Float32Array.from(prompts[index], (_, position) => at(position))
        })
      },
      signal,
    )
    return read
  }

  release(): Promise<void> {
    return this.batches.release()
  }
}
