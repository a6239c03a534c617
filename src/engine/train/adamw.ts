/** AdamW with decoupled weight decay (arXiv 1711.05101) and clipping by the global gradient norm, on host arrays. */
import { ReflectoryError } from '../../shared/errors.ts'

/** One trainable tensor. `data` is updated in place. */
export interface Parameter {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export interface AdamWOptions {
  beta1: number
  beta2: number
  epsilon: number
  /** Decoupled decay; one-dimensional tensors (norm weights, biases) never decay. */
  weightDecay: number
  /** Gradients are scaled down to this global norm; Infinity switches clipping off. */
  maxGradientNorm: number
}

export const defaultAdamW: AdamWOptions = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  maxGradientNorm: 1,
}

/** Running moments of one parameter. */
interface Moments {
  readonly first: Float32Array
  readonly second: Float32Array
}

export class AdamW {
  readonly parameters: readonly Parameter[]
  private readonly options: AdamWOptions
  private readonly moments: readonly Moments[]
  private steps: number

  /** @param resumed what `state()` gave, to go on from there */
  constructor(parameters: readonly Parameter[], options: AdamWOptions, resumed?: AdamWState) {
    this.parameters = parameters
    this.options = options
    this.steps = resumed?.steps ?? 0
    this.moments = parameters.map((parameter) => ({
      first: takeMoments(resumed, `first.${parameter.name}`, parameter),
      second: takeMoments(resumed, `second.${parameter.name}`, parameter),
    }))
  }

  /**
   * One update in place.
   * @param gradients by parameter name, every parameter present
   * @returns the global norm before clipping
   * @throws before any weight has changed if the norm is not finite
   */
  step(gradients: ReadonlyMap<string, Float32Array>, learningRate: number): { gradientNorm: number } {
    const ordered = this.parameters.map((parameter) => gradientOf(gradients, parameter))
    const gradientNorm = globalNorm(ordered)
    if (!Number.isFinite(gradientNorm)) {
      throw new ReflectoryError(
        'engine',
        `optimizer step ${this.steps + 1}`,
        `the gradient is not finite (norm ${gradientNorm})`,
        'Lower the learning rate, or resume from the last checkpoint with a smaller clip range.',
      )
    }
    const { beta1, beta2, epsilon, weightDecay, maxGradientNorm } = this.options
    this.steps++
    const clip = Math.min(1, maxGradientNorm / (gradientNorm + 1e-6))
    const secondCorrection = Math.sqrt(1 - beta2 ** this.steps)
    const stepSize = learningRate / (1 - beta1 ** this.steps)
    for (let p = 0; p < this.parameters.length; p++) {
      const { data, shape } = this.parameters[p]
      const { first, second } = this.moments[p]
      const gradient = ordered[p]
      const keep = shape.length > 1 ? 1 - learningRate * weightDecay : 1
      for (let i = 0; i < data.length; i++) {
        const g = gradient[i] * clip
        const m = beta1 * first[i] + (1 - beta1) * g
        const v = beta2 * second[i] + (1 - beta2) * g * g
        first[i] = m
        second[i] = v
        data[i] = data[i] * keep - (stepSize * m) / (Math.sqrt(v) / secondCorrection + epsilon)
      }
    }
    return { gradientNorm }
  }

  /** Everything but the weights; the arrays are the live ones, to be written before the next step. */
  state(): AdamWState {
    const tensors = new Map<string, Float32Array>()
    this.parameters.forEach((parameter, p) => {
      tensors.set(`first.${parameter.name}`, this.moments[p].first)
      tensors.set(`second.${parameter.name}`, this.moments[p].second)
    })
    return { steps: this.steps, tensors }
  }
}

/** Moments by `first.<parameter>` and `second.<parameter>`, shaped like their parameter. */
export interface AdamWState {
  steps: number
  tensors: ReadonlyMap<string, Float32Array>
}

/** Euclidean norm over all gradients together, summed in double precision in a fixed order. */
export function globalNorm(gradients: readonly Float32Array[]): number {
  let squares = 0
  for (const gradient of gradients) {
    for (let i = 0; i < gradient.length; i++) squares += gradient[i] * gradient[i]
  }
  return Math.sqrt(squares)
}

function takeMoments(resumed: AdamWState | undefined, name: string, parameter: Parameter): Float32Array {
  if (!resumed) return new Float32Array(parameter.data.length)
  const stored = resumed.tensors.get(name)
  if (stored?.length !== parameter.data.length) {
    throw new ReflectoryError(
      'bad-model',
      `optimizer state ${name}`,
      `has ${stored?.length ?? 'no'} values where the model has ${parameter.data.length}`,
      'Resume with the model that the checkpoint was written for.',
    )
  }
  return stored.slice()
}

function gradientOf(gradients: ReadonlyMap<string, Float32Array>, parameter: Parameter): Float32Array {
  const gradient = gradients.get(parameter.name)
  if (gradient?.length !== parameter.data.length) {
    throw new Error(
      `gradient of ${parameter.name}: ${gradient?.length ?? 'no'} values, expected ${parameter.data.length}`,
    )
  }
  return gradient
}
