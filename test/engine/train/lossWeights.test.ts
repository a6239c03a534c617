import { expect, it } from 'vitest'
import { lossWeights } from '../../../src/engine/train/lossWeights.ts'

const masks = [Uint8Array.of(1, 0, 1), Uint8Array.of(1), Uint8Array.of(0, 0)]
const rounded = (weights: Float32Array[]) => weights.map((row) => [...row].map((w) => Number(w.toFixed(6))))

it('weighs each sequence alike under the sequence normaliser, and its tokens alike', () => {
  expect(rounded(lossWeights(masks, 'sequence', 0))).toEqual([[0.25, 0, 0.25], [0.5], [0, 0]])
})

it('weighs each loss token alike under the batch normaliser', () => {
  expect(rounded(lossWeights(masks, 'batch', 0))).toEqual([[0.333333, 0, 0.333333], [0.333333], [0, 0]])
})

it('divides by a constant length under the constant normaliser, not counting sequences without loss', () => {
  expect(rounded(lossWeights(masks, 'constant', 5))).toEqual([[0.1, 0, 0.1], [0.1], [0, 0]])
})
