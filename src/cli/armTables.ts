/** Tables with an arm, or two that are compared, a column: what those of studies and of evaluations have in common. */
import { withoutMinusZero } from '../shared/figureText.ts'
import { AT_ODDS, isAtOdds } from '../shared/rateWords.ts'
import type { ArmResult, Difference, Differences, StudyResult } from '../shared/result.ts'
import { seedSpread, type SeedFigure } from '../shared/seedSpread.ts'
import { printable, textTable } from './textTable.ts'

/** A share as a percentage without its sign. */
export const percent = (value: number): string => withoutMinusZero((100 * value).toFixed(1))

/** One row a figure: what it is called, and how it is read off a column. */
export type Row<T> = [label: string, read: (of: T) => string]

/** Rows that say something of at least one column; no table without one. */
export function tableOf<T>(head: string, columns: readonly { name: string; of: T | undefined }[], rows: readonly Row<T>[]): string[] {
  const cells = rows
    .map(([label, read]) => [printable(label), ...columns.map(({ of }) => (of === undefined ? '–' : read(of)))])
    .filter(([, ...row]) => row.some((cell) => cell !== '–'))
  return cells.length === 0 ? [] : [textTable([printable(head), ...columns.map(({ name }) => name)], cells)]
}

const DIFFERENCES: [label: string, read: (differences: Differences) => Difference][] = [
  ['t safe', ({ safety }) => safety.thought],
  ['y safe', ({ safety }) => safety.response],
  ['t+y safe', ({ safety }) => safety.whole],
  ['t unsafe and y safe', ({ hiddenRisk }) => hiddenRisk],
  ['benign refused', ({ overRefusal }) => overRefusal],
  ['reasoning right', ({ reasoning }) => reasoning],
]

/** Arms beside others than the untrained one, as the engine paired them. */
export function comparisonTable({ comparisons = [] }: Pick<StudyResult, 'comparisons'>): string[] {
  const name = ({ arm, against, about }: (typeof comparisons)[number]) => `${arm} minus ${against}${about === 'thinking' ? ' (thinking gap)' : ''}`
  return differenceTable('points, paired by prompt', comparisons.map((of) => ({ name: name(of), of: of.differences })))
}

/** With a line that explains the '?' where one stands there. */
export function differenceTable(head: string, columns: readonly { name: string; of: Differences }[]): string[] {
  const rows = DIFFERENCES.map(([label, read]): Row<Differences> => [label, (of) => points(read(of))])
  const isMarked = columns.some(({ of }) => DIFFERENCES.some(([, read]) => isAtOdds(read(of))))
  return [...tableOf(head, columns, rows), ...(isMarked ? [`?: ${AT_ODDS}.`] : [])]
}

/** '+50.0 [40.0, 60.0] p<0.001 n 80', in percentage points; n counts pairs of the same prompt. A '?' where interval and p disagree. */
function points(difference: Difference): string {
  const { value, low, high, p, pairs } = difference
  if (value === null) return '–'
  const interval = low === null || high === null ? '[not known]' : `[${percent(low)}, ${percent(high)}]`
  const chance = p === null ? '' : p < 0.001 ? ' p<0.001' : ` p=${p.toFixed(3)}`
  return `${value >= 0 ? '+' : ''}${percent(value)} ${interval}${chance}${isAtOdds(difference) ? '?' : ''} n ${pairs ?? 'not kept'}`
}

const SEED_FIGURES: [label: string, figure: SeedFigure][] = [
  ['t safe', 'thought'],
  ['y safe', 'response'],
  ['t+y safe', 'whole'],
  ['t unsafe and y safe', 'hiddenRisk'],
  ['benign refused', 'overRefusal'],
  ['reasoning right', 'reasoning'],
]

/** How far seeds lie apart, which the intervals over prompts do not tell. */
export function seedTable(arms: readonly ArmResult[]): string[] {
  const columns = arms.filter(({ bySeed }) => bySeed.length > 1).map((arm) => ({ name: arm.name, of: arm }))
  return tableOf(
    'mean over seeds (lowest – highest)',
    columns,
    SEED_FIGURES.map(([label, figure]): Row<ArmResult> => [label, (arm) => spread(arm, figure)]),
  )
}

/** '70.9% (67.0 – 73.2) n 3' */
function spread(arm: ArmResult, figure: SeedFigure): string {
  const found = seedSpread(arm, figure)
  return found === null ? '–' : `${percent(found.mean)}% (${percent(found.low)} – ${percent(found.high)}) n ${arm.bySeed.length}`
}
