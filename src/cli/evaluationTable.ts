/** The result of an evaluation as tables: each data set, all harmful prompts together, categories, and models side by side. */
import { countWords, noIntervalWords } from '../shared/rateWords.ts'
import type { ArmResult, Rate, SafetyRates, SetMeasures, StudyResult } from '../shared/result.ts'
import type { StudyConfig } from '../shared/study.ts'
import { Component } from '../shared/trajectory.ts'
import { WORD_LIST_WARNING, isWordList } from '../shared/wordList.ts'
import { comparisonTable, percent, seedTable, tableOf, type Row } from './armTables.ts'

const NAMES: Record<Component, string> = { thought: 't', response: 'y', whole: 't+y' }

/** '25.0% [15.0, 35.0] n 300', or a dash where there was nothing to score. */
const share = (rate: Rate): string => counted(rate, percent, '%')
const number = (rate: Rate): string => counted(rate, (value) => value.toFixed(3), '')

function counted(rate: Rate, show: (value: number) => string, unit: string): string {
  const { value, low, high, n, unscorable } = rate
  const left = unscorable > 0 ? `, ${unscorable} unscorable` : ''
  if (value === null) return n + unscorable === 0 ? '–' : `– (n ${n}${left})`
  const interval = low === null || high === null ? `(${noIntervalWords(rate)})` : `[${show(low)}, ${show(high)}]`
  return `${show(value)}${unit} ${interval} ${countWords(rate)}${left}`
}

/** 1 - rate, with the ends of its interval exchanged. */
function complement({ value, low, high, ...rest }: Rate): Rate {
  const flip = (x: number | null) => (x === null ? null : 1 - x)
  return { value: flip(value), low: flip(high), high: flip(low), ...rest }
}

function safetyRows<T>(components: readonly Component[], read: (of: T) => SafetyRates, words = 'safe'): Row<T>[] {
  return components.map((component) => [`${NAMES[component]} ${words}`, (of) => share(read(of)[component])])
}

/** Of the last component that was judged: both together, where they were. */
const attackRow = <T>(components: readonly Component[], read: (of: T) => SafetyRates): Row<T> => {
  const component = components[components.length - 1]
  return [`attack success (1 - ${NAMES[component]} safe)`, (of) => share(complement(read(of)[component]))]
}

function setTables({ arms }: StudyResult, components: readonly Component[]): string[] {
  const sets = new Map(arms.flatMap(({ benchmarks }) => benchmarks?.bySet ?? []).map(({ set, role }) => [`${role} ${set}`, { set, role }]))
  return [...sets.values()].flatMap(({ set, role }) => {
    const columns = arms.map(({ name, benchmarks }) => ({
      name,
      of: benchmarks?.bySet.find((each) => each.set === set && each.role === role),
    }))
    const rows: Row<SetMeasures>[] = [
      ...safetyRows<SetMeasures>(components, ({ safety }) => safety),
      attackRow<SetMeasures>(components, ({ safety }) => safety),
      ['full compliance', ({ compliance }) => share(compliance.full)],
      ['partial refusal', ({ compliance }) => share(compliance.partial)],
      ['full refusal', ({ compliance }) => share(compliance.refusal)],
      ['pass@1', ({ reasoning }) => share(reasoning)],
      ['no answer found', ({ unanswered }) => share(unanswered)],
      ['tokens', ({ tokens }) => number(tokens)],
    ]
    const prompts = columns.find(({ of }) => of !== undefined)?.of?.prompts ?? 0
    return tableOf(`${set}: ${prompts} ${role} prompts`, columns, rows)
  })
}

function wholeTable({ arms }: StudyResult, components: readonly Component[]): string[] {
  const repeated = (arm: ArmResult, read: (rates: NonNullable<NonNullable<ArmResult['benchmarks']>['repeated']>) => Rate | undefined) => {
    const rates = arm.benchmarks?.repeated
    const found = rates ? read(rates) : undefined
    return found === undefined ? '–' : share(found)
  }
  const k = arms.find(({ benchmarks }) => benchmarks?.repeated)?.benchmarks?.repeated
  const rows: Row<ArmResult>[] = [
    ...safetyRows<ArmResult>(components, ({ safety }) => safety, k ? 'Safe@1' : 'safe'),
    attackRow<ArmResult>(components, ({ safety }) => safety),
    ...components.map((component): Row<ArmResult> => [
      `${NAMES[component]} Safe@${k?.samples}`,
      (arm) => repeated(arm, ({ safeAtK }) => safeAtK[component]),
    ]),
    ...components.map((component): Row<ArmResult> => [
      `${NAMES[component]} ConsSafe@${k?.samples}`,
      (arm) => repeated(arm, ({ consSafeAtK }) => consSafeAtK[component]),
    ]),
    ['t unsafe and y safe', (arm) => share(arm.hiddenRisk.share)],
    ['t unsafe, given y safe', (arm) => share(arm.hiddenRisk.givenSafeResponse)],
    ['benign refused, in whole or part', (arm) => share(arm.overRefusal)],
    ['reasoning pass@1', (arm) => share(arm.reasoning)],
    ...(k?.pass ?? []).map((each): Row<ArmResult> => [
      `reasoning pass@${each.k}`,
      (arm) => repeated(arm, ({ pass }) => pass.find((own) => own.k === each.k)?.rate),
    ]),
    ['reasoning: no answer found', (arm) => share(arm.unanswered)],
    ['thought not closed', (arm) => share(arm.unfinished)],
    ['cues / 1,000 tokens', (arm) => number(arm.reflectionPer1k)],
    ['entropy, nats', (arm) => number(arm.entropy)],
    ['thought, tokens', (arm) => number(arm.tokens.thought)],
    ['response, tokens', (arm) => number(arm.tokens.response)],
  ]
  return tableOf('all data sets together', arms.map((arm) => ({ name: arm.name, of: arm })), rows)
}

/** AttaQ scores: from 0 to 1, higher is safer. */
function scoreTables({ arms }: StudyResult): string[] {
  const scores = arms.flatMap(({ benchmarks }) => benchmarks?.scores ?? [])
  const kinds = new Map(scores.map(({ judge, component }) => [`${judge} ${component}`, { judge, component }]))
  return [...kinds.values()].flatMap(({ judge, component }) => {
    const columns = arms.map(({ name, benchmarks }) => ({
      name,
      of: benchmarks?.scores.find((each) => each.judge === judge && each.component === component),
    }))
    const categories = [...new Set(columns.flatMap(({ of }) => Object.keys(of?.byCategory ?? {})))].sort()
    return tableOf(`AttaQ score of ${NAMES[component]} by ${judge}`, columns, [
      ['all categories', ({ overall }) => number(overall)],
      ...categories.map((category): Row<NonNullable<(typeof columns)[number]['of']>> => [
        category,
        ({ byCategory }) => (Object.hasOwn(byCategory, category) ? number(byCategory[category]) : '–'),
      ]),
    ])
  })
}

function categoryTables({ arms }: StudyResult, components: readonly Component[]): string[] {
  const categories = [...new Set(arms.flatMap(({ byCategory }) => Object.keys(byCategory)))].sort()
  const columns = arms.map((arm) => ({ name: arm.name, of: arm }))
  return components.flatMap((component) => {
    const title = `${NAMES[component]} safe by category`
    const rates = arms.flatMap(({ byCategory }) => Object.values(byCategory).map((rates) => rates[component]))
    const unscorable = rates.reduce((sum, rate) => sum + rate.unscorable, 0)
    if (unscorable > 0 && rates.every(({ n }) => n === 0)) return [`${title}: nothing could be scored (${unscorable} unscorable)`]
    return tableOf(
      title,
      columns,
      categories.map((category): Row<ArmResult> => [
        category,
        ({ byCategory }) => (Object.hasOwn(byCategory, category) ? share(byCategory[category][component]) : '–'),
      ]),
    )
  })
}

/** Whether a result is one of an evaluation: nothing was trained. */
export function isEvaluation({ arms }: StudyResult): boolean {
  return arms.every(({ method, benchmarks }) => method === 'base' && benchmarks !== undefined)
}

/** Everything as text for standard output. */
export function evaluationTable(result: StudyResult, study: StudyConfig): string {
  const { arms, judges, seconds } = result
  const components = Component.options.filter((component) => (result.components ?? Component.options).includes(component))
  const { samplesPerPrompt, sampling, threshold } = study.evaluation
  const others = judges.length > 1 ? `; also recorded: ${judges.slice(1).join(', ')}` : ''
  const what = ({ name, model, adapter, thinking }: ArmResult) =>
    `${name}: ${model}${adapter === undefined ? '' : ` with ${adapter}`}, asked ${thinking ? 'to think' : 'not to think'}`
  const notes = [
    'In brackets 95% intervals, over prompts; n counts samples, of Safe@K, ConsSafe@K and pass@k prompts, of differences pairs.',
    't thought, y response, t+y both. Unscorable ones are left out. No answer counts as not right.',
    ...(isWordList(judges[0]) ? [`${WORD_LIST_WARNING} (--judges).`] : []),
  ]
  return [
    [
      `${result.study}: ${Math.round(seconds)} s`,
      ...arms.map(what),
      `${samplesPerPrompt} sample${samplesPerPrompt === 1 ? '' : 's'} a prompt and seed, seed ${study.seeds.join(', ')}; temperature ${sampling.temperature}, ` +
        `top-p ${sampling.topP}, at most ${sampling.maxNewTokens} new tokens`,
      `safe: P(safe) of ${threshold} or more by ${judges[0]}${others}`,
    ].join('\n'),
    ...setTables(result, components),
    ...wholeTable(result, components),
    ...scoreTables(result),
    ...categoryTables(result, components),
    ...comparisonTable(result),
    ...seedTable(arms),
    notes.join('\n'),
  ].join('\n\n')
}
