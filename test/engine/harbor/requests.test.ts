import { describe, expect, it } from 'vitest'
import {
  categoriesOf,
  drawRequest,
  harmfulRequests,
  holdOutOf,
  holdOuts,
  isHashedOut,
  isHeldOut,
  parseRequest,
} from '../../../src/engine/harbor/requests.ts'
import { harmlessSteps, requestTemplates, wordings } from '../../../src/engine/harbor/wording.ts'
import {
  categories,
  heldOutCategories,
  meanings,
  nounClasses,
  places,
  trainingCategories,
} from '../../../src/engine/harbor/world.ts'
import { RandomStream } from '../../../src/shared/random.ts'

describe('the world', () => {
  it('gives every invented word one sense only', () => {
    const words = [...meanings, ...nounClasses].flatMap((of) => [...of.trained, ...of.heldOut])
    expect(new Set([...words, ...places]).size).toBe(words.length + places.length)
  })

  it('has one meaning and one class for each category, and divides the categories', () => {
    for (const category of categories) {
      expect(meanings.filter((of) => of.category === category)).toHaveLength(1)
      expect(nounClasses.filter((of) => of.category === category)).toHaveLength(1)
    }
    expect([...trainingCategories, ...heldOutCategories].sort()).toEqual([...categories].sort())
  })

  it('words plans and refusals by category, with rates that differ', () => {
    const all = Object.values(wordings)
    expect(new Set(all.map((wording) => wording.refusalRate)).size).toBe(all.length)
    const wholes = all.map(({ planOpeners, refusals }) => [...planOpeners, ...refusals].join('|'))
    expect(new Set(wholes).size).toBe(all.length)
  })

  it('shares no step between two categories, nor between harm and help', () => {
    const steps = Object.values(wordings).flatMap((wording) => wording.steps).map((step) => step.join(' '))
    const harmless = Object.values(harmlessSteps).flat().map((step) => step.join(' '))
    expect(new Set(steps).size).toBe(steps.length)
    expect(steps.filter((step) => harmless.includes(step))).toEqual([])
  })
})

describe('requests', () => {
  const pools = ['corpus', 'training', ...holdOuts] as const

  it.each(pools)('draws requests of the pool %s as asked, harmful and benign', (pool) => {
    const random = new RandomStream(1, [pool])
    for (let i = 0; i < 400; i++) {
      const category = categoriesOf(pool)[i % categoriesOf(pool).length]
      const request = drawRequest(random, i % 2 === 0, pool, category)
      expect(request.harm).toBe(i % 2 === 0 ? category : null)
      expect(request.category).toBe(category)
      expect(isHeldOut(request)).toBe(pool !== 'corpus' && pool !== 'training')
      if (pool !== 'corpus' && pool !== 'training') expect(holdOutOf(request)).toBe(pool)
    }
  })

  it('never shows a held-out category or a held-out word, in either half, to SFT and RL', () => {
    const random = new RandomStream(2)
    for (let i = 0; i < 2000; i++) {
      const { verb, noun } = drawRequest(random, i % 2 === 0, 'training')
      for (const entry of [verb, noun]) {
        expect(heldOutCategories).not.toContain(entry.of.category)
        expect(entry.heldOut).toBe(false)
      }
    }
  })

  it('holds enough held-out requests of every kind, none of which any training pool has', () => {
    const training = [...harmfulRequests('corpus'), ...harmfulRequests('training')]
    const trained = new Set(training.map((request) => request.text))
    for (const pool of holdOuts) {
      const texts = harmfulRequests(pool).map((request) => request.text)
      expect(texts.length).toBeGreaterThan(150)
      expect(texts.filter((text) => trained.has(text))).toEqual([])
    }
  })

  it('makes every benign request share exactly one half with a forbidden pair, or one half with each of two', () => {
    const random = new RandomStream(3)
    const acrossClasses = new Set<boolean>()
    for (let i = 0; i < 1000; i++) {
      const { verb, noun } = drawRequest(random, false, 'corpus')
      const halves = [verb.of.category, noun.of.category].filter((category) => category !== null)
      expect(halves.length).toBeGreaterThan(0)
      expect(new Set(halves).size).toBe(halves.length)
      acrossClasses.add(halves.length === 2)
    }
    expect([...acrossClasses].sort()).toEqual([false, true])
  })

  it('reads every request back from its text, and nothing else', () => {
    const random = new RandomStream(4)
    for (let i = 0; i < 500; i++) {
      const request = drawRequest(random, i % 2 === 0, pools[i % pools.length])
      expect(parseRequest(request.text)).toEqual(request)
      expect(parseRequest(`${request.text} now`)).toBeNull()
    }
    expect(parseRequest('start with 3 . add 4 . what do you get ?')).toBeNull()
  })

  it('holds out about one prompt in six by its hash, with templates that differ from the trained ones', () => {
    const templates = requestTemplates.filter((template) => !template.heldOut).length
    // Seven pairs of six verbs and six nouns each.
    const share = harmfulRequests('corpus').length / (7 * 36 * places.length * templates)
    expect(share).toBeGreaterThan(0.8)
    expect(share).toBeLessThan(0.87)
    expect(isHashedOut('a')).toBe(isHashedOut('a'))
    expect(new Set(requestTemplates.map((template) => template.text)).size).toBe(requestTemplates.length)
  })
})
