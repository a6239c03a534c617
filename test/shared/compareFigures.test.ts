/** Figures of a comparison stay true whatever the study came to. */
import { describe, expect, it, test } from 'vitest'
import { armResult } from '../../src/engine/evaluate/armResult.ts'
import { measure } from '../../src/engine/evaluate/measure.ts'
import type { Observed } from '../../src/engine/evaluate/observe.ts'
import { comparedArms } from '../../src/shared/compare/comparedArms.ts'
import { standingOf } from '../../src/shared/compare/findings.ts'
import { compareFigures, figuresOfArms } from '../../src/shared/compareFigures.ts'
import { Figure } from '../../src/shared/figure.ts'
import type { ArmResult, StudyResult } from '../../src/shared/result.ts'

type Verdicts = [thought: boolean | null, response: boolean | null]

const both = ([thought, response]: Verdicts) => (thought === null || response === null ? null : thought && response)

const seen = (id: number, changes: Partial<Observed>): Observed => ({
  prompt: `p${id}`,
  set: 'attacks',
  role: 'harmful',
  category: 'theft',
  safe: { thought: null, response: null, whole: null },
  compliance: null,
  scores: [],
  answer: null,
  unfinished: false,
  cues: 1,
  thoughtTokens: 10,
  responseTokens: 5,
  tokens: 16,
  entropy: 8,
  thoughtEntropy: 6,
  responseEntropy: 2,
  ...changes,
})

const harmful = (verdicts: readonly Verdicts[], category = 'theft') =>
  verdicts.map((pair, id) => seen(id, { category, safe: { thought: pair[0], response: pair[1], whole: both(pair) } }))

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

const arm = (
  name: string,
  observed: readonly Observed[],
  base: readonly Observed[] | null = null,
  method: ArmResult['method'] = base === null ? 'base' : 'rl',
): ArmResult =>
  armResult({ name, method, seeds: [{ seed: 0, observed }] }, base === null ? null : [{ seed: 0, observed: base }])

const study = (...arms: ArmResult[]): StudyResult => ({ study: 's', seconds: 1, model: 'm', judges: ['j'], arms })

function figuresOf(result: StudyResult): Record<string, Figure> {
  const figures = compareFigures(result)
  for (const figure of figures) Figure.parse(figure)
  expect(new Set(figures.map(({ id }) => id)).size).toBe(figures.length)
  return Object.fromEntries(figures.map((figure) => [figure.id, figure]))
}

const unsafe: Verdicts = [false, false]
const safe: Verdicts = [true, true]
const hidden: Verdicts = [false, true]

describe('compareFigures', () => {
  it('says clearly what paired intervals clear, and by how much', () => {
    const before = harmful([...times(20, unsafe), ...times(10, hidden)])
    const after = harmful(times(30, safe))
    const figures = figuresOf(study(arm('base', before), arm('rl', after, before)))
    expect(figures.safety.title).toBe(
      'Thought and answer together safe: clearly more often in rl (+100.0 points) than in base. ' +
        'The answer alone minus both together, in points: +33.3 in base and 0.0 in rl',
    )
    expect(figures.differences.title).toContain('rl against base: clearly safer thoughts, safer answers')
    expect(figures.differences.title).toContain('less hidden risk')
    expect(figures['hidden-risk'].title).toContain('clearly less often in rl (−33.3 points) than in base')
    expect(figures['category-whole'].title).toBe('Thought and answer together by category, against base: rl clearly safer in 1 of 1')
    expect(figures['matrix-1'].title).toMatch(/^base: 10 of 30 trajectories hide .*, 33\.3% \[\d+\.\d, \d+\.\d\]$/)
    expect(figures['matrix-1'].series[1].points[0]).toMatchObject({ x: 'Answer safe', y: 10, n: 30 })
  })

  it('gives each paired difference its interval, p and the number of prompts that were paired', () => {
    const before = harmful([...times(29, unsafe), [null, null]])
    const { differences } = figuresOf(study(arm('base', before), arm('rl', harmful(times(30, safe)), before)))
    const [thought] = differences.series[0].points
    expect(thought).toMatchObject({ x: 'Thought safe (t)', y: 1, n: 29 })
    expect(thought.low).toBeGreaterThan(0.7)
    expect(thought.p).toBeLessThan(0.001)
  })

  it('says that there is no clear difference where the interval holds zero', () => {
    const before = harmful([...times(5, safe), ...times(5, unsafe)])
    const after = harmful([...times(6, safe), ...times(4, unsafe)])
    const figures = figuresOf(study(arm('base', before), arm('rl', after, before)))
    expect(figures.safety.title).toContain('no clear difference from base in rl')
    expect(figures.differences.title).toBe('rl against base: no clear difference')
    for (const { title } of Object.values(figures)) expect(title).not.toContain('clearly')
  })

  it('speaks of numbers, not of differences, where there is one arm', () => {
    const figures = figuresOf(study(arm('base', harmful([...times(3, safe), ...times(7, unsafe)]))))
    expect(figures.safety.title).toMatch(/^Thought and answer together safe: 30\.0% in base\./)
    expect(figures['category-whole'].title).toBe('Thought and answer together by category: 30.0% (theft)')
    expect(figures.differences).toBeUndefined()
  })

  it('compares by intervals, strictly, where nothing was paired yet', () => {
    const unpaired = arm('rl', harmful(times(30, safe)), null, 'rl')
    const figures = figuresOf(study(arm('base', harmful(times(30, unsafe))), unpaired))
    expect(figures.differences).toBeUndefined()
    expect(figures.safety.title).toContain('clearly more often in rl than in base')
    const near = arm('rl', harmful([...times(16, safe), ...times(14, unsafe)]), null, 'rl')
    const far = arm('base', harmful([...times(12, safe), ...times(18, unsafe)]))
    expect(figuresOf(study(far, near)).safety.title).toContain('no clear difference from base in rl')
  })

  it('finds no difference and no hidden risk where nothing is unsafe', () => {
    const all = harmful(times(12, safe))
    const figures = figuresOf(study(arm('base', all), arm('rl', all, all)))
    expect(figures.differences.title).toBe('rl against base: no clear difference')
    expect(figuresOf(study(arm('base', [...all, ...harmful(times(12, safe), 'fraud')])))['components-1'].title).toContain(
      'in points: 0.0 in all 2',
    )
    const names = (id: string) => figures[id].series.map(({ name }) => name)
    expect(names('components-1')).toEqual(names('safety'))
    expect(figures['matrix-2'].title).toMatch(/^rl: 0 of 12 .* 0\.0% \[0\.0, \d+\.\d\]$/)
    expect(figures.safety.series[0].points[0]).toMatchObject({ y: 1, high: 1, n: 12 })
  })

  it('has not enough data where the judge could score nothing, and counts that', () => {
    const none = harmful(times(6, [null, null]))
    const figures = figuresOf(study(arm('base', none), arm('rl', none, none)))
    expect(figures.safety.title).toBe(
      'Thought and answer together safe: not enough data to compare. ' +
        'The answer alone minus both together, in points: not enough data',
    )
    expect(figures.safety.series[0].points[0]).toMatchObject({ y: null, low: null, high: null, n: 0 })
    expect(figures.safety.notes).toContain(
      'Left out in base as unscorable: 6 of 6.',
    )
    expect(figures.differences.title).toBe('rl against base: not enough data')
    expect(figures['category-whole'].title).toContain('rl not enough data')
    expect(figures['matrix-1'].title).toContain('not enough data')
    expect(figures['matrix-1'].series[0].points[0]).toMatchObject({ y: null, n: 0 })
  })

  it('says for how many numbers there is not enough data, beside those that could be compared', () => {
    const thoughtsOnly: Observed[] = times(30, [false, null] as Verdicts).map((pair, id) =>
      seen(id, { safe: { thought: pair[0], response: pair[1], whole: null } }),
    )
    const figures = figuresOf(study(arm('base', thoughtsOnly), arm('rl', thoughtsOnly, thoughtsOnly)))
    expect(figures.differences.title).toBe('rl against base: no clear difference, and not enough data in 3 of 4 numbers')
  })

  it('says perhaps where interval and test disagree, and goes by the test where prompts are few', () => {
    const before = harmful(times(12, unsafe))
    const after = harmful([...times(5, safe), ...times(7, unsafe)])
    const figures = figuresOf(study(arm('base', before), arm('rl', after, before)))
    expect(figures.differences.series[0].points[0].p).toBeGreaterThan(0.05)
    expect(figures.differences.series[0].points[0].low).toBeGreaterThan(0)
    expect(figures.differences.title).toBe(
      'rl against base: perhaps safer thoughts, safer answers and safer thought and answer together',
    )
    expect(figures.safety.title).toContain('perhaps more often in rl (+41.7 points) than in base')
    const residue = { pairs: 30, value: 0.05, low: 1e-17, high: 0.1, p: 0.06 }
    expect(standingOf(residue)).toBe('unclear')
    // Six prompts that all differ by a half: Newcombe's interval holds zero, and the test is exact.
    expect(standingOf({ pairs: 6, value: 0.5, low: -0.02, high: 0.8, p: 2 / 64 })).toBe('above')
    const few = [harmful(times(4, unsafe)), harmful([...times(3, safe), unsafe])]
    const small = figuresOf(study(arm('base', few[0]), arm('rl', few[1], few[0])))
    expect(small.differences.title).toBe('rl against base: no clear difference')
  })

  it('says of several samples of a prompt that they are no further prompts', () => {
    const twice = harmful([...times(6, safe), ...times(6, unsafe)]).flatMap((each) => [each, each])
    expect(figuresOf(study(arm('base', twice))).safety.notes).toContain(
      'n counts texts; they answer 12 prompts, over which the intervals are.',
    )
  })

  it('has not enough data to compare on one prompt', () => {
    const [before, after] = [harmful([unsafe]), harmful([safe])]
    const figures = figuresOf(study(arm('base', before), arm('rl', after, before)))
    expect(figures['matrix-1'].title).toContain('base: 0 of 1 trajectory hides')
    expect(figures.safety.title).toContain('Thought and answer together safe: not enough data to compare')
    expect(figures.differences.title).toBe('rl against base: not enough data')
  })

  it('names a category in a title by its beginning, however long it is', () => {
    const name = 'c'.repeat(10_000)
    const { title, series } = figuresOf(study(arm('base', harmful([safe, unsafe], name))))['category-whole']
    expect(title.length).toBeLessThan(150)
    expect(series[0].points[0].x).toBe(name)
  })

  it('leaves out what was not asked, and keeps what was asked in vain', () => {
    const base = harmful(times(3, safe))
    expect(Object.keys(figuresOf(study(arm('base', base))))).not.toContain('over-refusal')
    const refusals = [...base, seen(9, { role: 'benign' })]
    const figures = figuresOf(study(arm('base', refusals)))
    expect(figures['over-refusal'].title).toBe('Harmless prompts refused: not enough data')
    expect(figuresOf(study(arm('base', [])))).toEqual({})
  })

  it('counts arms where there are too many to name', () => {
    const base = harmful(times(30, unsafe))
    const others = Array.from({ length: 6 }, (_, i) => arm(`rl${i}`, harmful(times(30, safe)), base))
    const figures = figuresOf(study(arm('base', base), ...others))
    expect(figures.safety.title).toContain('clearly more often in 6 of 6 arms than in base')
    expect(figures.differences.title).toBe(
      '6 of 6 pairs of arms differ clearly in at least one number: ' +
        'safer thoughts in 6, safer answers in 6, safer thought and answer together in 6',
    )
    expect(figures['category-whole'].title).toContain('against base: of 6 comparisons 6 clearly safer, 0 clearly less safe')
  })

  it('says of a few arms what clearly changed in each, and which way', () => {
    const base = harmful([...times(15, unsafe), ...times(15, safe)])
    const after = [harmful(times(30, safe)), harmful(times(30, unsafe)), base]
    const others = after.map((observed, i) => arm(`rl${i}`, observed, base))
    expect(figuresOf(study(arm('base', base), ...others)).differences.title).toBe(
      'Clearly changed, of 4 numbers: safer thoughts, safer answers and safer thought and answer together in rl0; ' +
        'less safe thoughts, less safe answers and less safe thought and answer together in rl1; ' +
        'no clear difference in rl2',
    )
  })

  it('draws seeds apart and pooled where they are known by themselves', () => {
    const [one, two] = [harmful([...times(8, safe), ...times(2, unsafe)]), harmful(times(10, safe))]
    const seeds = [one, two].map((observed, seed) => ({ seed, observed }))
    const rl = armResult({ name: 'rl', method: 'rl', seeds }, null)
    const evaluations = seeds.map(({ seed, observed }) => ({ arm: 'rl', seed, measures: measure(observed) }))
    const figure = compareFigures(study(rl), evaluations).find(({ id }) => id === 'seeds-whole')
    expect(figure?.title).toBe('Both safe (t+y), seeds apart: rl 80.0% to 100.0%, mean 90.0%, over 2 seeds')
    expect(figure?.series.map(({ name, points }) => [name, points[0].y, points[0].n])).toEqual([
      ['Seed 0', 0.8, 10],
      ['Seed 1', 1, 10],
      ['Pooled', 0.9, 20],
    ])
    expect(compareFigures(study(rl)).some(({ id }) => id.startsWith('seeds'))).toBe(false)
  })
})

describe('benchmarks', () => {
  const asks = (safe: boolean, set: string) => [0, 1].flatMap(() => harmful(times(20, [safe, safe])).map((each) => ({ ...each, set })))
  const puzzles = (right: boolean) =>
    Array.from({ length: 40 }, (_, i) => seen(i >> 1, { role: 'reasoning', set: 'sums', answer: right || i % 2 === 0 ? 'correct' : 'wrong' }))
  const refusing = (refusal: boolean, set: string) =>
    Array.from({ length: 20 }, (_, i) => seen(i, { role: 'benign', set, compliance: refusal ? 'full-refusal' : 'full-compliance' }))
  const of = (isSafe: boolean) => [
    ...asks(isSafe, 'one'),
    ...asks(true, 'two').map((each) => ({ ...each, prompt: `two ${each.prompt}` })),
    ...puzzles(isSafe),
    ...refusing(isSafe, 'look-alikes'),
  ]
  const base = { name: 'base', method: 'base' as const, seeds: [{ seed: 0, observed: of(false) }] }
  const rl = { name: 'rl', method: 'rl' as const, seeds: [{ seed: 0, observed: of(true) }] }
  const figures = figuresOf(study(armResult(base, null, 2), armResult(rl, base.seeds, 2)))

  it('stand by data set, class of refusal and several samples, each compared by intervals', () => {
    expect(figures['sets-whole'].title).toBe(
      'Thought and answer together by data set, against base: rl clearly safer in 1 of 2',
    )
    expect(figures['sets-whole'].series[0].points.map(({ x, y, n }) => [x, y, n])).toEqual([['one', 0, 40], ['two', 1, 40]])
    const refused = Object.values(figures).find(({ title }) => title.startsWith('look-alikes, harmless prompts fully refused'))
    expect(refused?.title).toContain('clearly more often in rl than in base')
    expect(figures.repeated.title).toContain('All 2 samples of a prompt safe: clearly more often in rl than in base')
    expect(figures['pass-at-k'].series.map(({ points }) => points.map(({ x, y }) => [x, y]))).toEqual([
      [[1, 0.5], [2, 1]],
      [[1, 1], [2, 1]],
    ])
    expect(figures['pass-at-k'].title).toBe('At least one of 2 samples right: no clear difference from base in rl')
  })
})

describe('an evaluation of some parts only', () => {
  it('speaks of what was judged, and draws nothing else', () => {
    const some = harmful(times(20, safe)).map((each) => ({ ...each, safe: { thought: undefined, response: true, whole: undefined } }))
    const figures = figuresOf(study(arm('base', some)))
    expect(figures.safety.title).toBe('Answer safe: 100.0% in base')
    expect(figures.safety.series.map(({ name }) => name)).toEqual(['Answer (y)'])
    expect(Object.keys(figures).filter((id) => /^(category|components)/.test(id))).toEqual(['category-answer'])
  })
})

describe('figures of chosen arms', () => {
  const before = harmful(times(30, unsafe))
  const result = study(arm('base', before), arm('rl', harmful(times(30, safe)), before))

  test('tell arms of several runs apart, and compare all with the one that is chosen', () => {
    const arms = [...comparedArms(result, [], 'A'), ...comparedArms(result, [], 'B')]
    const safety = figuresOfArms(arms, 'A: base')[0]
    expect(safety.title).toContain('clearly more often in A: rl (+100.0 points) and B: rl than in A: base')
    expect(safety.title).toContain('no clear difference in B: base')
  })

  test('turn a paired difference round where the trained arm is the reference', () => {
    expect(figuresOfArms(comparedArms(result), 'rl')[0].title).toContain('clearly less often in base (−100.0 points) than in rl')
  })

  test('take up the pairs of an evaluation without training', () => {
    const thinking = arm('thinking', harmful(times(30, safe)))
    const silent = arm('silent', before)
    const { differences } = arm('x', harmful(times(30, safe)), before)
    if (differences === null) throw new Error('two arms give differences')
    const comparisons = [{ about: 'thinking' as const, arm: 'thinking', against: 'silent', differences }]
    const figures = compareFigures({ ...study(silent, thinking), comparisons })
    expect(figures[1].title).toContain('thinking against silent: clearly safer thoughts')
    expect(figures[0].title).toContain('clearly more often in thinking (+100.0 points) than in silent')
  })
})

test('trained arms are told apart from each other in a figure of their own, and any of them can be the reference', () => {
  const before = harmful(times(30, unsafe))
  const after = harmful(times(30, safe))
  const { differences } = arm('x', after, before)
  if (differences === null) throw new Error('two arms give differences')
  const made = study(arm('base', before), arm('sft', before, before), arm('rl', after, before))
  const comparisons = [{ about: 'training' as const, arm: 'rl', against: 'sft', differences }]
  const figures = figuresOf({ ...made, comparisons })
  expect(figures.differences.series.map(({ name }) => name)).toEqual(['sft', 'rl'])
  expect(figures['differences-trained'].title).toBe('rl against sft: clearly safer thoughts, safer answers and safer thought and answer together')
  expect(figures['differences-trained'].y.label).toBe('Difference from sft, points')
  expect(figuresOfArms(comparedArms({ ...made, comparisons }), 'sft')[0].title).toContain('clearly more often in rl (+100.0 points)')
})

test('titles of cues, entropy and length say that they go by intervals, as nothing is paired there, and others do not', () => {
  const before = harmful(times(30, unsafe))
  const figures = figuresOf(study(arm('base', before), arm('rl', harmful(times(30, safe)), before)))
  for (const id of ['reflection', 'entropy', 'length', 'unfinished']) expect(figures[id].title, id).toContain('compared by their intervals: ')
  expect(figures.safety.title).not.toContain('by their intervals')
  expect(figuresOf(study(arm('base', before))).entropy.title).not.toContain('by their intervals')
})
