/** Samples completions: prompts are read once, then many sequences are extended side by side. */
import { ReflectoryError } from '../../shared/errors.ts'
import { prefillGraph } from '../model/cachedDecoder.ts'
import type { DecoderConfig } from '../model/config.ts'
import type { Device } from '../onnx/lower.ts'
import { compile, type Program } from '../onnx/program.ts'
import type { Completion, RolloutRequest, RolloutSettings, RolloutWatch, Weights } from './request.ts'
import { RolloutRun } from './rolloutRun.ts'

export type { Completion, RolloutRequest, RolloutSettings, RolloutWatch, Weights } from './request.ts'

export class Rollouts {
  /** Time spent inside onnxruntime so far, with the making of decoding programs; the rest of a rollout is work of the host. */
  runtimeMs = 0
  private readonly config: DecoderConfig
  private readonly options: { device: Device; threads: number }
  /** Prompts are read by programs that take the weights as inputs, and so outlive a policy. */
  private readonly prefillPrograms = new Map<string, Program>()

  constructor(config: DecoderConfig, options: { device: Device; threads: number }) {
    this.config = config
    this.options = options
  }

  /**
   * One completion for each request, in their order. `weights` must not change before it is done. Sampling ends at a stop
   * token, at `maxNewTokens`, or at the end of the context. Throws `cancelled` when the signal says so, between two tokens.
   */
  async sample(weights: Weights, requests: readonly RolloutRequest[], settings: RolloutSettings, watch: RolloutWatch = {}): Promise<Completion[]> {
    this.checkRequests(requests)
    const { config, options } = this
    const prefillProgram = (time: number, rows: number, tempered: boolean): Promise<Program> => this.prefillProgram(time, rows, tempered)
    const run = new RolloutRun({ config, options, weights, prefillProgram }, requests, settings, watch)
    try {
      return await run.finish()
    } finally {
      await run.release()
      this.runtimeMs += run.runtimeMs
    }
  }

  async release(): Promise<void> {
    for (const program of this.prefillPrograms.values()) await program.release()
    this.prefillPrograms.clear()
  }

  private checkRequests(requests: readonly RolloutRequest[]): void {
    for (const { promptTokens } of requests) {
      if (promptTokens.length === 0 || promptTokens.length >= this.config.contextLength) {
        throw new ReflectoryError(
          'too-long',
          'prompt',
          `it has ${promptTokens.length} tokens, and the model's context holds ${this.config.contextLength} with the answer`,
          'Leave such prompts out with --too-long drop.',
        )
      }
    }
  }

  private async prefillProgram(time: number, rows: number, tempered: boolean): Promise<Program> {
    const key = `${time}x${rows} ${tempered}`
    const program = this.prefillPrograms.get(key) ?? (await compile(prefillGraph(this.config, rows, time, tempered), this.options))
    this.prefillPrograms.set(key, program)
    return program
  }
}
