/** What is asked of a rollout, and what comes back. */
import type { RandomStream } from '../../shared/random.ts'
import type { Sampling } from '../../shared/sampling.ts'

export interface RolloutRequest {
  promptTokens: Int32Array
  /** Drawn from once or twice a token, so that a completion does not depend on what is sampled beside it. */
  random: RandomStream
}

export interface Completion {
  /** With the stop token, where that ended it. */
  tokens: Int32Array
  /** log p of each token at temperature 1, untruncated (nats). */
  logProbabilities: Float32Array
  /** Entropy of the distribution before each token, at temperature 1, untruncated (nats). */
  entropies: Float32Array
  finish: 'stop' | 'length'
}

export interface RolloutSettings {
  sampling: Sampling
  stopTokens: readonly number[]
  /** Tokens that are never drawn; log-probabilities stay those of the model. */
  forbiddenTokens?: readonly number[]
  /** Sequences side by side at most. */
  slots?: number
}

export interface RolloutWatch {
  signal?: AbortSignal
  onProgress?(done: number, total: number): void
  onCompletion?(index: number, completion: Completion): void
}

export type Weights = ReadonlyMap<string, Float32Array>
