/** One measure by arm: paired with the base by prompt, and how far the seeds of an arm lie apart. */
import type { AnalysisTable } from '../../../shared/analysis.ts'
import type { Figure, FigureFormat } from '../../../shared/figure.ts'
import { FEWEST_PROMPTS } from '../../../shared/rateWords.ts'
import type { Difference } from '../../../shared/result.ts'
import { pairedDifference, pairedMean } from '../../evaluate/difference.ts'
import { GroupedRatio, type Estimate } from '../../evaluate/groupedRatio.ts'
import type { Observation } from '../../evaluate/interval.ts'
import { figure, GROUP_BOOTSTRAP, pointOf, type ArmNames, type Measure } from './measure.ts'
import { comparedPairs, comparisonTitle, rangeTitle, shownDifference, type Comparison } from './titles.ts'

const HOW =
  'Here it is taken of each text by itself, then its mean over the texts of a prompt, then over prompts, so that it does not hang on how many texts a prompt has.'

/**
 * Each text and each prompt weighs the same. A ratio of sums within a prompt would not do: it hangs on how many texts it is of, and arms,
 * seeds and all seeds together have different numbers of them.
 */
export class ByArm {
  private readonly measure: Measure
  private readonly arms: ArmNames
  /** What is measured of each text, by arm. */
  private readonly texts: GroupedRatio
  /** The same by arm and seed; empty where there is but one seed. */
  private readonly seeds: GroupedRatio
  /** Sums over all texts of an arm, which bound what was never seen. */
  private readonly sums: GroupedRatio
  private readonly hasSeeds: boolean
  /** By arm, once all rows are in: title, notes and table ask for the same, and each costs a bootstrap. */
  private readonly differencesFound = new Map<string, Difference>()

  constructor(measure: Measure, arms: ArmNames) {
    this.measure = measure
    this.arms = arms
    const options = { isShare: measure.isShare, bootstrapUpTo: GROUP_BOOTSTRAP }
    this.texts = new GroupedRatio({ ...options, eventSize: null })
    this.seeds = new GroupedRatio({ ...options, eventSize: null })
    this.sums = new GroupedRatio({ ...options, eventSize: measure.eventSize })
    this.hasSeeds = new Set(arms.seeds).size > 1
  }

  add(arm: string, seed: number, prompt: string, numerator: number, denominator: number): void {
    const value = numerator / denominator
    this.texts.add('', arm, prompt, value, 1)
    this.sums.add('', arm, prompt, numerator, denominator)
    if (this.hasSeeds) this.seeds.add(arm, seed, prompt, value, 1)
  }

  figures(): Figure[] {
    const names = this.arms.names.filter((name) => this.texts.estimate('', name).n > 0)
    if (names.length === 0) return []
    const { id, what, definition, axis } = this.measure
    const estimates = new Map(names.map((name) => [name, this.estimate(name)]))
    const { base } = this.arms
    const others = names.filter((name) => name !== base)
    const title =
      base !== null && names.includes(base) && others.length > 0
        ? comparisonTitle(`${what} against ${base}`, others.map((name) => this.comparison(name, base)), {
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
          `${definition} ${HOW} The 95% interval is over prompts. The title goes by the difference on the prompts that both arms have, ` +
          'its interval and its test together.',
        kind: 'bars',
        x: { label: 'arm', format: 'count' },
        y: axis,
        series: [{ name: what, points: names.map((name) => pointOf(name, estimates.get(name)!)) }],
        notes: [
          'Here n counts prompts.',
          ...(base === null ? [] : others.flatMap((name) => [...this.unsharedNote(name, base), ...this.seedsNote(name, base)])),
        ],
      }),
    ]
  }

  tables(): AnalysisTable[] {
    return [this.differences(), this.bySeed()].flatMap((table) => table ?? [])
  }

  private estimate(name: string): Estimate {
    const found = this.texts.promptMean('', name)
    const isUnseen = found.value === 0 && this.measure.eventSize !== null
    return { ...(isUnseen ? this.sums.estimate('', name) : found), n: found.n }
  }

  /** Each arm against the base on the same prompts; null where there is nothing to compare. */
  private differences(): AnalysisTable | null {
    const { base, names } = this.arms
    const { id, what, definition } = this.measure
    if (base === null || names.length < 2) return null
    const rows = names
      .filter((name) => name !== base)
      .map((name) => {
        const { value, low, high, p, pairs } = this.againstBase(name, base)
        const seeds = this.seedDifferences(name, base)
        const range = seeds.length > 1 ? [Math.min(...seeds), Math.max(...seeds)] : [null, null]
        return [name, value, low, high, p, pairs, ...(this.hasSeeds ? range : [])]
      })
    if (rows.every(([, value]) => value === null)) return null
    const format = this.differenceFormat
    return {
      id: `${id}-against-base`,
      title: `${what}: each arm minus ${base}, on the same prompts.`,
      definition:
        `${definition} ${HOW} The difference is that of the prompts of both; its 95% interval from a bootstrap over prompts, ` +
        `where there are at least ${FEWEST_PROMPTS} that do not all differ alike, and p from flipping signs.` +
        (this.hasSeeds ? ' Beside them the least and the most difference of one seed, on the prompts that it has a number for: intervals do not tell how far seeds lie apart.' : ''),
      columns: [
        { label: 'arm', format: 'words' },
        { label: 'difference', format },
        { label: 'low', format },
        { label: 'high', format },
        { label: 'p', format: 'number' },
        { label: 'prompts', format: 'count' },
        ...(this.hasSeeds ? ['least seed', 'most seed'].map((label) => ({ label, format })) : []),
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
      definition: `${definition} ${HOW} The mean over the seeds, and the least and the most of them.`,
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

  private againstBase(arm: string, base: string): Difference {
    const known = this.differencesFound.get(arm) ?? this.differenceOf(arm, base)
    this.differencesFound.set(arm, known)
    return known
  }

  private differenceOf(arm: string, base: string): Difference {
    const [own, theirs] = [arm, base].map((name) => observationsOf(this.texts.prompts('', name)))
    return pairedDifference(own, theirs, { isShare: this.measure.isShare, fewest: FEWEST_PROMPTS })
  }

  /** Of each seed that both have by itself. */
  private seedDifferences(arm: string, base: string): number[] {
    return this.seeds.xs.flatMap((seed) => {
      const [own, theirs] = [arm, base].map((name) => observationsOf(this.seeds.prompts(name, seed)))
      return pairedMean(own, theirs) ?? []
    })
  }

  private comparison(name: string, base: string): Comparison {
    const numbers = (value: number) => `${shownDifference(value, this.differenceFormat)} on the same prompts`
    return comparedPairs(name, this.againstBase(name, base), numbers)
  }

  /** Where the bars of two arms rest on other prompts than the title. */
  private unsharedNote(name: string, base: string): string[] {
    const [own, theirs] = [name, base].map((arm) => this.texts.prompts('', arm).size)
    const shared = this.againstBase(name, base).pairs ?? 0
    if (shared === own && shared === theirs) return []
    return [`The title compares ${name} with ${base} on the ${shared} ${shared === 1 ? 'prompt' : 'prompts'} of both; the bars are of ${own} and ${theirs}.`]
  }

  /** Where a seed says another thing than another. */
  private seedsNote(name: string, base: string): string[] {
    const seeds = this.seedDifferences(name, base)
    const [least, most] = [Math.min(...seeds), Math.max(...seeds)]
    if (seeds.length < 2 || least >= 0 || most <= 0) return []
    const format = this.differenceFormat
    return [`The seeds of ${name} do not agree: from ${shownDifference(least, format)} to ${shownDifference(most, format)} against ${base}.`]
  }

  private get differenceFormat(): FigureFormat {
    const { format } = this.measure.axis
    return format === 'share' ? 'points' : format
  }
}

function observationsOf(prompts: ReadonlyMap<string, readonly [number, number]>): Observation[] {
  return [...prompts].map(([prompt, [value, weight]]) => ({ prompt, value, weight }))
}
