import { describe, expect, it } from 'vitest'
import { multiply, sum } from '../../../src/engine/autodiff/build.ts'
import { createGraph } from '../../../src/engine/autodiff/graph.ts'
import { differentiate } from '../../../src/engine/autodiff/reverse.ts'
import { scoredTogether, scoreTokens } from '../../../src/engine/model/tokenLogProbabilities.ts'
import { compile } from '../../../src/engine/onnx/program.ts'
import { RandomStream } from '../../../src/shared/random.ts'

const [ROWS, WIDTH, VOCABULARY] = [11, 5, 23]
const random = new RandomStream(3)
const draw = (count: number) => Float32Array.from({ length: count }, () => random.normal())
const feeds = {
  hidden: draw(ROWS * WIDTH),
  head: draw(VOCABULARY * WIDTH),
  shares: draw(ROWS),
  targets: BigInt64Array.from({ length: ROWS }, () => BigInt(random.integer(VOCABULARY))),
}

/** Scores and the gradients of their weighted sum, `together` rows at a time. */
async function scored(together: number, forGradient = true) {
  const graph = createGraph()
  const hidden = graph.input('hidden', [ROWS, WIDTH])
  const head = graph.input('head', [VOCABULARY, WIDTH])
  const shares = graph.input('shares', [ROWS])
  const scores = scoreTokens(hidden, head, graph.input('targets', [ROWS], 'int64'), forGradient, together)
  const outputs = { logProbabilities: scores.logProbabilities, entropies: scores.entropies }
  const [dHidden, dHead] = forGradient ? differentiate(sum(multiply(scores.logProbabilities, shares)), [hidden, head]) : []
  const program = await compile({ ...outputs, ...(forGradient ? { dHidden: dHidden!, dHead: dHead! } : {}) }, { device: 'cpu', threads: 1 })
  const given = Object.fromEntries(program.inputNames.map((name) => [name, feeds[name as keyof typeof feeds]]))
  const made = await program.run(given)
  await program.release()
  return made as Record<string, Float32Array>
}

describe('scoreTokens', () => {
  it.each([3, 4, 10])('gives the same scores and gradients %i rows at a time as all at once', async (together) => {
    const whole = await scored(ROWS)
    const parts = await scored(together)
    for (const [name, values] of Object.entries(whole)) {
      parts[name].forEach((value, i) => expect(Math.abs(value - values[i]), `${name} ${i}`).toBeLessThan(2e-5))
    }
  })

  it('makes no direction where nothing is differentiated', async () => {
    const { logProbabilities, entropies } = await scored(4, false)
    const whole = await scored(ROWS)
    logProbabilities.forEach((value, i) => expect(value).toBeCloseTo(whole.logProbabilities[i], 5))
    entropies.forEach((value, i) => expect(value).toBeCloseTo(whole.entropies[i], 5))
  })

  it('takes fewer rows together the larger the vocabulary is', () => {
    expect(scoredTogether(2048)).toBe(16384)
    expect(scoredTogether(151_936)).toBe(220)
  })
})
