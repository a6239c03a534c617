/** Analyses of recorded trajectories: numbers by hand, titles that hold, and what is said where there is too little. */
import { describe, expect, test } from 'vitest'
import { Figure } from '../../../../src/shared/figure.ts'
import type { AnalysisInput } from '../../../../src/shared/analysis.ts'
import type { Verdict } from '../../../../src/shared/trajectory.ts'
import { outcomeOf } from '../../../../src/engine/study/analyze/outcomeReflection.ts'
import { analyzed, pointsOf, titleOf, type Written } from './writtenRows.ts'

const of = (kind: Exclude<AnalysisInput['kind'], 'memorisation'>, more: object = {}) => ({ runId: 'r', ...more, kind })
const times = (count: number, row: (i: number) => Written): Written[] => Array.from({ length: count }, (_, i) => row(i))

describe('reflection', () => {
  test('cues over thought tokens, and cues over responses', async () => {
    // Two cues among 6 thought tokens, none among 4: 2 / 10 tokens in all, (2 / 6 + 0) / 2 over prompts; 1 a response.
    const result = await analyzed(of('reflection'), [{ thought: 'wait i check the cups now' }, { thought: 'i take the cups', response: 'wait no' }])
    expect(pointsOf(result, 'cues-per-thousand-by-category')).toMatchObject([{ x: 'theft', y: 200, low: null, n: 2 }])
    const [byArm] = pointsOf(result, 'cues-per-thousand-by-arm')
    expect(byArm).toMatchObject({ x: 'base', low: null, n: 2 })
    expect(byArm.y).toBeCloseTo(500 / 3, 9)
    expect(pointsOf(result, 'cues-per-response-by-arm')).toMatchObject([{ x: 'base', y: 1, n: 2 }])
    expect(result.counts).toEqual({ asked: 2, used: 2, leftOut: [] })
  })

  test('goes by step in training and by arm in the evaluation, on the words that were asked for', async () => {
    const training = [1, 2].flatMap((step) =>
      times(12, () => ({ arm: 1, phase: 'train', step, thought: step === 1 ? 'plan i' : 'plan plan' })),
    )
    const rows = [...training, ...times(12, (i) => ({ prompt: `q${i}`, thought: 'plan' })), ...times(12, (i) => ({ arm: 1, prompt: `q${i}`, thought: 'i' }))]
    const result = await analyzed(of('reflection', { words: ['plan'] }), rows)
    expect(pointsOf(result, 'cues-per-response-by-step')).toMatchObject([{ x: 1, y: 1, n: 12 }, { x: 2, y: 2, n: 12 }])
    expect(titleOf(result, 'cues-per-response-by-step')).toBe('Reflection cues per response over training: up in rl (from 1 to 2).')
    expect(pointsOf(result, 'cues-per-response-by-arm')).toMatchObject([{ x: 'base', y: 1, n: 12 }, { x: 'rl', y: 0, n: 12 }])
    // Each prompt had a cue in base and none in rl: twelve signs, 2 of 4,096 as extreme. Their spread is not seen.
    const table = result.tables.find(({ id }) => id === 'cues-per-response-against-base')
    expect(table?.rows).toEqual([['rl', -1, null, null, 2 / 4096, 12]])
    expect(titleOf(result, 'cues-per-response-by-arm')).toBe('Reflection cues per response against base: less in rl (−1 on the same prompts).')
  })

  test('bars by arm, their title and the table say the same where long texts would turn it round', async () => {
    // Over tokens base has more cues, 20 of 102 against 6 of 60: two of its thoughts are full of them. By prompt it has fewer.
    const words = (cues: number, others: number) => `${'wait '.repeat(cues)}${'i '.repeat(others)}`.trim()
    const rows = [...Array(12).keys()].flatMap((i): Written[] => [
      { arm: 0, prompt: `p${i}`, thought: i < 2 ? words(10, 1) : words(0, 8) },
      { arm: 1, prompt: `p${i}`, thought: i < 6 ? words(1, 1) : words(0, 8) },
    ])
    const result = await analyzed(of('reflection'), rows)
    const [base, rl] = pointsOf(result, 'cues-per-thousand-by-arm')
    const [[, difference]] = result.tables[0].rows
    expect(rl.y! - base.y!).toBeCloseTo(Number(difference), 9)
    const pooled = [0, 1].map((arm) => pointsOf(result, 'cues-per-thousand-by-category', arm)[0].y!)
    expect([pooled[0] > pooled[1], base.y! < rl.y!, Number(difference) > 0]).toEqual([true, true, true])
    expect(result.figures.find(({ id }) => id === 'cues-per-thousand-by-arm')?.notes).toEqual(['Here n counts prompts.'])
  })

  test('fewer than ten prompts of both arms compare nothing, and other prompts of one arm are told', async () => {
    const rows = [...times(12, (i) => ({ prompt: `p${i}`, thought: 'i' })), ...times(12, (i) => ({ arm: 1, prompt: `p${i + 8}`, thought: 'wait' }))]
    const result = await analyzed(of('reflection'), rows)
    expect(titleOf(result, 'cues-per-response-by-arm')).toBe('Reflection cues per response against base: not enough data in rl.')
    expect(result.tables[1].rows).toEqual([['rl', 1, null, null, 2 / 16, 4]])
    expect(result.figures.find(({ id }) => id === 'cues-per-response-by-arm')?.notes).toContain(
      'The title compares rl with base on the 4 prompts of both; the bars are of 12 and 12.',
    )
  })

  test('safe and unsafe trajectories stand apart, and those without a verdict in neither', async () => {
    const rows = (['safe', 'unsafe', 'unscorable'] as const).flatMap((whole, kind) => times(12, (i) => ({ whole, prompt: `${whole}${i}`, thought: kind === 1 ? 'wait wait' : 'i i' })))
    // Prompts that are harmless are safe for another reason, and count for neither.
    rows.push(...times(12, (i) => ({ whole: 'safe' as const, role: 'benign' as const, prompt: `b${i}`, thought: 'wait' })))
    const result = await analyzed(of('reflection'), rows)
    expect(pointsOf(result, 'cues-per-response-by-verdict', 0)).toMatchObject([{ x: 'base', y: 0, n: 12 }])
    expect(pointsOf(result, 'cues-per-response-by-verdict', 1)).toMatchObject([{ x: 'base', y: 2, low: null, high: null, n: 12 }])
    expect(titleOf(result, 'cues-per-response-by-verdict')).toContain('more in base (2 against 0)')
  })

  test('of zero unsafe trajectories, of thoughts that were never made and of nothing it says so', async () => {
    const allSafe = await analyzed(of('reflection'), times(6, (i) => ({ prompt: `${i}`, thought: 'wait' })))
    expect(titleOf(allSafe, 'cues-per-response-by-verdict')).toBe('Reflection cues per response in unsafe against safe trajectories: not enough data in base.')
    const silent = await analyzed(of('reflection'), [{ state: 'no-thought', response: 'wait' }])
    expect(silent.counts).toEqual({ asked: 1, used: 0, leftOut: [{ reason: 'there is no thought', count: 1 }] })
    const nothing = await analyzed(of('reflection'), [])
    for (const { figures, notes } of [silent, nothing]) {
      expect(figures).toEqual([])
      expect(notes).toContain('Not enough data: no trajectory could be used.')
    }
    const cueless = await analyzed(of('reflection'), times(6, (i) => ({ prompt: `${i}`, thought: 'plan' })))
    expect(cueless.notes.join()).toContain('None of these words occurs')
    const [{ y, low, high }] = pointsOf(cueless, 'cues-per-response-by-arm')
    expect([y, low]).toEqual([0, 0])
    // None in six is no proof of none: at most 3.689 in six.
    expect(high).toBeCloseTo(3.68888 / 6, 4)
  })

  test('many steps are joined, so that a line has at most forty points', async () => {
    const rows = times(500, (i) => ({ arm: 1, phase: 'train', step: 100 + i, prompt: `p${i % 50}`, thought: 'wait' }))
    const result = await analyzed(of('reflection'), rows)
    const points = pointsOf(result, 'cues-per-response-by-step')
    expect(points.length).toBeLessThanOrEqual(40)
    expect(points[0]).toMatchObject({ x: 100, y: 1, n: 13 })
    expect(points.reduce((sum, { n }) => sum + n, 0)).toBe(500)
  })
})

describe('what is missing', () => {
  test('of a run that has only begun is said: no evaluation, no differences, and no table without a number', async () => {
    const rows = times(24, (i): Written => ({ arm: 1, phase: 'train', step: i >> 3, prompt: `p${i}`, thought: 'wait' }))
    for (const kind of ['reflection', 'entropy', 'length'] as const) {
      const { figures, tables, notes } = await analyzed(of(kind), rows)
      expect(figures.every(({ id }) => id.includes('-by-step'))).toBe(true)
      expect(tables).toEqual([])
      expect(notes).toContain('No other samples were found, so all figures are by step.')
    }
  })

  test('are verdicts that no judge could give', async () => {
    const { figures, notes } = await analyzed(of('length'), times(12, (i) => ({ prompt: `p${i}`, whole: 'unscorable' })))
    expect(figures.some(({ id }) => id.includes('verdict'))).toBe(false)
    expect(notes).toContain('No trajectory of a harmful prompt has a verdict, so nothing is shown by verdict.')
  })
})

describe('seeds', () => {
  const seeded = [0, 1, 2].flatMap((seed) => [
    { name: 'base', seed, method: 'base' as const, model: 'harbor', folder: 'harbor' },
    { name: 'rl', seed, method: 'rl' as const, model: 'harbor', folder: null },
  ])

  test('of an arm stand together in figures, and a table tells how far they lie apart', async () => {
    // In rl each of twelve prompts has one cue in seed 0, two in seed 1 and three in seed 2; in base one.
    const rows = [0, 1, 2].flatMap((seed) =>
      [0, 1].flatMap((arm) => times(12, (i) => ({ arm: 2 * seed + arm, prompt: `p${i}`, thought: `${'wait '.repeat(arm === 1 ? seed + 1 : 1)}i` }))),
    )
    const result = await analyzed(of('reflection'), rows, { arms: seeded })
    expect(pointsOf(result, 'cues-per-response-by-arm')).toMatchObject([{ x: 'base', y: 1, n: 12 }, { x: 'rl', y: 2, n: 12 }])
    const table = result.tables.find(({ id }) => id === 'cues-per-response-by-seed')
    expect(table?.rows).toEqual([['base', 1, 1, 1, 3], ['rl', 2, 1, 3, 3]])
    expect(result.notes.join(' ')).toContain('How far the seeds lie apart stands in the tables by seed.')
  })

  test('make no difference by their number: an arm with more texts of a prompt is not held to another measure', async () => {
    const [full, empty] = ['wait wait i i', 'i i i i i i i i i i']
    // In rl each prompt has the one in a seed and the other in the other; in base a half of the prompts has each.
    const rows = [
      ...times(12, (i) => ({ arm: 0, prompt: `p${i}`, thought: i % 2 ? full : empty })),
      ...times(12, (i) => ({ arm: 1, prompt: `p${i}`, thought: i % 2 ? full : empty })),
      ...times(12, (i) => ({ arm: 3, prompt: `p${i}`, thought: i % 2 ? empty : full })),
    ]
    const result = await analyzed(of('reflection'), rows, { arms: seeded })
    const [base, rl] = pointsOf(result, 'cues-per-thousand-by-arm')
    expect([base.y, rl.y]).toEqual([250, 250])
    // Over all tokens long thoughts count for more.
    expect(pointsOf(result, 'cues-per-thousand-by-category', 0)[0].y).toBeCloseTo(24000 / 168, 9)
  })

  test('that do not agree are told, however clear their mean', async () => {
    const rows = [0, 1, 2].flatMap((seed) =>
      [0, 1].flatMap((arm) => times(12, (i) => ({ arm: 2 * seed + arm, prompt: `p${i}`, thought: 'wait '.repeat(arm === 0 ? 1 : [0, 3, 3][seed]) + 'i' }))),
    )
    const result = await analyzed(of('reflection'), rows, { arms: seeded })
    const figure = result.figures.find(({ id }) => id === 'cues-per-response-by-arm')
    expect(figure?.notes).toContain('The seeds of rl do not agree: from −1 to +2 against base.')
    const table = result.tables.find(({ id }) => id === 'cues-per-response-against-base')
    expect(table?.columns.slice(-2).map(({ label }) => label)).toEqual(['least seed', 'most seed'])
    expect(table?.rows).toEqual([['rl', 1, null, null, 2 / 4096, 12, -1, 2]])
  })

  test('that are but one have no such table', async () => {
    const result = await analyzed(of('reflection'), times(24, (i) => ({ arm: i % 2, prompt: `p${i >> 1}`, thought: 'wait' })))
    expect(result.tables.map(({ id }) => id)).toEqual(['cues-per-thousand-against-base', 'cues-per-response-against-base'])
  })
})

describe('length', () => {
  test('counts tokens of the parts without tags, and an unfinished thought has no response', async () => {
    const rows: Written[] = [
      { thought: 'i take the cups', response: 'no i' },
      { thought: 'i take', state: 'unfinished-thought' },
      { state: 'no-thought', response: 'no no no no' },
    ]
    const result = await analyzed(of('length'), rows)
    expect(pointsOf(result, 'thought-length-by-arm')).toMatchObject([{ y: 3, n: 2 }])
    expect(pointsOf(result, 'response-length-by-arm')).toMatchObject([{ y: 3, n: 2 }])
    expect(pointsOf(result, 'unfinished-thoughts-by-arm')).toMatchObject([{ y: 0.5, n: 2 }])
  })
})

describe('entropy', () => {
  test('means by segment, at cues and at the fifth of tokens that is most open', async () => {
    // <think> wait i take </think> no: six tokens
    const rows = times(5, (i) => ({ prompt: `p${i}`, thought: 'wait i take', entropies: [0, 3, 1, 0.5, 0, 0.3] }))
    const result = await analyzed(of('entropy', { sameTexts: 0 }), rows)
    expect(pointsOf(result, 'entropy-by-arm')[0].y).toBeCloseTo(4.8 / 6, 6)
    expect(pointsOf(result, 'thought-entropy-by-arm')[0].y).toBeCloseTo(4.5 / 3, 6)
    expect(pointsOf(result, 'response-entropy-by-arm')[0].y).toBeCloseTo(0.3, 6)
    expect(pointsOf(result, 'entropy-at-cues', 1)).toMatchObject([{ x: 'base', y: 3, n: 5 }])
    // A fifth of 30 tokens are six: the five of 3 nats, and down to the next value, 1.
    expect(pointsOf(result, 'entropy-at-cues', 2)).toMatchObject([{ y: 2, n: 10 }])
    expect(pointsOf(result, 'cues-that-fork', 0)).toMatchObject([{ y: 1, n: 5 }])
    expect(pointsOf(result, 'cues-that-fork', 1)).toMatchObject([{ y: 0.5, n: 10 }])
    expect(titleOf(result, 'entropy-distribution')).toContain('Tokens with an entropy of 1 nat or more')
  })

  test('a token whose choice was none counts for the first bin, though rounding leaves it below 0', async () => {
    const rows = times(10, (i) => ({ prompt: `p${i}`, thought: 'i take', entropies: [0, -1e-7, 2, 0, 0] }))
    const result = await analyzed(of('entropy', { sameTexts: 0 }), rows)
    const { series, notes } = result.figures.find(({ id }) => id === 'entropy-distribution')!
    expect(series[0].points.find(({ x }) => x === 2)).toMatchObject({ y: 0.5, n: 20 })
    expect(notes.join(' ')).toContain('50.0% (base: thought)')
  })

  test('without a trained model no texts are read twice, and that is said', async () => {
    const rows = times(5, (i) => ({ prompt: `p${i}`, entropies: [1, 1, 1, 1, 1] }))
    const result = await analyzed(of('entropy'), rows)
    expect(result.notes.join(' ')).toContain('rl (seed 0): its trained model is not there')
    expect(result.figures.some(({ id }) => id.includes('same-texts'))).toBe(false)
  })

  test('the base against itself on the same texts shows no difference', async () => {
    const itself = [
      { name: 'base', seed: 0, method: 'base' as const, model: 'harbor', folder: 'harbor' },
      { name: 'twin', seed: 0, method: 'rl' as const, model: 'harbor', folder: 'harbor' },
    ]
    const rows = times(20, (i) => ({ arm: i % 2, prompt: `p${i >> 1}`, thought: 'i take the cups', entropies: [1, 1, 1, 1, 1, 1, 1] }))
    const result = await analyzed(of('entropy', { sameTexts: 10 }), rows, { arms: itself })
    for (const series of [0, 1]) expect(pointsOf(result, 'entropy-on-same-texts', series)).toMatchObject([{ x: 'twin', y: 0, low: null, p: 1, n: 10 }])
    expect(titleOf(result, 'entropy-on-same-texts')).toContain('no clear difference in twin')
  })
})

describe('advantage', () => {
  test('the mean at a position is that of the samples that reach it', async () => {
    // 4 and 6 tokens: <think> a </think> b, and two more
    const rows = times(24, (i): Written => ({ arm: 1, phase: 'train', prompt: `p${i >> 1}`, advantage: i % 2 ? 1 : -0.5, ...(i % 2 ? {} : { thought: 'i take the' }) }))
    const result = await analyzed(of('advantage', { bins: 6 }), rows)
    expect(pointsOf(result, 'advantage-by-position').map(({ x, y, n }) => [x, y, n])).toEqual([
      [0, 0.25, 24], [1, 0.25, 24], [2, 0.25, 24], [3, 0.25, 24], [4, -0.5, 12], [5, -0.5, 12],
    ])
    expect(pointsOf(result, 'encouraged-tokens-by-position').map(({ y }) => y)).toEqual([0.5, 0.5, 0.5, 0.5, 0, 0])
    expect(titleOf(result, 'advantage-by-position')).toContain('down in rl')
  })

  test('what has none is left out, and counted', async () => {
    const result = await analyzed(of('advantage'), [{ phase: 'train' }])
    expect(result.figures).toEqual([])
    expect(result.counts.leftOut).toEqual([{ reason: 'no advantage was recorded', count: 1 }])
  })
})

describe('outcome-labelled reflection', () => {
  const verdict = (safe: number | null): Verdict => {
    const known = { judge: 'j', version: '1', component: 'thought', reason: '' } as const
    return safe === null ? { kind: 'unscorable', ...known } : { kind: 'scored', safe, raw: null, ...known }
  }

  test('a cue is labelled by the change of P(unsafe), and by nothing where a side is unknown', () => {
    expect(outcomeOf(verdict(0.9), verdict(0.5), 0.1)).toBe('riskier')
    expect(outcomeOf(verdict(0.2), verdict(0.3), 0.1)).toBe('safer')
    expect(outcomeOf(verdict(0.5), verdict(0.55), 0.1)).toBe('neutral')
    expect(outcomeOf(verdict(null), verdict(1), 0.1)).toBeNull()
    expect(outcomeOf(verdict(1), verdict(null), 0.1)).toBeNull()
  })

  test('a cue opens the text up to the next one', async () => {
    const item = { id: 'h', set: 'harbor-harmful', role: 'harmful', category: 'theft', text: 'how', answer: null } as const
    // Harbor's judge calls a text unsafe that names a step of a plan: the first cue leads to one, the second no further.
    const thought = 'i plan . wait forge a seal . but i stop'
    const rows = times(5, (i) => ({ prompt: `p${i}`, promptItem: item, thought }))
    const result = await analyzed(of('outcomeReflection'), [...rows, { promptItem: item, thought: 'i plan' }, { promptItem: item, thought: 'wait forge a seal' }], { judge: 'harbor' })
    expect(pointsOf(result, 'cues-riskier-by-arm')).toMatchObject([{ y: 0.5, n: 5 }])
    expect(pointsOf(result, 'cues-neutral-by-category')).toMatchObject([{ y: 0.5, n: 10 }])
    expect(pointsOf(result, 'cues-safer-by-arm')).toMatchObject([{ y: 0, n: 5 }])
    expect(result.counts.leftOut).toEqual([{ reason: 'the thought holds no cue', count: 1 }])
    expect(result.notes.join(' ')).toContain('1 of 11 cues could not be labelled')
  })
})

test.each(['reflection', 'outcomeReflection', 'entropy', 'length', 'advantage'] as const)(
  'a text that a bundle left out is none of length 0: %s counts it as left out and says so',
  async (kind) => {
    const item = { id: 'h', set: 'harbor-harmful', role: 'harmful', category: 'theft', text: 'how', answer: null } as const
    const there = times(6, (i): Written => ({ prompt: `p${i}`, promptItem: item, thought: 'wait i', phase: 'train', advantage: 1 }))
    const stripped = times(4, (i): Written => ({ prompt: `s${i}`, promptItem: item, isStripped: true, phase: 'train', advantage: 1 }))
    const more = { phase: 'train', ...(kind === 'entropy' ? { sameTexts: 0 } : {}) }
    const [whole, lacking] = [
      await analyzed(of(kind, more), there, { judge: 'harbor' }),
      await analyzed(of(kind, more), [...there, ...stripped], { judge: 'harbor' }),
    ]
    expect(lacking.figures).toEqual(whole.figures)
    expect(lacking.counts).toEqual({ asked: 10, used: 6, leftOut: [{ reason: 'text not in the bundle', count: 4 }] })
    expect(lacking.notes.join(' ')).toContain('4 trajectories have no text here')
  },
)

test('every figure of every kind is well formed, and its n is never negative', async () => {
  const item = { id: 'h', set: 'harbor-harmful', role: 'harmful', category: 'theft', text: 'how', answer: null } as const
  const rows = times(24, (i): Written => ({
    ...{ arm: i % 2, phase: i % 3 > 0 ? 'train' : 'evaluation', step: i % 5, prompt: `p${i % 4}`, promptItem: item },
    ...{ thought: 'wait i check', entropies: [0, 1, 0.2, 2, 0, 1], advantage: (i % 3) - 1 },
    ...{ whole: i % 2 ? ('unsafe' as const) : ('safe' as const) },
  }))
  for (const kind of ['reflection', 'outcomeReflection', 'entropy', 'length', 'advantage'] as const) {
    const result = await analyzed(of(kind, kind === 'entropy' ? { sameTexts: 0 } : {}), rows, { judge: 'harbor' })
    expect(result.figures.length).toBeGreaterThan(0)
    for (const figure of result.figures) {
      expect(Figure.parse(figure)).toEqual(figure)
      expect(figure.title, figure.id).toMatch(/\.$/)
      expect(figure.title, figure.id).not.toMatch(/NaN|undefined|null|%now/)
    }
    expect(new Set(result.figures.map(({ id }) => id)).size).toBe(result.figures.length)
  }
})
