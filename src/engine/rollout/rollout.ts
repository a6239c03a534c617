/** Samples completions: prompts are read once, then many sequences are extended side by side. */
import { ReflectoryError } from '../../shared/errors.ts'
import type { Adapter } from '../model/adapter.ts'
import { decodeGraph, prefillGraph } from '../model/cachedDecoder.ts'
import type { DecoderConfig } from '../model/decoderConfig.ts'
import { compile, type CompileOptions, type Program } from '../onnx/program.ts'
import type { Completion, RolloutRequest, RolloutSettings, RolloutWatch, Weights } from './request.ts'
import { RolloutRun } from './rolloutRun.ts'

export type { Completion, RolloutRequest, RolloutSettings, RolloutWatch, Weights } from './request.ts'

/**
 * Weights of up to so many bytes are built into the decoding program, where onnxruntime lays them out once for its products; the
 * program then lives as long as the policy. Larger ones would be there twice, and are inputs.
 */
const BUILT_IN_BYTES = 2 ** 26

export interface RolloutOptions extends CompileOptions {
  /** Lies over the weights, which then stay as they are from policy to policy. */
  adapter?: Adapter | null
}

export class Rollouts {
  /** Time spent inside onnxruntime so far, with the making of decoding programs; the rest of a rollout is work of the host. */
  runtimeMs = 0
  private readonly config: DecoderConfig
  private readonly options: RolloutOptions
  /** Programs that take the weights as inputs, and so outlive a policy. */
  private readonly programs = new Map<string, Program>()

  constructor(config: DecoderConfig, options: RolloutOptions) {
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
    const adapter = options.adapter ?? null
    const builtIn: Program[] = []
    const runtimeBefore = this.runtimeOfPrograms()
    const run = new RolloutRun(
      {
        config,
        weights,
        prefillProgram: (time, rows, tempered) =>
          this.program(`prefill ${time}x${rows} ${tempered}`, () => compile(prefillGraph({ config, adapter, tempered }, rows, time), options)),
        decodeProgram: async (slots, tempered) => {
          const graph = decodeGraph({ config, adapter, tempered }, slots)
          if (!isBuiltIn(weights, adapter)) return this.program(`decode ${slots} ${tempered}`, () => compile(graph, options))
          builtIn.push(await compile(graph, { ...options, fixed: weights }))
          return builtIn[0]
        },
      },
      requests,
      settings,
      watch,
    )
    try {
      return await run.finish()
    } finally {
      this.runtimeMs += this.runtimeOfPrograms() - runtimeBefore
      for (const program of builtIn) {
        this.runtimeMs += program.runtimeMs
        await program.release()
      }
    }
  }

  async release(): Promise<void> {
    for (const program of this.programs.values()) await program.release()
    this.programs.clear()
  }

  private runtimeOfPrograms(): number {
    return [...this.programs.values()].reduce((sum, { runtimeMs }) => sum + runtimeMs, 0)
  }

  private checkRequests(requests: readonly RolloutRequest[]): void {
    for (const { promptTokens } of requests) {
      if (promptTokens.length === 0 || promptTokens.length >= this.config.contextLength) {
        throw new ReflectoryError(
          'too-long',
          'prompt',
          `it has ${promptTokens.length} tokens, and the model's context holds ${this.config.contextLength} with the answer`,
          'Leave such prompts out (on the command line --too-long drop).',
        )
      }
    }
  }

  private async program(key: string, make: () => Promise<Program>): Promise<Program> {
    const program = this.programs.get(key) ?? (await make())
    this.programs.set(key, program)
    return program
  }
}

function isBuiltIn(weights: Weights, adapter: Adapter | null): boolean {
  let bytes = 0
  for (const { byteLength } of weights.values()) bytes += byteLength
  return adapter === null && bytes <= BUILT_IN_BYTES
}
