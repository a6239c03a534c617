import { expect, it } from 'vitest'
import { rolloutMetrics } from '../../../../src/engine/train/policy/rolloutMetrics.ts'
import type { Trajectory } from '../../../../src/shared/trajectory.ts'
import { wordPrompt } from './tinySampler.ts'

function trajectory(changes: Partial<Trajectory>): Trajectory {
  return {
    id: 'a',
    phase: 'train',
    step: 1,
    prompt: wordPrompt(1),
    sampleIndex: 0,
    thinking: true,
    promptTokens: Int32Array.of(1),
    tokens: Int32Array.of(1),
    logProbabilities: Float32Array.of(-1),
    entropies: Float32Array.of(1),
    text: '',
    split: { state: 'no-thought', thought: '', response: '' },
    verdicts: [],
    compliance: null,
    correctness: null,
    rewardParts: {},
    reward: null,
    advantage: null,
    finish: 'stop',
    ...changes,
  }
}

it('averages rewards over those that have one, parts over those that have the part, entropy over tokens', () => {
  const metrics = rolloutMetrics([
    trajectory({ reward: 1, rewardParts: { safety: 1 } }),
    trajectory({ reward: 0.5, rewardParts: { safety: 0, format: 1 }, finish: 'length' }),
    trajectory({ tokens: Int32Array.of(1, 2), entropies: Float32Array.of(0, 0.5) }),
  ])
  expect(metrics).toEqual({
    reward: 0.75,
    'reward.safety': 0.5,
    'reward.format': 1,
    unscoredRewards: 1,
    completionTokens: 4 / 3,
    lengthLimited: 1 / 3,
    tokens: 4,
    entropy: 2.5 / 4,
  })
})

it('leaves a mean out, rather than calling it 0, where there is nothing to average', () => {
  expect(rolloutMetrics([trajectory({})])).not.toHaveProperty('reward')
})
