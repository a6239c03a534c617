import { describe, expect, it } from 'vitest'
import { AdamW, defaultAdamW, globalNorm, type Parameter } from '../../../src/engine/train/adamw.ts'
import { RandomStream } from '../../../src/shared/random.ts'

const unclipped = { ...defaultAdamW, maxGradientNorm: Infinity }

function parameter(name: string, shape: number[], random: RandomStream): Parameter {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal())
  return { name, shape, data }
}

function gradients(parameters: Parameter[], random: RandomStream): Map<string, Float32Array> {
  return new Map(parameters.map(({ name, data }) => [name, data.map(() => random.normal())]))
}

describe('AdamW', () => {
  it('follows the published recursion, written out in double precision', () => {
    const random = new RandomStream(1)
    const weight = parameter('w', [2, 3], random)
    const optimizer = new AdamW([weight], { ...unclipped, weightDecay: 0.1 })
    const w = [...weight.data]
    const m = w.map(() => 0)
    const v = w.map(() => 0)
    for (let t = 1; t <= 5; t++) {
      const gradient = gradients([weight], random)
      optimizer.step(gradient, 0.01)
      gradient.get('w')!.forEach((g, i) => {
        m[i] = 0.9 * m[i] + 0.1 * g
        v[i] = 0.999 * v[i] + 0.001 * g * g
        const update = m[i] / (1 - 0.9 ** t) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8)
        w[i] = w[i] - 0.01 * 0.1 * w[i] - 0.01 * update
      })
    }
    weight.data.forEach((value, i) => expect(value).toBeCloseTo(w[i], 5))
  })

  it('decays matrices but never one-dimensional tensors', () => {
    const matrix = { name: 'matrix', shape: [1, 2], data: Float32Array.of(1, 1) }
    const norm = { name: 'norm', shape: [2], data: Float32Array.of(1, 1) }
    const optimizer = new AdamW([matrix, norm], { ...unclipped, weightDecay: 0.5 })
    const zeros = new Map([
      ['matrix', new Float32Array(2)],
      ['norm', new Float32Array(2)],
    ])
    optimizer.step(zeros, 0.5)
    expect([...matrix.data]).toEqual([0.75, 0.75])
    expect([...norm.data]).toEqual([1, 1])
  })

  it('clips by the norm of all gradients together and reports the norm before', () => {
    const make = () => [
      { name: 'a', shape: [1, 1], data: Float32Array.of(0) },
      { name: 'b', shape: [1, 1], data: Float32Array.of(0) },
    ]
    const clipped = new AdamW(make(), { ...defaultAdamW, maxGradientNorm: 1 })
    const { gradientNorm } = clipped.step(
      new Map([
        ['a', Float32Array.of(30)],
        ['b', Float32Array.of(40)],
      ]),
      1,
    )
    expect(gradientNorm).toBe(50)
    expect(clipped.state().tensors.get('first.a')![0]).toBeCloseTo(0.1 * 0.6, 6)
    expect(clipped.state().tensors.get('first.b')![0]).toBeCloseTo(0.1 * 0.8, 6)
  })

  it('goes on from its state with the same bits', () => {
    const run = (stopAt: number | null) => {
      const random = new RandomStream(3)
      let parameters = [parameter('w', [4, 4], random), parameter('n', [4], random)]
      let optimizer = new AdamW(parameters, { ...defaultAdamW, weightDecay: 0.01 })
      for (let step = 0; step < 6; step++) {
        if (step === stopAt) {
          const { steps, tensors } = structuredClone(optimizer.state())
          parameters = parameters.map((p) => ({ ...p, data: p.data.slice() }))
          optimizer = new AdamW(parameters, { ...defaultAdamW, weightDecay: 0.01 }, { steps, tensors })
        }
        optimizer.step(gradients(parameters, random), 0.1)
      }
      return parameters.map((p) => [...p.data])
    }
    expect(run(3)).toEqual(run(null))
  })

  it('leaves every weight as it was when the gradient is not finite', () => {
    const weight = { name: 'w', shape: [2, 1], data: Float32Array.of(1, 2) }
    const optimizer = new AdamW([weight], defaultAdamW)
    expect(() => optimizer.step(new Map([['w', Float32Array.of(0, Number.NaN)]]), 1)).toThrow('not finite')
    expect([...weight.data]).toEqual([1, 2])
    expect(optimizer.state().steps).toBe(0)
  })

  it('refuses a state of another model', () => {
    const weight = { name: 'w', shape: [2, 1], data: Float32Array.of(1, 2) }
    const state = { steps: 1, tensors: new Map([['first.w', new Float32Array(3)]]) }
    expect(() => new AdamW([weight], defaultAdamW, state)).toThrow('optimizer state first.w')
  })
})

it('sums the global norm in double precision', () => {
  expect(globalNorm([new Float32Array(1e6).fill(1e-3), Float32Array.of(0)])).toBeCloseTo(1, 6)
})
