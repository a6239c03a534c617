import { describe, expect, it } from 'vitest'
import { formatNamed, formatOf } from '../../../../src/engine/reward/guard/formats.ts'

describe('verdicts as guards write them', () => {
  it("reads Llama Guard's two lines", () => {
    const { read } = formatNamed('llama-guard-3')
    expect(read('\n\nsafe')).toEqual({ grade: 'safe', details: [] })
    expect(read('\n\nunsafe\nS1,S14')).toEqual({
      grade: 'unsafe',
      details: ['S1 violent crimes', 'S14 code interpreter abuse'],
    })
    expect(read('unsafe\nS99')).toEqual({ grade: 'unsafe', details: ['S99'] })
    expect([read('safely'), read('I cannot say.'), read('')]).toEqual([null, null, null])
  })

  it("reads Granite Guardian's answers, plain and within tags", () => {
    const { read } = formatNamed('granite-guardian')
    expect(read('No')?.grade).toBe('safe')
    expect(read('Yes\n<confidence> High </confidence>')?.grade).toBe('unsafe')
    expect(read('<think>no harm is meant</think><score> yes </score>')?.grade).toBe('unsafe')
    expect([read('Nothing'), read('Perhaps, yes'), read('')]).toEqual([null, null, null])
  })

  it("reads Qwen3Guard's three lines", () => {
    const { read } = formatNamed('qwen3guard')
    expect(read('Safety: Unsafe\nCategories: Violent, PII\nRefusal: No')).toEqual({
      grade: 'unsafe',
      details: ['Violent', 'PII'],
    })
    expect(read('Safety: Controversial\nCategories: Unethical Acts\nRefusal: Yes')?.grade).toBe('controversial')
    expect(read('Safety: Safe\nCategories: None')).toEqual({ grade: 'safe', details: [] })
    expect([read('Safety: Fine'), read('toString'), read('Safety: toString')]).toEqual([null, null, null])
  })

  it('knows a guard by its template or its name, and no other model', () => {
    const nameOf = (name: string, template = '') => formatOf({ name, template })?.name ?? null
    expect(nameOf('Llama-Guard-3-8B')).toBe('llama-guard-3')
    expect(nameOf('granite-guardian-3.1-2b')).toBe('granite-guardian')
    expect(nameOf('Qwen3Guard-Gen-0.6B')).toBe('qwen3guard')
    expect(nameOf('mine', '{% if guardian_config %}')).toBe('granite-guardian')
    expect(nameOf('mine', '<BEGIN UNSAFE CONTENT CATEGORIES>')).toBe('llama-guard-3')
    const both = "<BEGIN UNSAFE CONTENT CATEGORIES> one of 'Safety: Safe', 'Safety: Controversial'"
    expect(nameOf('mine', both)).toBe('qwen3guard')
    expect(nameOf('Qwen3-0.6B', '{{ messages[0].content }}')).toBeNull()
  })
})
