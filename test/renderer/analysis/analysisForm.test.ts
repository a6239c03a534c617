import { describe, expect, test } from 'vitest'
import { cuesOf, firstForm, formOf, kinds, requestOf, requestWords, wordLines, withKind, type AnalysisForm } from '../../../src/renderer/features/analysis/analysisForm.ts'
import { AnalysisRequest } from '../../../src/shared/analysis.ts'

const filled: AnalysisForm = {
  ...firstForm,
  runId: 'r',
  arms: ['rl'],
  words: 'wait , hmm\n\n but then ',
  models: [{ kind: 'model', model: 'harbor' }],
  train: { harbor: 'sft', split: 'train', count: 10 },
  heldOut: { harbor: 'sft', split: 'held-out', count: 10 },
  forkingPercent: 12.5,
  bins: 7,
}

function requestFrom(form: AnalysisForm): AnalysisRequest {
  const made = requestOf(form)
  if ('missing' in made) throw new Error(made.missing)
  return made.request
}

describe('a word list', () => {
  test('is known by its name until it is changed', () => {
    expect(cuesOf(wordLines('cyclic-reflex'))).toBe('cyclic-reflex')
    expect(cuesOf(`${wordLines('r1')}\nhmm`)).toHaveLength(11)
  })
  test('holds what stands between lines and commas', () => {
    expect(cuesOf(filled.words)).toEqual(['wait', 'hmm', 'but then'])
  })
})

describe('a request', () => {
  test.each(kinds.map(({ kind }) => kind))('of %s comes back from its fields as it was', (kind) => {
    const request = requestFrom({ ...filled, kind })
    expect(request.kind).toBe(kind)
    expect(requestFrom(formOf(request, firstForm))).toEqual(request)
  })
  test('takes no arm for all arms, and percent for a share', () => {
    expect(requestFrom({ ...filled, arms: [] })).toMatchObject({ arms: null })
    expect(requestFrom({ ...filled, kind: 'entropy' })).toMatchObject({ forkingShare: 0.125, arms: ['rl'] })
  })
  test.each(kinds.map(({ kind }) => kind).filter((kind) => kind !== 'memorisation'))(
    'of %s looks at the same prompts by default as one that names none, and at those that were chosen',
    (kind) => {
      const unnamed = AnalysisRequest.parse({ kind, runId: 'r' })
      expect(requestFrom(withKind({ ...filled, role: null }, kind))).toHaveProperty('role', 'role' in unnamed && unnamed.role)
      expect(withKind({ ...filled, role: 'benign' }, kind).role).toBe('benign')
      expect(withKind(withKind({ ...filled, role: null }, kind), 'length').role).toBeNull()
    },
  )
  test('is told apart from others of its kind by what is unusual in it', () => {
    const usual = { ...firstForm, runId: 'r' }
    expect(requestWords(requestFrom(usual))).toBe('')
    expect(requestWords(requestFrom({ ...filled, phase: 'train', seed: 1 }))).toBe('rl; seed 1; samples of training; own words')
    expect(requestWords(requestFrom({ ...usual, kind: 'outcomeReflection', role: null }))).toBe('all prompts')
    expect(requestWords(requestFrom({ ...usual, words: wordLines('cyclic-reflex') }))).toBe('CyclicReflex')
    expect(requestWords(requestFrom({ ...filled, kind: 'memorisation' }))).toBe('1 model')
  })
  test('says what it still needs', () => {
    expect(requestOf(firstForm)).toEqual({ missing: 'Choose a run.' })
    expect(requestOf({ ...filled, kind: 'memorisation', models: [] })).toEqual({ missing: 'Choose the models to ask.' })
    expect(requestOf({ ...filled, kind: 'memorisation', heldOut: null })).toHaveProperty('missing')
    const wordless = requestOf({ ...filled, words: ' \n ' })
    expect('missing' in wordless && wordless.missing).toMatch(/^Reflection cues: /)
  })
})
