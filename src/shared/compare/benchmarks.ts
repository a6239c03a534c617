/** What benchmarks report: each data set by itself, classes of refusal, several samples a prompt, scores of judges. */
import type { Figure } from '../figure.ts'
import { shortName } from '../figureText.ts'
import type { ArmResult, Benchmarks, ComplianceRates, Rate, SetMeasures } from '../result.ts'
import { armBars, CLEAR, pointOf, said, type Reading } from './armBars.ts'
import { nothing, placeBars } from './byPlace.ts'
import type { ComparedArm } from './comparedArms.ts'

type Reference = ComparedArm | null
const APART = 'Arms are compared by their intervals.'
const BY_INTERVAL = `${CLEAR} ${APART}`
const OFTEN = { above: 'more often', below: 'less often' }

export function benchmarkFigures(arms: readonly ComparedArm[], reference: Reference): Figure[] {
  return [
    ...setFigures(arms, reference),
    ...complianceFigures(arms, reference),
    ...repeatedFigure(arms, reference),
    ...passFigure(arms, reference),
    ...scoreFigures(arms, reference),
  ]
}

/** Every data set and role that any arm was asked, in the order of the first that has it. */
function setsOf(arms: readonly ComparedArm[]): Pick<SetMeasures, 'set' | 'role'>[] {
  const all = arms.flatMap(({ result }) => result.benchmarks?.bySet ?? [])
  return [...new Map(all.map(({ set, role }) => [JSON.stringify([set, role]), { set, role }])).values()]
}

function ofSet({ benchmarks }: ArmResult, { set, role }: Pick<SetMeasures, 'set' | 'role'>): SetMeasures | undefined {
  return benchmarks?.bySet.find((each) => each.set === set && each.role === role)
}

/** Safety and reasoning of data sets side by side, where there are several. */
function setFigures(arms: readonly ComparedArm[], reference: Reference): Figure[] {
  const places = (role: SetMeasures['role']) => setsOf(arms).flatMap((each) => (each.role === role ? [each.set] : []))
  const [harmful, reasoning] = [places('harmful'), places('reasoning')]
  const common = { xLabel: 'Data set', format: 'share' } as const
  const safety = placeBars(arms, reference, {
    ...common,
    id: 'sets-whole',
    subject: 'Thought and answer together by data set',
    definition: `Share of the harmful prompts of a data set of which thought and answer are found safe. ${BY_INTERVAL}`,
    places: harmful,
    yLabel: 'Found safe',
    above: 'safer',
    below: 'less safe',
    read: (arm, set) => ofSet(arm, { set, role: 'harmful' })?.safety.whole ?? nothing,
  })
  const right = placeBars(arms, reference, {
    ...common,
    id: 'sets-reasoning',
    subject: 'Reasoning answered rightly by data set',
    definition: `Share of the reasoning prompts of a data set that were answered rightly. ${BY_INTERVAL}`,
    places: reasoning,
    yLabel: 'Right',
    above: 'better',
    below: 'worse',
    read: (arm, set) => ofSet(arm, { set, role: 'reasoning' })?.reasoning ?? nothing,
  })
  return [...(harmful.length > 1 ? [safety] : []), ...(reasoning.length > 1 ? [right] : [])]
}

function complianceFigures(arms: readonly ComparedArm[], reference: Reference): Figure[] {
  const sets = setsOf(arms).filter(({ role }) => role !== 'reasoning')
  return sets.flatMap((each, index) => {
    const of = (read: (rates: ComplianceRates) => Rate) => (arm: ArmResult) => {
      const found = ofSet(arm, each)
      return found === undefined ? nothing : read(found.compliance)
    }
    const readings: Reading[] = [
      { name: 'Full compliance', read: of(({ full }) => full) },
      { name: 'Partial refusal', read: of(({ partial }) => partial) },
      { name: 'Full refusal', read: of(({ refusal }) => refusal) },
    ]
    const kind = each.role === 'harmful' ? 'harmful' : 'harmless'
    const subject = `${shortName(each.set)}, ${kind} prompts fully refused`
    return armBars(arms, {
      id: `compliance-${index + 1}`,
      title: said(arms, reference, { ...OFTEN, subject, format: 'share', read: readings[2].read }),
      definition: `Share of the ${kind} prompts of a data set by what the answer does (XSTest's three classes). ${APART}`,
      yLabel: 'Prompts',
      format: 'share',
      readings,
    })
  })
}

/** All of K samples safe, half of them, one of them: how far one safe answer can be relied on. */
function repeatedFigure(arms: readonly ComparedArm[], reference: Reference): Figure[] {
  const counts = [...new Set(arms.flatMap(({ result }) => result.benchmarks?.repeated?.samples ?? []))]
  if (counts.length !== 1) return []
  const [samples] = counts
  const of = (read: (repeated: NonNullable<Benchmarks['repeated']>) => Rate) => (arm: ArmResult) => {
    const repeated = arm.benchmarks?.repeated ?? null
    return repeated === null ? nothing : read(repeated)
  }
  const all = of(({ safeAtK }) => safeAtK.whole)
  const subject = `All ${samples} samples of a prompt safe`
  return armBars(arms, {
    id: 'repeated',
    title: said(arms, reference, { ...OFTEN, subject, format: 'share', read: all }),
    definition:
      `Share of harmful prompts by their ${samples} samples, judged by thought and answer together: a sample safe ` +
      `(Safe@1), at least half of them (ConsSafe@K), all of them (Safe@K). ${APART}`,
    yLabel: 'Harmful prompts',
    format: 'share',
    readings: [
      { name: 'Safe@1', read: ({ safety }) => safety.whole },
      { name: `ConsSafe@${samples}`, read: of(({ consSafeAtK }) => consSafeAtK.whole) },
      { name: `Safe@${samples}`, read: all },
    ],
  })
}

function passFigure(arms: readonly ComparedArm[], reference: Reference): Figure[] {
  const all = arms.flatMap(({ result }) => result.benchmarks?.repeated?.pass.map(({ k }) => k) ?? [])
  if (all.length === 0) return []
  const ks = [...new Set([1, ...all])].sort((a, b) => a - b)
  const most = Math.max(...ks)
  // pass@1 is the share of right answers itself.
  const at = (k: number) => (arm: ArmResult) =>
    k === 1 ? arm.reasoning : (arm.benchmarks?.repeated?.pass.find((each) => each.k === k)?.rate ?? nothing)
  const subject = `At least one of ${most} samples right`
  return [
    {
      id: 'pass-at-k',
      title: said(arms, reference, { ...OFTEN, subject, format: 'share', read: at(most) }),
      definition: `pass@k: the chance that at least one of k samples of a reasoning prompt is right. ${BY_INTERVAL}`,
      kind: 'lines',
      x: { label: 'k', format: 'count' },
      y: { label: 'pass@k', format: 'share' },
      binWidth: null,
      series: arms.map(({ name, result }) => ({
        name,
        points: ks.map((k) => ({ ...pointOf('', at(k)(result)), x: k })),
      })),
      notes: [],
    },
  ]
}

const componentNames = { thought: 'thought', response: 'answer', whole: 'thought and answer together' }

/** A judge's own score, on AttaQ's scale. */
function scoreFigures(arms: readonly ComparedArm[], reference: Reference): Figure[] {
  const all = arms.flatMap(({ result }) => result.benchmarks?.scores ?? [])
  const scores = [...new Map(all.map((each) => [JSON.stringify([each.judge, each.component]), each])).values()]
  return scores.map(({ judge, component }, index) => {
    const of = ({ benchmarks }: ArmResult) =>
      benchmarks?.scores.find((each) => each.judge === judge && each.component === component)
    const places = [...new Set(arms.flatMap(({ result }) => Object.keys(of(result)?.byCategory ?? {})))].sort()
    return placeBars(arms, reference, {
      id: `score-${index + 1}`,
      subject: `Score of the ${componentNames[component]} by ${judge}, by category`,
      definition:
        "Mean score of harmful prompts by AttaQ's rule: the raw score clipped to -8 and 1, put on a scale of 0 to 1. " +
        `More is safer. ${BY_INTERVAL}`,
      places,
      xLabel: 'Category',
      yLabel: 'Score',
      format: 'number',
      above: 'higher',
      below: 'lower',
      read: (arm, category) => {
        const found = of(arm)?.byCategory
        return found !== undefined && Object.hasOwn(found, category) ? found[category] : nothing
      },
    })
  })
}
