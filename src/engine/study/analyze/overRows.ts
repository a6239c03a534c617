/** What analyses of recorded trajectories share: the arms, the reading with progress, and the counting of what is left out. */
import type { AnalysisResult, AnalysisTable } from '../../../shared/analysis.ts'
import type { NumberKind } from '../../../shared/analysisRows.ts'
import type { AnalyzeRequest } from '../../../shared/channel.ts'
import type { Figure } from '../../../shared/figure.ts'
import type { ArmNames } from './measure.ts'
import { readRows, type ReadRow } from './readRows.ts'

export interface AnalysisWatch {
  signal: AbortSignal
  /** `what` is being done, in words. */
  onProgress(what: string, done: number, total: number): void
}

export function armNamesOf({ arms }: AnalyzeRequest): ArmNames {
  const names = [...new Set(arms.map(({ name }) => name))]
  return { names, base: arms.find(({ method }) => method === 'base')?.name ?? null, seeds: arms.map(({ seed }) => seed) }
}

const STRIPPED = 'text not in the bundle'

/** Calls `see` for each trajectory that has its text, with the name of its arm. @returns how many were read in all. */
export async function eachRow(
  request: AnalyzeRequest,
  numbers: readonly NumberKind[],
  watch: AnalysisWatch,
  leftOut: LeftOut,
  see: (row: ReadRow, arm: string) => void,
): Promise<number> {
  if (request.rows === null) throw new TypeError('this analysis reads trajectories')
  let read = 0
  const { signal } = watch
  const onProgress = (done: number) => watch.onProgress('counting', done, request.asked)
  for await (const row of readRows(request.rows, numbers, { signal, onProgress })) {
    read++
    if (row.isStripped) leftOut.add(STRIPPED)
    else see(row, request.arms[row.arm].name)
  }
  return read
}

/** Reasons and how often each was met. */
export class LeftOut {
  private readonly reasons = new Map<string, number>()

  add(reason: string, count = 1): void {
    if (count > 0) this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + count)
  }

  of(reason: string): number {
    return this.reasons.get(reason) ?? 0
  }

  get total(): number {
    return [...this.reasons.values()].reduce((sum, count) => sum + count, 0)
  }

  get list(): { reason: string; count: number }[] {
    return [...this.reasons].map(([reason, count]) => ({ reason, count }))
  }
}

export interface Findings {
  figures: Figure[]
  tables?: (AnalysisTable | null)[]
  notes?: string[]
  read: number
  leftOut: LeftOut
}

/** With the sentences that hold for every analysis of trajectories. */
export function resultOf(request: AnalyzeRequest, { figures, tables = [], notes = [], read, leftOut }: Findings): AnalysisResult {
  const has = (view: string) => figures.some(({ id }) => id.includes(`-by-${view}`))
  const seeds = new Set(request.arms.map(({ seed }) => seed)).size
  const stripped = leftOut.of(STRIPPED)
  const common = [
    ...(stripped > 0 ? [strippedNote(stripped)] : []),
    ...(figures.length === 0 ? ['Not enough data: no trajectory could be used.'] : []),
    ...(figures.length > 0 && !has('step') && !has('position') ? ['No samples of training were found, so nothing is shown by step.'] : []),
    ...(has('step') && !has('arm') ? ['No other samples were found, so all figures are by step.'] : []),
    ...(has('category') && !has('verdict') && request.analysis.kind !== 'outcomeReflection'
      ? ['No trajectory of a harmful prompt has a verdict, so nothing is shown by verdict.']
      : []),
    ...(figures.length > 0 ? ['Intervals are 95%, over prompts: samples of one prompt count as one draw.'] : []),
    ...(figures.length > 0 ? ['Each comparison stands by itself at 95%: among twenty without any difference, one will seem to have one.'] : []),
    ...(seeds > 1 ? ['Seeds of an arm are put together. Intervals are over prompts alone, and do not tell how far another training would lie.'] : []),
    ...(tables.some((table) => table?.id.endsWith('-by-seed')) ? ['How far the seeds lie apart stands in the tables by seed.'] : []),
  ]
  return {
    figures,
    tables: tables.flatMap((table) => table ?? []),
    notes: [...notes, ...common],
    counts: { asked: request.asked, used: read - leftOut.total, leftOut: withoutRead(request.asked - read, leftOut) },
  }
}

function strippedNote(count: number): string {
  const [have, their] = count === 1 ? ['trajectory has', 'its'] : ['trajectories have', 'their']
  return (
    `${count.toLocaleString('en-US')} ${have} no text here: the run was imported from a bundle without harmful texts. ` +
    `Nothing is said of ${their} length, cues or entropy; figures are of the others alone, none of them of a harmful prompt.`
  )
}

function withoutRead(missing: number, leftOut: LeftOut) {
  const taken = missing > 0 ? [{ reason: 'not taken: the analysis looks at some of them only', count: missing }] : []
  return [...taken, ...leftOut.list]
}
