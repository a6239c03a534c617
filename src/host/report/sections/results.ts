/** The results: where each figure stands, and what analyses found. */
import type { AnalysisKind, AnalysisTable } from '../../../shared/analysis.ts'
import { compareFigures } from '../../../shared/compareFigures.ts'
import type { Figure } from '../../../shared/figure.ts'
import { figureNumber, pCell } from '../../../shared/figureText.ts'
import type { ReportFacts } from '../facts.ts'
import { clip, html, named, type Html, type Piece } from '../html.ts'
import { table } from '../table.ts'
import { count, moment, plural } from '../words.ts'

/** Where each figure stands. What is not named here comes after all the rest, as a further figure. */
const PLACES = {
  results: ['safety', 'differences', 'differences-trained', 'hidden-risk', 'category-whole'],
  cost: ['over-refusal', 'reasoning', 'length', 'unfinished'],
  reflection: ['reflection', 'entropy'],
}

export interface PlacedFigures {
  results: Figure[]
  matrices: Figure[]
  seeds: Figure[]
  cost: Figure[]
  reflection: Figure[]
  further: Figure[]
}

export function placedFigures({ result, evaluations }: ReportFacts): PlacedFigures {
  const all = compareFigures(result, evaluations)
  const those = (ids: readonly string[]) => ids.flatMap((id) => all.filter((figure) => figure.id === id))
  const matrices = all.filter(({ id }) => id.startsWith('matrix-'))
  const seeds = all.filter(({ id }) => ['seeds-whole', 'seeds-reasoning'].includes(id))
  const placed = {
    results: those(PLACES.results),
    matrices,
    seeds,
    cost: those(PLACES.cost),
    reflection: those(PLACES.reflection),
  }
  const known = new Set(Object.values(placed).flat())
  return { ...placed, further: all.filter((figure) => !known.has(figure)) }
}

/** More figures of analyses than these stand in an appendix. */
const ANALYSIS_FIGURES = 12

export function areAnalysesLong({ analyses: kept }: ReportFacts): boolean {
  return kept.reduce((sum, { result }) => sum + result.figures.length, 0) > ANALYSIS_FIGURES
}

/** A line for each analysis: what it came from, and the first that it found. */
export function analysesInShort({ analyses: kept, staleAnalyses }: ReportFacts, appendix: string): Html {
  return html`<p>What they found stands in full at the end, under <a href="#${appendix}">Analyses in full</a>.</p>
<ul>${kept.map(({ request, result: { counts, figures, tables } }) => {
    const first = (figures.at(0) ?? tables.at(0))?.title
    const told = first === undefined ? '.' : `: ${clip(first, 400)}${/[.!?]$/.test(first) ? '' : '.'}`
    return html`<li><strong>${KINDS[request.kind]}</strong>, from ${count(counts.used)} of ${count(counts.asked)} texts,
${plural(figures.length, 'figure')}${told}</li>`
  })}</ul>${staleNote(staleAnalyses)}`
}

/** Analyses that were asked for before the report, newest of each kind first; what each left out. */
export function analyses({ analyses: kept, staleAnalyses }: ReportFacts, place: (figure: Figure) => Html): Html {
  return html`${kept.map(({ request, result, computedAt }) => {
    const { counts, figures, notes, tables } = result
    const left = counts.leftOut.map(({ reason, count: times }) => `${reason}: ${count(times)}`)
    return html`<section><h3>${KINDS[request.kind]}</h3>
<p class="note">Computed ${moment(computedAt)} from ${count(counts.used)} of
${count(counts.asked)} texts${left.length === 0 ? '' : `; left out: ${left.join('; ')}`}. ${notes.join(' ')}</p>
${figures.map(place)}${tables.map(analysisTable)}</section>`
  })}${staleNote(staleAnalyses)}`
}

function staleNote(stale: number): Html | null {
  if (stale === 0) return null
  return html`<p class="note">Left out, because since they were computed the records changed, or the files of a model
changed or moved: ${count(stale)}. Computed again, they stand here.</p>`
}

const KINDS = {
  reflection: 'Reflection dynamics',
  outcomeReflection: 'Where reflection leads',
  entropy: 'Token entropy',
  memorisation: 'Memorisation',
  length: 'Length',
  advantage: 'Advantage by position',
} satisfies Record<AnalysisKind, string>

function analysisTable({ title, definition, columns, rows }: AnalysisTable): Html {
  const cell = (value: string | number | null, i: number): Piece => {
    const { format, label } = columns[i]
    if (value === null) return 'not enough data'
    if (label === 'p' && typeof value === 'number') return pCell(value)
    return typeof value === 'string' || format === 'words' ? named(String(value)) : figureNumber(value, format)
  }
  const drawn = table({
    caption: title,
    head: columns.map(({ label }) => label),
    rows: rows.map((row) => row.map(cell)),
    isNumeric: true,
  })
  return html`${drawn}<p class="note">${definition}</p>`
}
