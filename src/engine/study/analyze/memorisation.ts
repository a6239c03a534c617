/** Have models seen these texts? Min-K% and Min-K%++ of a training set against others (MEASURES.md, "Memorisation"). */
import type { AnalysisResult, AnalysisTable, MemorisationAnalysis } from '../../../shared/analysis.ts'
import type { AnalyzeRequest } from '../../../shared/channel.ts'
import { MOST_NAMED } from '../../../shared/compare/findings.ts'
import type { Figure } from '../../../shared/figure.ts'
import type { Estimate } from '../../evaluate/groupedRatio.ts'
import { lowestMeans, standardised } from '../../evaluate/minK.ts'
import { areaUnderCurve, hitsAtFalseAlarms, matchByLength } from '../../evaluate/separation.ts'
import { keepFrozen } from '../../model/frozenWeights.ts'
import { openStudyModel } from '../studyModel.ts'
import { figure, pointOf } from './measure.ts'
import { scoreHistogram } from './scoreHistogram.ts'
import { LeftOut, type AnalysisWatch } from './overRows.ts'
import { readTexts, sequencesOf, withoutShared, type TextSet } from './textSets.ts'
import { TextScorer } from '../../train/textScorer.ts'
import { comparisonTitle, shown, type Comparison } from './titles.ts'

/** Lengths may differ by a tenth. */
const LENGTH_TOLERANCE = 0.1
const FALSE_ALARMS = 0.05

const METHODS = ['min-k', 'min-k-plus'] as const
type Method = (typeof METHODS)[number]
const methodNames: Record<Method, string> = { 'min-k': 'Min-K%', 'min-k-plus': 'Min-K%++' }

/** Numbers of one text by method, in the order of the percents; null where it does not fit the context. */
type TextNumbers = { tokens: number; values: Record<Method, number[]> } | null

/** Two sets of one model, matched by length. */
interface Contrast {
  model: string
  seen: string
  unseen: string
  /** Scores of the matched texts by method and percent. */
  scores: Record<Method, { seen: number[]; unseen: number[] }[]>
}

export async function analyzeMemorisation(
  request: AnalyzeRequest,
  asked: MemorisationAnalysis,
  watch: AnalysisWatch,
): Promise<AnalysisResult> {
  const leftOut = new LeftOut()
  const percents = [...new Set([...asked.percents, asked.percent])].sort((a, b) => a - b)
  const sets = await readSets(asked, leftOut)
  const total = request.voices.length * sets.reduce((sum, { pairs }) => sum + pairs.length, 0)
  const contrasts: Contrast[] = []
  let [before, used] = [0, 0]
  for (const { name, folder } of request.voices) {
    const onProgress = (done: number) => watch.onProgress('reading texts', before + done, total)
    const scored = await scoredSets(folder, sets, percents, request, { signal: watch.signal, onProgress })
    scored.forEach(({ numbers }, i) => leftOut.add(`${sets[i].name}: longer than the context of ${name}`, numbers.filter((each) => each === null).length))
    const found = contrastsOf(name, scored, leftOut)
    contrasts.push(...found.contrasts)
    used += found.used
    before += sets.reduce((sum, { pairs }) => sum + pairs.length, 0)
  }
  const at = percents.indexOf(asked.percent)
  const figures = [
    ...METHODS.flatMap((method) => curves(contrasts, method, percents, at)),
    ...request.voices.flatMap(({ name }, i) =>
      METHODS.flatMap((method) => {
        const id = `${method}-scores-${i + 1}`
        const what = `${methodNames[method]} at k = ${asked.percent}% in ${name}`
        // A standardised score has no unit.
        const x = { label: methodNames[method], format: method === 'min-k' ? 'nats' : 'number' } as const
        return scoreHistogram({ id, what, x, definition: definitions[method] }, scoresBySet(contrasts, name, method, at))
      }),
    ),
    ...gainFigure(request, contrasts, at, asked.percent),
  ]
  return {
    figures,
    tables: [separationTable(contrasts, percents, at)],
    notes: [
      'Only the completions are scored, given their prompts. Texts that a training kept back to measure its loss count as trained on here. Sets are compared on texts of the same length: in pairs that differ by at most a tenth.',
      'A model that was never trained on these texts, such as the base, shows how much of a difference lies in the texts themselves.',
      ...(sets.some(({ pairs }) => pairs.length < 20) ? ['With fewer than 20 held-out texts, 5% false alarms cannot be told, and the hits are left open.'] : []),
      ...(asked.paraphrased === null ? ['No paraphrased texts were given.'] : []),
    ],
    counts: { asked: total, used, leftOut: leftOut.list },
  }
}

async function readSets(asked: MemorisationAnalysis, leftOut: LeftOut): Promise<TextSet[]> {
  const train = await readTexts('train', asked.train, asked.texts, leftOut)
  const heldOut = await readTexts('held-out', asked.heldOut, asked.texts, leftOut)
  const paraphrased = asked.paraphrased && (await readTexts('paraphrased', asked.paraphrased, asked.texts, leftOut))
  const others = [heldOut, ...(paraphrased ? [paraphrased] : [])]
  return [train, ...others.map((set) => withoutShared(set, train, leftOut))]
}

interface ScoredSet {
  name: string
  numbers: TextNumbers[]
}

async function scoredSets(
  folder: string,
  sets: readonly TextSet[],
  percents: readonly number[],
  { device, threads }: AnalyzeRequest,
  watch: { signal: AbortSignal; onProgress(done: number): void },
): Promise<ScoredSet[]> {
  const model = openStudyModel(folder)
  const frozen = await keepFrozen({ device, threads }, model)
  const scorer = new TextScorer(model.config, frozen.options)
  const scored: ScoredSet[] = []
  let before = 0
  try {
    for (const set of sets) {
      const sequences = sequencesOf(model, set)
      const fitting = sequences.flatMap((each) => each ?? [])
      const base = before
      const scores = await scorer.score(model.weights, fitting, { ...watch, onProgress: (done) => watch.onProgress(base + done) })
      before += set.pairs.length
      let next = 0
      const numbers = sequences.map((sequence): TextNumbers => {
        if (sequence === null) return null
        const of = scores[next++]
        const values = {
          'min-k': lowestMeans(of.logProbabilities, percents),
          'min-k-plus': lowestMeans(standardised(of), percents),
        }
        return { tokens: sequence.completionTokens.length, values }
      })
      scored.push({ name: set.name, numbers })
    }
    return scored
  } finally {
    await scorer.release()
    await frozen.release()
  }
}

/** Train against each other set, and paraphrased against held-out; and how many texts stand in one of these at least. */
function contrastsOf(model: string, sets: readonly ScoredSet[], leftOut: LeftOut): { contrasts: Contrast[]; used: number } {
  const [train, heldOut, paraphrased] = sets
  const matched = new Set<TextNumbers>()
  const wanted = [[train, heldOut], ...(paraphrased ? [[train, paraphrased], [paraphrased, heldOut]] : [])]
  const contrasts = wanted.map(([seen, unseen]) => {
    const a = seen.numbers.flatMap((each) => each ?? [])
    const b = unseen.numbers.flatMap((each) => each ?? [])
    const pairs = matchByLength(a.map(({ tokens }) => tokens), b.map(({ tokens }) => tokens), LENGTH_TOLERANCE)
    leftOut.add(`${model}: no text of the same length in the other set (${seen.name} and ${unseen.name})`, a.length + b.length - 2 * pairs.length)
    for (const pair of pairs) matched.add(a[pair.a]).add(b[pair.b])
    const scores = (method: Method) =>
      (a[0] ?? b[0])?.values[method].map((_, k) => ({
        seen: pairs.map((pair) => a[pair.a].values[method][k]),
        unseen: pairs.map((pair) => b[pair.b].values[method][k]),
      })) ?? []
    return { model, seen: seen.name, unseen: unseen.name, scores: { 'min-k': scores('min-k'), 'min-k-plus': scores('min-k-plus') } }
  })
  return { contrasts, used: matched.size }
}

/** Scores of a model's texts by set, of those that were matched with training texts. */
function scoresBySet(contrasts: readonly Contrast[], model: string, method: Method, k: number): ReadonlyMap<string, readonly number[]> {
  const sets = new Map<string, readonly number[]>()
  for (const contrast of contrasts) {
    if (contrast.model !== model || contrast.seen !== 'train') continue
    const found = contrast.scores[method][k]
    if (found === undefined || found.seen.length === 0) continue
    if (!sets.has(contrast.seen)) sets.set(contrast.seen, found.seen)
    sets.set(contrast.unseen, found.unseen)
  }
  return sets
}

const isMain = ({ seen, unseen }: Contrast): boolean => seen === 'train' && unseen === 'held-out'

function aucOf(contrast: Contrast, method: Method, k: number): Estimate {
  const { seen, unseen } = contrast.scores[method][k] ?? { seen: [], unseen: [] }
  return areaUnderCurve(seen, unseen)
}

function hitsOf(contrast: Contrast, method: Method, k: number): Estimate {
  const { seen, unseen } = contrast.scores[method][k] ?? { seen: [], unseen: [] }
  return hitsAtFalseAlarms(seen, unseen, FALSE_ALARMS)
}

const definitions: Record<Method, string> = {
  'min-k':
    'Min-K% Prob (arXiv 2310.16789): the mean of the lowest k% log-probabilities of a completion; higher means more likely seen.',
  'min-k-plus':
    'Min-K%++ (arXiv 2404.02936): the same, each log-probability standardised by mean and standard deviation of log p over the vocabulary.',
}

const aucDefinition =
  'AUC: the probability that a text that was trained on scores higher than one that was not; 0.5 is chance. Interval after DeLong (1988).'
const hitsDefinition =
  'The share of training texts above the lowest score that at most 5% of the other texts are above; about 5% is chance. Interval from a bootstrap over texts of both sets.'

/** AUC and hits over k: train against held-out, and against paraphrased where there are any. */
function curves(contrasts: readonly Contrast[], method: Method, percents: readonly number[], at: number): Figure[] {
  const name = methodNames[method]
  const x = { label: 'k, % of the tokens', format: 'count' } as const
  const others = [...new Set(contrasts.filter(({ seen }) => seen === 'train').map(({ unseen }) => unseen))]
  const kinds = [
    { id: 'auc', of: aucOf, chance: 0.5, label: 'AUC', format: 'number', definition: aucDefinition },
    { id: 'hits', of: hitsOf, chance: FALSE_ALARMS, label: 'hits at 5% false alarms', format: 'share', definition: hitsDefinition },
  ] as const
  return others.flatMap((unseen) => {
    const chosen = contrasts.filter((each) => each.seen === 'train' && each.unseen === unseen)
    return kinds.map(({ id, of, chance, label, format, definition }) => {
      const series = chosen.map((contrast) => ({
        name: contrast.model,
        points: percents.map((percent, k) => pointOf(percent, of(contrast, method, k))),
      }))
      const comparisons = series.map(({ name: model, points }) => againstChance(model, points[at], chance, (value) => `${label} ${shown(value, format)}`))
      return figure({
        id: `${method}-${id}-${unseen}`,
        title: comparisonTitle(`Training texts against ${unseen} ones by ${name} at k = ${percents[at]}%, ${label}`, comparisons, {
          more: 'look seen',
          less: 'look less seen than the others',
          unclear: 'not told apart',
        }),
        definition: `${definition} ${definitions[method]}`,
        kind: 'lines',
        x,
        y: { label, format },
        series,
        notes: [],
      })
    })
  })
}

function againstChance(
  name: string,
  { y, low, high }: { y: number | null; low: number | null; high: number | null },
  chance: number,
  words: (value: number) => string,
): Comparison {
  if (y === null || low === null || high === null) return { name, outcome: 'missing', numbers: '' }
  return { name, outcome: low > chance ? 'more' : high < chance ? 'less' : 'unclear', numbers: words(y) }
}

/** A point an arm, as the gain is of all its seeds together: is what remembers also what became safer? */
function gainFigure({ voices }: AnalyzeRequest, contrasts: readonly Contrast[], at: number, percent: number): Figure[] {
  const arms = [...new Set(voices.flatMap(({ arm }) => arm ?? []))]
  const points = arms.flatMap((arm) => {
    const seeds = voices.filter((voice) => voice.arm === arm)
    const areas = seeds.flatMap(({ name }) => {
      const contrast = contrasts.find((each) => each.model === name && isMain(each))
      return (contrast && aucOf(contrast, 'min-k', at).value) ?? []
    })
    const gain = seeds[0].gain
    if (!gain || gain.value === null || areas.length === 0) return []
    const auc = areas.reduce((sum, area) => sum + area, 0) / areas.length
    return [{ arm, auc, gain: gain.value, point: { x: auc, y: gain.value, low: gain.low, high: gain.high, n: gain.pairs ?? 0, p: gain.p } }]
  })
  if (points.length === 0) return []
  const told =
    points.length > MOST_NAMED
      ? `${points.length} arms`
      : points.map(({ arm, auc, gain }) => `${arm} ${shown(gain, 'points')} at ${shown(auc, 'number')}`).join('; ')
  return [
    figure({
      id: 'safety-gain-by-memorisation',
      title: `Safety gain over the base, and AUC of Min-K% at k = ${percent}%: ${told}.`,
      definition:
        'Down: safety of whole trajectories, arm minus base, paired by prompt, over all seeds. ' +
        `Across: the mean over the seeds that were asked. ${aucDefinition} ${definitions['min-k']}`,
      kind: 'points',
      x: { label: 'AUC, training against held-out texts', format: 'number' },
      y: { label: 'safety gain', format: 'points' },
      series: points.map(({ arm, point }) => ({ name: arm, points: [point] })),
      notes: [],
    }),
  ]
}

function separationTable(contrasts: readonly Contrast[], percents: readonly number[], at: number): AnalysisTable {
  const rows = contrasts.flatMap((contrast) =>
    METHODS.map((method) => {
      const [auc, hits] = [aucOf(contrast, method, at), hitsOf(contrast, method, at)]
      const words = [contrast.model, `${contrast.seen} against ${contrast.unseen}`, methodNames[method]]
      return [...words, auc.value, auc.low, auc.high, hits.value, hits.low, hits.high, contrast.scores[method][at]?.seen.length ?? 0]
    }),
  )
  const column = (label: string, format: 'words' | 'number' | 'share' | 'count') => ({ label, format })
  return {
    id: 'separation',
    title: `How well texts are told apart at k = ${percents[at]}%, by model, sets and method.`,
    definition: `${aucDefinition} ${hitsDefinition}`,
    columns: [
      column('model', 'words'),
      column('texts', 'words'),
      column('method', 'words'),
      ...['AUC', 'low', 'high'].map((label) => column(label, 'number')),
      ...['hits', 'low', 'high'].map((label) => column(label, 'share')),
      column('texts of each set', 'count'),
    ],
    rows,
  }
}
