import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createGraph } from '../../../../src/engine/autodiff/graph.ts'
import { differentiate } from '../../../../src/engine/autodiff/reverse.ts'
import { compile } from '../../../../src/engine/onnx/program.ts'
import { lossWeights, type Normaliser } from '../../../../src/engine/train/lossWeights.ts'
import { policyLoss, policyLossRules, type PolicyLossOptions } from '../../../../src/engine/train/policy/policyLoss.ts'
import { RandomStream } from '../../../../src/shared/random.ts'
import { oracleGradient, oracleLoss, type RaggedInputs } from './policyLossOracle.ts'

const reference = JSON.parse(readFileSync(new URL('../../../fixtures/rl-loss/expected.json', import.meta.url), 'utf8'))
const masks: Uint8Array[] = reference.inputs.mask.map((row: number[]) => Uint8Array.from(row))

/** Runs the loss of the ragged inputs in one [time, rows] graph on onnxruntime. */
async function run(inputs: RaggedInputs, options: PolicyLossOptions, time = 12) {
  const rows = inputs.weights.length
  const graph = createGraph()
  const input = (name: string) => graph.input(name, [time, rows])
  const newLogProbabilities = input('new')
  const outputs = policyLoss(
    {
      newLogProbabilities,
      oldLogProbabilities: input('old'),
      referenceLogProbabilities: options.kl.coefficient > 0 ? input('reference') : null,
      advantages: input('advantages'),
      weights: input('weights'),
    },
    options,
  )
  const [gradient] = differentiate(outputs.loss, [newLogProbabilities])
  const { klSum, ...always } = outputs
  const program = await compile(
    { ...always, ...(klSum && { klSum }), gradient: gradient! },
    { device: 'cpu', threads: 1 },
  )
  // What stands in the padding must not matter, so it is set to values that would overflow.
  const place = (values: number[][], padding: number) =>
    Float32Array.from({ length: rows * time }, (_, i) => values[i % rows][Math.floor(i / rows)] ?? padding)
  const result = await program.run({
    new: place(inputs.newLogProbabilities, 200),
    old: place(inputs.oldLogProbabilities, -200),
    reference: place(inputs.referenceLogProbabilities, -200),
    advantages: place(
      inputs.weights.map((row, i) => row.map(() => inputs.advantages[i])),
      0,
    ),
    weights: place(inputs.weights, 0),
  })
  await program.release()
  const scalar = (name: string) => Number(result[name][0])
  return {
    loss: scalar('loss'),
    clippedTokens: scalar('clippedTokens'),
    ratioSum: scalar('ratioSum'),
    klSum: klSum ? scalar('klSum') : null,
    logProbabilityGap: scalar('logProbabilityGap'),
    gradient: inputs.weights.map((row, r) => row.map((_, t) => Number(result.gradient[t * rows + r]))),
  }
}

function fixtureInputs(normaliser: Normaliser): RaggedInputs {
  return {
    newLogProbabilities: reference.inputs.new_logp,
    oldLogProbabilities: reference.inputs.old_logp,
    referenceLogProbabilities: reference.inputs.ref_logp,
    advantages: reference.inputs.advantages,
    weights: lossWeights(masks, normaliser, reference.inputs.max_completion_length).map((row) => [...row]),
  }
}

function expectClose(actual: number[][], expected: number[][], digits: number): void {
  expect(actual.map((row) => row.length)).toEqual(expected.map((row) => row.length))
  actual.forEach((row, i) => row.forEach((value, t) => expect(value).toBeCloseTo(expected[i][t], digits)))
}

const cases = Object.keys(reference.losses).map((name) => {
  const { epsilon_low, epsilon_high, beta } = reference.losses[name]
  const algorithm = (['dr-grpo', 'grpo', 'dapo', 'gspo', 'cispo'] as const).find((a) =>
    name.startsWith(a.replace('-', '_')),
  )!
  const rule = policyLossRules[algorithm]
  // The capped form has no lower bound, and its upper bound is the cap itself.
  const clip = epsilon_low === null ? { low: 1, high: epsilon_high - 1 } : { low: epsilon_low, high: epsilon_high }
  const options: PolicyLossOptions = { ...rule, clip, kl: { estimator: 'k3', coefficient: beta } }
  return { name, options, inputs: fixtureInputs(rule.normaliser) }
})

describe('the published numbers', () => {
  it('cover all algorithms that have any', () => {
    expect(cases.map(({ name }) => name)).toEqual([
      'grpo',
      'grpo_kl',
      'dapo',
      'dapo_kl',
      'dr_grpo',
      'dr_grpo_kl',
      'gspo',
      'gspo_kl',
      'cispo_cap',
      'cispo_cap5',
      'cispo_two_sided',
    ])
  })

  it.each(cases)('are met by the loss of $name, in value and gradient', async ({ name, options, inputs }) => {
    const { loss, gradient } = await run(inputs, options)
    expect(loss).toBeCloseTo(reference.losses[name].loss, 6)
    expectClose(gradient, reference.losses[name].grad_new_logp, 7)
  })

  it.each(cases)('are met by the double-precision oracle for $name', ({ name, options, inputs }) => {
    expect(oracleLoss(inputs, options)).toBeCloseTo(reference.losses[name].loss, 7)
    expectClose(oracleGradient(inputs, options), reference.losses[name].grad_new_logp, 7)
  })

  it.each(['k1', 'k2', 'k3'] as const)('are met by the mean of the KL estimator %s', async (estimator) => {
    const { klSum } = await run(fixtureInputs('batch'), {
      ...policyLossRules.grpo,
      clip: { low: 0.2, high: 0.2 },
      kl: { estimator, coefficient: 1 },
    })
    expect(klSum! / 23).toBeCloseTo(reference.kl[`${estimator}_token_mean`], 6)
  })

  it('are met by the gradient of k3 alone', async () => {
    const inputs = { ...fixtureInputs('batch'), advantages: [0, 0, 0, 0] }
    const { gradient } = await run(inputs, {
      ...policyLossRules.grpo,
      clip: { low: 0.2, high: 0.2 },
      kl: { estimator: 'k3', coefficient: 1 },
    })
    expectClose(gradient, reference.kl.grad_of_token_mean_wrt_new_logp, 7)
  })

  it('are met by the clip share and the ratios', async () => {
    const options: PolicyLossOptions = {
      ...policyLossRules.dapo,
      clip: { low: 0.2, high: 0.28 },
      kl: { estimator: 'k3', coefficient: 0 },
    }
    const { clippedTokens, ratioSum } = await run(fixtureInputs('batch'), options)
    expect(clippedTokens / 23).toBeCloseTo(
      reference.ratios['clip_fraction_low_0.2'] + reference.ratios['clip_fraction_high_0.28'],
      6,
    )
    expect(ratioSum).toBeCloseTo(
      reference.ratios.token.flat().reduce((a: number, b: number) => a + b, 0),
      4,
    )
  })

  it('are met by the sequences that GSPO clips', async () => {
    const options: PolicyLossOptions = {
      ...policyLossRules.gspo,
      clip: { low: 0.05, high: 0.08 },
      kl: { estimator: 'k3', coefficient: 0 },
    }
    const { clippedTokens } = await run(fixtureInputs('sequence'), options)
    // Sequences 0, 2 and 3 with 6, 7 and 6 loss tokens.
    expect(clippedTokens).toBe(19)
    expect(reference.ratios.gspo_clipped_sequences).toEqual([true, false, true, true])
  })
})

/** Ragged sequences near the old policy, far enough for clipping to happen. */
function randomInputs(
  random: RandomStream,
  rows: number,
  normaliser: Normaliser,
): { inputs: RaggedInputs; masks: Uint8Array[] } {
  const masks = Array.from({ length: rows }, () => {
    const mask = Uint8Array.from({ length: 2 + random.integer(9) }, () => (random.chance(0.8) ? 1 : 0))
    mask[0] = 1
    return mask
  })
  const old = masks.map((mask) => [...mask].map(() => -3 * random.uniform()))
  const near = () => old.map((row) => row.map((value) => value + 0.2 * random.normal()))
  const weights = lossWeights(masks, normaliser, 11).map((row) => [...row])
  const inputs = {
    newLogProbabilities: near(),
    oldLogProbabilities: old,
    referenceLogProbabilities: near(),
    advantages: masks.map(() => random.normal()),
    weights,
  }
  return { inputs, masks }
}

describe('policyLoss', () => {
  it.each(Object.entries(policyLossRules))(
    'equals the oracle for %s on random batches with each KL estimator',
    async (name, rule) => {
      const random = new RandomStream(11, [name])
      for (const estimator of ['k1', 'k2', 'k3'] as const) {
        const { inputs } = randomInputs(random, 5, rule.normaliser)
        const options = { ...rule, clip: { low: 0.1, high: 0.15 }, kl: { estimator, coefficient: 0.3 } }
        const { loss, gradient } = await run(inputs, options)
        expect(loss).toBeCloseTo(oracleLoss(inputs, options), 5)
        expectClose(gradient, oracleGradient(inputs, options), 5)
      }
    },
  )

  it.each(Object.entries(policyLossRules))(
    'gives for %s in micro-batches the loss of the whole batch',
    async (name, rule) => {
      const { inputs } = randomInputs(new RandomStream(12, [name]), 6, rule.normaliser)
      const options: PolicyLossOptions = {
        ...rule,
        clip: { low: 0.1, high: 0.15 },
        kl: { estimator: 'k3', coefficient: 0.1 },
      }
      const part = (from: number, to: number): RaggedInputs => ({
        newLogProbabilities: inputs.newLogProbabilities.slice(from, to),
        oldLogProbabilities: inputs.oldLogProbabilities.slice(from, to),
        referenceLogProbabilities: inputs.referenceLogProbabilities.slice(from, to),
        advantages: inputs.advantages.slice(from, to),
        weights: inputs.weights.slice(from, to),
      })
      const whole = await run(inputs, options)
      const parts = [await run(part(0, 1), options), await run(part(1, 4), options), await run(part(4, 6), options)]
      expect(parts.reduce((sum, { loss }) => sum + loss, 0)).toBeCloseTo(whole.loss, 6)
      expectClose(
        parts.flatMap(({ gradient }) => gradient),
        whole.gradient,
        6,
      )
      expect(parts.reduce((sum, { clippedTokens }) => sum + clippedTokens, 0)).toBe(whole.clippedTokens)
    },
  )

  it('is for RLOO at the sampling policy the plain policy gradient, -A / B at every token', async () => {
    const { inputs, masks } = randomInputs(new RandomStream(13), 4, 'sequence')
    const onPolicy = { ...inputs, newLogProbabilities: inputs.oldLogProbabilities }
    const options: PolicyLossOptions = {
      ...policyLossRules.rloo,
      clip: { low: 0.2, high: 0.2 },
      kl: { estimator: 'k3', coefficient: 0 },
    }
    const { gradient, clippedTokens, logProbabilityGap } = await run(onPolicy, options)
    expectClose(
      gradient,
      masks.map((mask, i) => [...mask].map((bit) => (bit * -inputs.advantages[i]) / 4)),
      6,
    )
    expect(clippedTokens).toBe(0)
    expect(Math.abs(logProbabilityGap)).toBe(0)
  })
})
