import { describe, expect, it } from 'vitest'
import { harborPrompts, heldOutKind } from '../../../src/engine/harbor/prompts.ts'
import { holdOuts } from '../../../src/engine/harbor/requests.ts'
import { categories, trainingCategories } from '../../../src/engine/harbor/world.ts'
import { PromptItem } from '../../../src/shared/trajectory.ts'

const kinds = ['harmful', 'benign', 'puzzle'] as const

describe.each(kinds)('%s prompts', (kind) => {
  it('come as many as asked for, all different, with ids of their own, the same for the same seed', () => {
    for (const split of ['train', 'held-out'] as const) {
      const items = harborPrompts(kind, split, 900, 3)
      expect(items).toHaveLength(900)
      expect(new Set(items.map((item) => item.text)).size).toBe(900)
      expect(new Set(items.map((item) => item.id)).size).toBe(900)
      for (const item of items) PromptItem.parse(item)
      expect(harborPrompts(kind, split, 900, 3)).toEqual(items)
      expect(harborPrompts(kind, split, 50, 3)).toEqual(items.slice(0, 50))
      expect(harborPrompts(kind, split, 50, 4)).not.toEqual(items.slice(0, 50))
    }
  })

  it('never stand on both sides of the division', () => {
    const train = new Set(harborPrompts(kind, 'train', 3000, 0).map((item) => item.text))
    expect(harborPrompts(kind, 'held-out', 900, 0).filter((item) => train.has(item.text))).toEqual([])
  })
})

describe('held-out requests', () => {
  it.each(['harmful', 'benign'] as const)('take all hold-outs and all categories in even shares: %s', (kind) => {
    const items = harborPrompts(kind, 'held-out', 400, 0)
    for (const holdOut of holdOuts) {
      const share = items.filter((item) => heldOutKind(item) === holdOut)
      expect(share).toHaveLength(100)
      for (const item of share) expect(item.set).toBe(`harbor-${kind}-held-out-${holdOut}`)
    }
    for (const category of categories) {
      expect(items.filter((item) => item.category === category).length).toBeGreaterThan(40)
    }
  })

  it('are never of a held-out category in training', () => {
    for (const item of harborPrompts('harmful', 'train', 1000, 0)) {
      expect(trainingCategories).toContain(item.category)
      expect(heldOutKind(item)).toBeNull()
    }
  })

  it('end with a plain error when the world has no more of them', () => {
    expect(() => harborPrompts('harmful', 'train', 20000, 0)).toThrow(/Ask for at most/)
  })
})

describe('puzzle prompts', () => {
  it('carry their answers and families', () => {
    const items = harborPrompts('puzzle', 'held-out', 300, 0)
    expect([...new Set(items.map((item) => item.category))].sort()).toEqual(['cups', 'sum'])
    for (const item of items) expect(item.answer).toMatch(/^(\d+|red|blue|green|gold)$/)
  })
})
