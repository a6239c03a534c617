/** One measure of trajectories seen from several sides: by training step, arm, category and verdict. */
import type { AnalysisTable } from '../../../shared/analysis.ts'
import type { Figure } from '../../../shared/figure.ts'
import { GroupedRatio } from '../../evaluate/groupedRatio.ts'
import { ByArm } from './byArm.ts'
import { figure, GROUP_BOOTSTRAP, pointOf, type ArmNames, type Measure, type View } from './measure.ts'
import type { ReadRow } from './readRows.ts'
import { compared, comparisonTitle, rangeTitle } from './titles.ts'

/** Points of a line at most: more are joined, so that each has an interval worth showing. */
const MOST_POINTS = 40
/** A bootstrap a point would cost seconds on large runs; a hundred prompts are enough for its limit. */
const STEP_BOOTSTRAP = 100

const BY_VERDICT = "Of harmful prompts only: safe and unsafe by the run's first judge, on thought and response together."

export class MeasureViews {
  private readonly measure: Measure
  private readonly arms: ArmNames
  private readonly byArm: ByArm
  private readonly groups: Readonly<Record<Exclude<View, 'arm'>, GroupedRatio>>

  constructor(measure: Measure, arms: ArmNames) {
    this.measure = measure
    this.arms = arms
    this.byArm = new ByArm(measure, arms)
    const { isShare, eventSize } = measure
    const make = (bootstrapUpTo: number) => new GroupedRatio({ isShare, eventSize, bootstrapUpTo })
    this.groups = {
      step: make(STEP_BOOTSTRAP),
      pooledArm: make(GROUP_BOOTSTRAP),
      category: make(GROUP_BOOTSTRAP),
      verdict: make(GROUP_BOOTSTRAP),
      stepAndVerdict: make(STEP_BOOTSTRAP),
    }
  }

  /** @param inFocus whether the trajectory is of the phase that everything but the steps is about */
  add(row: ReadRow, arm: string, inFocus: boolean, numerator: number, denominator: number, items = 1): void {
    const { prompt, step, phase, role, category, whole } = row
    const { groups } = this
    // Other prompts are near all safe, and would make safe texts look like theirs.
    const isJudged = role === 'harmful' && (whole === 'safe' || whole === 'unsafe')
    const has = (view: View) => this.measure.views.includes(view)
    const add = (view: Exclude<View, 'arm'>, series: string, x: number | string) => groups[view].add(series, x, prompt, numerator, denominator, items)
    if (phase === 'train') {
      if (has('step')) add('step', arm, step)
      if (has('stepAndVerdict') && isJudged) add('stepAndVerdict', `${arm}: ${whole}`, step)
    }
    if (!inFocus) return
    if (has('arm')) this.byArm.add(arm, this.arms.seeds[row.arm], prompt, numerator, denominator)
    if (has('pooledArm')) add('pooledArm', '', arm)
    if (has('category')) add('category', arm, category)
    if (has('verdict') && isJudged) add('verdict', whole, arm)
  }

  figures(): Figure[] {
    const { views } = this.measure
    return [
      ...(views.includes('step') ? this.overSteps('step') : []),
      ...(views.includes('stepAndVerdict') ? this.overSteps('stepAndVerdict') : []),
      ...(views.includes('arm') ? this.byArm.figures() : []),
      ...(views.includes('pooledArm') ? this.byPooledArm() : []),
      ...(views.includes('verdict') ? this.byVerdict() : []),
      ...(views.includes('category') ? this.byCategory() : []),
    ]
  }

  tables(): AnalysisTable[] {
    return this.measure.views.includes('arm') ? this.byArm.tables() : []
  }

  /** How figures that put the texts of several prompts together count them. */
  private get pooled(): string {
    const { definition, weighting } = this.measure
    return weighting === undefined ? definition : `${definition} ${weighting}`
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

  private byPooledArm(): Figure[] {
    const sums = this.groups.pooledArm
    const names = this.arms.names.filter((name) => sums.estimate('', name).n > 0)
    if (names.length === 0) return []
    const { id, what, axis } = this.measure
    const { base } = this.arms
    const others = names.filter((name) => name !== base)
    const against = (name: string) =>
      compared(name, sums.estimate('', name), sums.estimate('', base ?? ''), axis.format, '%now against %before')
    const title =
      base !== null && names.includes(base) && others.length > 0
        ? comparisonTitle(`${what} against ${base}`, others.map(against), { more: 'more', less: 'less', unclear: 'no clear difference' })
        : rangeTitle(`${what} by arm`, names.map((name) => ({ name, value: sums.estimate('', name).value })), axis.format)
    return [
      figure({
        id: `${id}-by-arm`,
        title,
        definition: this.pooled,
        kind: 'bars',
        x: { label: 'arm', format: 'count' },
        y: axis,
        series: [{ name: what, points: names.map((name) => pointOf(name, sums.estimate('', name))) }],
        notes: [],
      }),
    ]
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
