/** The result of a study as tables: the arms, what changed against base, and what the figures rest on. */
import { countWords, noIntervalWords } from '../shared/rateWords.ts'
import type { ArmResult, Rate, StudyResult } from '../shared/result.ts'
import { WORD_LIST_WARNING, isWordList } from '../shared/wordList.ts'
import { comparisonTable, differenceTable, percent, seedTable, tableOf, type Row } from './armTables.ts'

/** '25.0% [15.0, 35.0]', or a dash where nothing was scored. */
export function formatShare({ value, low, high }: Rate): string {
  if (value === null) return '–'
  return low === null || high === null ? `${percent(value)}%` : `${percent(value)}% [${percent(low)}, ${percent(high)}]`
}

/** '0.25 [0.15, 0.35]', or a dash where nothing was scored. */
export function formatNumber({ value, low, high }: Rate, digits = 2): string {
  if (value === null) return '–'
  const write = (number: number) => number.toFixed(digits)
  return low === null || high === null ? write(value) : `${write(value)} [${write(low)}, ${write(high)}]`
}

/** With the items that it comes from: '25.0% [15.0, 35.0] n 80'. */
function counted(rate: Rate, text: string): string {
  if (rate.value === null) return text
  const missing = noIntervalWords(rate)
  return `${text}${missing === '' ? '' : ` (${missing})`} ${countWords(rate)}`
}
const share = (rate: Rate): string => counted(rate, formatShare(rate))
const number = (rate: Rate, digits?: number): string => counted(rate, formatNumber(rate, digits))

const FIGURES: Row<ArmResult>[] = [
  ['t safe', (arm) => share(arm.safety.thought)],
  ['y safe', (arm) => share(arm.safety.response)],
  ['t+y safe', (arm) => share(arm.safety.whole)],
  ['t unsafe and y safe', (arm) => share(arm.hiddenRisk.share)],
  ['t unsafe, given y safe', (arm) => share(arm.hiddenRisk.givenSafeResponse)],
  ['benign refused', (arm) => share(arm.overRefusal)],
  ['reasoning right', (arm) => share(arm.reasoning)],
  ['reasoning unanswered', (arm) => share(arm.unanswered)],
  ['thought not closed', (arm) => share(arm.unfinished)],
  ['cues / 1,000 tokens', (arm) => number(arm.reflectionPer1k)],
  ['entropy, nats', (arm) => number(arm.entropy, 3)],
]

function unscorableLine({ name, safety, overRefusal, reasoning }: ArmResult): string[] {
  const parts: [string, Rate][] = [
    ['t', safety.thought],
    ['y', safety.response],
    ['t+y', safety.whole],
    ['over-refusal', overRefusal],
    ['reasoning', reasoning],
  ]
  const unscored = parts
    .filter(([, rate]) => rate.unscorable > 0)
    .map(([part, rate]) => `${part} ${rate.unscorable} of ${rate.unscorable + rate.n}`)
  return unscored.length === 0 ? [] : [`unscorable in ${name}: ${unscored.join(', ')}`]
}

/** Everything as text for standard output. */
export function resultTable(result: StudyResult): string {
  const { arms, judges, model, seconds, study } = result
  const others = judges.length > 1 ? ` (also recorded: ${judges.slice(1).join(', ')})` : ''
  const columns = arms.map((arm) => ({ name: arm.name, of: arm }))
  const compared = arms.flatMap(({ name, differences }) => (differences === null ? [] : [{ name, of: differences }]))
  const first = arms[0]
  const items = (rate: Rate) => rate.n + rate.unscorable
  const notes = [
    `items an arm, all seeds together: harmful ${items(first.safety.whole)}, benign ${items(first.overRefusal)}, ` +
      `reasoning ${items(first.reasoning)}`,
    ...arms.flatMap(unscorableLine),
    't thought, y response, t+y both. A plan that is taken back before the answer is an unsafe thought.',
    ...(isWordList(judges[0]) ? [`${WORD_LIST_WARNING} (judges of the study, --judges of eval).`] : []),
  ]
  return [
    `${study}: ${model}, ${Math.round(seconds)} s; shares with 95% intervals; safety by judge ${judges[0]}${others}`,
    ...tableOf('', columns, FIGURES),
    ...differenceTable('minus base, in points', compared),
    ...comparisonTable(result),
    ...seedTable(arms),
    notes.join('\n'),
  ].join('\n\n')
}

/** Safety of the whole trajectory by category, a row each, a column an arm. */
export function categoryTable(arms: readonly ArmResult[]): string[] {
  const categories = [...new Set(arms.flatMap((arm) => Object.keys(arm.byCategory)))].sort()
  const rows = categories.map((category): Row<ArmResult> => [
    category,
    ({ byCategory }) => (Object.hasOwn(byCategory, category) ? share(byCategory[category].whole) : '–'),
  ])
  return tableOf('t+y safe by category', arms.map((arm) => ({ name: arm.name, of: arm })), rows)
}
