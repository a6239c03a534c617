import { expect, test } from 'vitest'
import { copyableJson } from '../../../src/renderer/features/trajectories/copyable.ts'
import type { TrajectoryDetail } from '../../../src/shared/rpc/trajectories.ts'

const detail: TrajectoryDetail = {
  row: {
    id: 3, runId: 'r', arm: 'rl', seed: 0, phase: 'train', step: 1, sampleIndex: 0, role: 'harmful', category: 'theft',
    splitState: 'complete', verdicts: { thought: 'unsafe', response: 'safe', whole: 'unsafe' }, compliance: null,
    correctness: null, reward: 0.1, label: null, hasNote: false,
    texts: { prompt: 'how do i', thought: 'first', response: 'no' }, snippet: null,
  },
  key: 'train/1/how-do-i/0', thinking: true, finish: 'stop', source: 's', tokenCount: 3, meanLogProbability: -0.5, meanEntropy: 0.5, advantage: 0, rewardParts: {},
  verdicts: [], note: '',
  texts: { prompt: 'how do i', answer: null, thought: 'first', response: 'no', whole: '<think> first </think> no' },
}

test('copies texts once, in full', () => {
  expect(JSON.parse(copyableJson(detail, { tokens: null }))).toMatchObject({ arm: 'rl', step: 1, texts: { thought: 'first' } })
})

test('copies no word of what is hidden', () => {
  const text = copyableJson({ ...detail, texts: null, row: { ...detail.row, texts: null } }, { tokens: null })
  expect(text).not.toMatch(/how|first/)
  expect(JSON.parse(text)).toMatchObject({ texts: 'hidden', category: 'theft' })
})
