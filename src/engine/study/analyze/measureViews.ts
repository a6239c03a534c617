/** One measure of trajectories seen from several sides: by training step, arm, category and verdict. */
import type { AnalysisTable } from '../../../shared/analysis.ts'
import type { Figure, FigureAxis, FigurePoint } from '../../../shared/figure.ts'
import { FEWEST_PROMPTS } from '../../../shared/rateWords.ts'
import type { Difference } from '../../../shared/result.ts'
import { pairedDifference } from '../../evaluate/difference.ts'
import { GroupedRatio, type Estimate } from '../../evaluate/groupedRatio.ts'
import type { Observation } from '../../evaluate/interval.ts'
import { compared, comparedPairs, comparisonTitle, rangeTitle, shownDifference, type Comparison } from './titles.ts'
import type { ReadRow } from './readRows.ts'

/** Points of a line at most: more are joined, so that each has an interval worth showing. */
const MOST_POINTS = 40
/** A bootstrap a point would cost seconds on large runs; a hundred prompts are enough for its limit. */
const STEP_BOOTSTRAP = 100
const GROUP_BOOTSTRAP = 1000

const BY_VERDICT = "Of harmful prompts only: safe and unsafe by the run's first judge, on thought and response together."

export type View = 'step' | 'arm' | 'category' | 'verdict' | 'stepAndVerdict'

export interface Measure {
  /** Begins the ids of its figures. */
  id: string
  /** Begins their titles: 'Reflection cues per 1,000 thought tokens'. */
  what: string
  definition: string
  /** What weighs more in figures that put texts together, as a sentence; absent where all count the same. */
  weighting?: string
  axis: FigureAxis
  isShare: boolean
  /** What one event adds to a numerator, where events are counted; null otherwise. */
  eventSize: number | null
  views: readonly View[]
}

/** The arms in their order, those of several seeds once; the first is the base where there is one. */
export interface ArmNames {
  names: readonly string[]
  base: string | null
  /** Of each arm of the request, in its order. */
  seeds: readonly number[]
}

export class MeasureViews {
  private readonly measure: Measure
  private readonly arms: ArmNames
  private readonly groups: Readonly<Record<View, GroupedRatio>>
  /** By arm and seed; empty where there is but one seed. */
  private readonly seeds: GroupedRatio
  private readonly hasSeeds: boolean
  /** By arm, once all rows are in: title, notes and table ask for the same, and each costs a bootstrap. */
  private readonly differencesFound = new Map<string, Difference>()

  constructor(measure: Measure, arms: ArmNames) {
    this.measure = measure
    this.arms = arms
    const { isShare, eventSize } = measure
    const make = (bootstrapUpTo: number) => new GroupedRatio({ isShare, eventSize, bootstrapUpTo })
    this.groups = {
      step: make(STEP_BOOTSTRAP),
      arm: make(GROUP_BOOTSTRAP),
      category: make(GROUP_BOOTSTRAP),
      verdict: make(GROUP_BOOTSTRAP),
      stepAndVerdict: make(STEP_BOOTSTRAP),
    }
    this.seeds = make(GROUP_BOOTSTRAP)
    this.hasSeeds = new Set(arms.seeds).size > 1
  }

  /** @param inFocus whether the trajectory is of the phase that everything but the steps is about */
  add(row: ReadRow, arm: string, inFocus: boolean, numerator: number, denominator: number, items = 1): void {
    const { prompt, step, phase, role, category, whole } = row
    const { groups } = this
    // Other prompts are near all safe, and would make safe texts look like theirs.
    const isJudged = role === 'harmful' && (whole === 'safe' || whole === 'unsafe')
    const has = (view: View) => this.measure.views.includes(view)
    const add = (view: View, series: string, x: number | string) => groups[view].add(series, x, prompt, numerator, denominator, items)
    if (phase === 'train') {
      if (has('step')) add('step', arm, step)
      if (has('stepAndVerdict') && isJudged) add('stepAndVerdict', `${arm}: ${whole}`, step)
    }
    if (!inFocus) return
    if (has('arm')) add('arm', '', arm)
    if (this.hasSeeds) this.seeds.add(arm, this.arms.seeds[row.arm], prompt, numerator, denominator)
    if (has('category')) add('category', arm, category)
    if (has('verdict') && isJudged) add('verdict', whole, arm)
  }

  figures(): Figure[] {
    const { views } = this.measure
    return [
      ...(views.includes('step') ? this.overSteps('step') : []),
      ...(views.includes('stepAndVerdict') ? this.overSteps('stepAndVerdict') : []),
      ...(views.includes('arm') ? this.byArm() : []),
      ...(views.includes('verdict') ? this.byVerdict() : []),
      ...(views.includes('category') ? this.byCategory() : []),
    ]
  }

  tables(): AnalysisTable[] {
    return [this.differences(), this.bySeed()].flatMap((table) => table ?? [])
  }

  /** Each arm against the base on the same prompts; null where there is nothing to compare. */
  private differences(): AnalysisTable | null {
    const { base, names } = this.arms
    const { id, what, definition, axis } = this.measure
    if (base === null || names.length < 2) return null
    const rows = names
      .filter((name) => name !== base)
      .map((name) => {
        const { value, low, high, p, pairs } = this.againstBase(name, base)
        return [name, value, low, high, p, pairs]
      })
    const format = axis.format === 'share' ? 'points' : axis.format
    return {
      id: `${id}-against-base`,
      title: `${what}: each arm minus ${base}, on the same prompts.`,
      definition:
        `${definition} The mean over prompts of the difference, each prompt of equal weight; its 95% interval from a bootstrap over prompts, ` +
        `where there are at least ${FEWEST_PROMPTS} that do not all differ alike, and p from flipping signs.`,
      columns: [
        { label: 'arm', format: 'words' },
        { label: 'difference', format },
        { label: 'low', format },
        { label: 'high', format },
        { label: 'p', format: 'number' },
        { label: 'prompts', format: 'count' },
      ],
      rows,
    }
  }

  /** How far the seeds of an arm lie apart; null where there is but one. */
  private bySeed(): AnalysisTable | null {
    const rows = this.arms.names.flatMap((name) => {
      const values = this.seeds.xs.flatMap((seed) => this.seeds.promptMean(name, seed).value ?? [])
      if (values.length < 2) return []
      return [[name, values.reduce((sum, value) => sum + value, 0) / values.length, Math.min(...values), Math.max(...values), values.length]]
    })
    if (rows.length === 0) return null
    const { id, what, definition, axis } = this.measure
    return {
      id: `${id}-by-seed`,
      title: `${what}: how far the seeds of an arm lie apart.`,
      definition: `${definition} Taken of each seed by itself as in the figure by arm; then the mean over the seeds, and the least and the most of them.`,
      columns: [
        { label: 'arm', format: 'words' },
        { label: 'mean over seeds', format: axis.format },
        { label: 'least', format: axis.format },
        { label: 'most', format: axis.format },
        { label: 'seeds', format: 'count' },
      ],
      rows,
    }
  }

  /** How figures that put the texts of several prompts together count them. */
  private get pooled(): string {
    const { definition, weighting } = this.measure
    return weighting === undefined ? definition : `${definition} ${weighting}`
  }

  private againstBase(arm: string, base: string): Difference {
    const known = this.differencesFound.get(arm) ?? this.differenceOf(arm, base)
    this.differencesFound.set(arm, known)
    return known
  }

  private differenceOf(arm: string, base: string): Difference {
    const found = pairedDifference(this.observations(arm), this.observations(base), { isShare: this.measure.isShare })
    return (found.pairs ?? 0) >= FEWEST_PROMPTS ? found : { ...found, low: null, high: null }
  }

  private observations(arm: string): Observation[] {
    return [...this.groups.arm.prompts('', arm)].map(([prompt, [value, weight]]) => ({ prompt, value, weight }))
  }

  private overSteps(view: 'step' | 'stepAndVerdict'): Figure[] {
    const sums = this.groups[view]
    const steps = sums.xs.map(Number)
    if (steps.length === 0) return []
    const { id, what, axis } = this.measure
    const [first, last] = [steps[0], steps[steps.length - 1]]
    const width = Math.ceil((last - first + 1) / MOST_POINTS)
    const points = sums.joined((step) => first + Math.floor((Number(step) - first) / width) * width)
    const quarter = Math.max(1, Math.floor((last - first + 1) / 4))
    const ends = sums.joined((step) => (Number(step) < first + quarter ? 'first' : Number(step) > last - quarter ? 'last' : null))
    const series = this.ordered(sums.series)
    const comparisons = series.map((name) =>
      compared(name, ends.estimate(name, 'last'), ends.estimate(name, 'first'), axis.format, 'from %before to %now'),
    )
    const split = view === 'step' ? '' : ', safe and unsafe trajectories apart'
    return [
      figure({
        id: view === 'step' ? `${id}-by-step` : `${id}-by-step-and-verdict`,
        title: comparisonTitle(`${what} over training${split}`, steps.length < 2 ? [] : comparisons, {
          more: 'up',
          less: 'down',
          unclear: 'no clear change',
        }),
        definition: `${this.pooled}${view === 'step' ? '' : ` ${BY_VERDICT}`} The title compares the first quarter of the steps with the last.`,
        kind: 'lines',
        x: { label: 'training step', format: 'count' },
        y: axis,
        series: series.map((name) => ({
          name,
          points: points.xs.filter((x) => points.estimate(name, x).n > 0).map((x) => pointOf(x, points.estimate(name, x))),
        })),
        notes: width > 1 ? [`Each point joins ${width} steps, beginning with the one that it stands at.`] : [],
      }),
    ]
  }

  private byArm(): Figure[] {
    const sums = this.groups.arm
    const names = this.arms.names.filter((name) => sums.estimate('', name).n > 0)
    if (names.length === 0) return []
    const { id, what, definition, axis } = this.measure
    const estimates = new Map(names.map((name) => [name, sums.promptMean('', name)]))
    const { base } = this.arms
    const others = names.filter((name) => name !== base)
    const title =
      base !== null && names.includes(base) && others.length > 0
        ? comparisonTitle(`${what} against ${base}`, others.map((name) => this.pairedComparison(name, base)), {
            more: 'more',
            less: 'less',
            unclear: 'no clear difference',
          })
        : rangeTitle(`${what} by arm`, names.map((name) => ({ name, value: estimates.get(name)!.value })), axis.format)
    return [
      figure({
        id: `${id}-by-arm`,
        title,
        definition:
          `${definition} Here it is taken of each prompt by itself; a bar is the mean over prompts, each of equal weight, with a 95% interval ` +
          'over prompts. The title goes by the difference on the prompts that both arms have, its interval and its test together.',
        kind: 'bars',
        x: { label: 'arm', format: 'count' },
        y: axis,
        series: [{ name: what, points: names.map((name) => pointOf(name, estimates.get(name)!)) }],
        notes: ['Here n counts prompts.', ...(base === null ? [] : others.flatMap((name) => this.unsharedNote(name, base)))],
      }),
    ]
  }

  /** Where the bars of two arms rest on other prompts than the title. */
  private unsharedNote(name: string, base: string): string[] {
    const [own, theirs] = [name, base].map((arm) => this.groups.arm.promptMean('', arm).n)
    const shared = this.againstBase(name, base).pairs ?? 0
    if (shared === own && shared === theirs) return []
    return [`The title compares ${name} with ${base} on the ${shared} prompts of both; the bars are of ${own} and ${theirs}.`]
  }

  private pairedComparison(name: string, base: string): Comparison {
    const { format } = this.measure.axis
    const numbers = (value: number) => `${shownDifference(value, format === 'share' ? 'points' : format)} on the same prompts`
    return comparedPairs(name, this.againstBase(name, base), numbers)
  }

  private byVerdict(): Figure[] {
    const sums = this.groups.verdict
    const names = this.arms.names.filter((name) => sums.estimate('safe', name).n + sums.estimate('unsafe', name).n > 0)
    if (names.length === 0) return []
    const { id, what, axis } = this.measure
    const comparisons = names.map((name) =>
      compared(name, sums.estimate('unsafe', name), sums.estimate('safe', name), axis.format, '%now against %before'),
    )
    const words = { more: 'more', less: 'less', unclear: 'no clear difference' }
    return [
      figure({
        id: `${id}-by-verdict`,
        title: comparisonTitle(`${what} in unsafe against safe trajectories`, comparisons, words),
        definition: `${this.pooled} ${BY_VERDICT}`,
        kind: 'bars',
        x: { label: 'arm', format: 'count' },
        y: axis,
        series: ['safe', 'unsafe'].map((verdict) => ({
          name: verdict,
          points: names.map((name) => pointOf(name, sums.estimate(verdict, name))),
        })),
        notes: [],
      }),
    ]
  }

  private byCategory(): Figure[] {
    const sums = this.groups.category
    const categories = sums.xs.map(String).sort()
    if (categories.length === 0) return []
    const { id, what, axis } = this.measure
    const series = this.ordered(sums.series)
    const all = series.flatMap((arm) =>
      categories.map((category) => ({ name: `${category}, ${arm}`, value: sums.estimate(arm, category).value })),
    )
    return [
      figure({
        id: `${id}-by-category`,
        title: rangeTitle(`${what} by category and arm`, all, axis.format),
        definition: this.pooled,
        kind: 'bars',
        x: { label: 'category', format: 'count' },
        y: axis,
        series: series.map((arm) => ({ name: arm, points: categories.map((x) => pointOf(x, sums.estimate(arm, x))) })),
        notes: [],
      }),
    ]
  }

  /** As the arms stand in the study, each with its parts together. */
  private ordered(series: readonly string[]): string[] {
    const place = (name: string) => this.arms.names.findIndex((arm) => name === arm || name.startsWith(`${arm}: `))
    return [...series].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
  }
}

export function figure(parts: Omit<Figure, 'binWidth'> & { binWidth?: number }): Figure {
  return { binWidth: null, ...parts }
}

export function pointOf(x: number | string, { value, low, high, n }: Estimate): FigurePoint {
  return { x, y: value, low, high, n }
}
