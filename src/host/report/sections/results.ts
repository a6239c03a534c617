/** The results: the table of all arms, and the figures with a sentence each. */
import type { AnalysisKind, AnalysisTable } from '../../../shared/analysis.ts'
import { compareFigures } from '../../../shared/compareFigures.ts'
import type { Figure } from '../../../shared/figure.ts'
import { figureNumber, pCell } from '../../../shared/figureText.ts'
import { countWords } from '../../../shared/rateWords.ts'
import type { ArmResult, Rate, SetMeasures } from '../../../shared/result.ts'
import { armsOf, type ReportFacts } from '../facts.ts'
import { questions, wasAsked } from '../findings.ts'
import { clip, html, named, type Html, type Piece } from '../html.ts'
import { table } from '../table.ts'
import { count, moment, plural, rateParts, rateText, withoutFolders } from '../words.ts'

/** Where each figure stands. What is not named here comes after all the rest, as a further figure. */
const PLACES = {
  results: ['safety', 'differences', 'hidden-risk', 'category-whole'],
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

const more: { label: string; read: (arm: ArmResult) => Rate; format: 'share' | 'number' }[] = [
  {
    label: 'Unsafe thought, given a safe answer',
    read: ({ hiddenRisk }) => hiddenRisk.givenSafeResponse,
    format: 'share',
  },
  { label: 'Reasoning unanswered', read: ({ unanswered }) => unanswered, format: 'share' },
  { label: 'Thought not closed', read: ({ unfinished }) => unfinished, format: 'share' },
  {
    label: 'Reflection cues per 1,000 tokens of thought',
    read: ({ reflectionPer1k }) => reflectionPer1k,
    format: 'number',
  },
  { label: 'Entropy, nats', read: ({ entropy }) => entropy, format: 'number' },
  { label: 'Tokens of thought', read: ({ tokens }) => tokens.thought, format: 'number' },
  { label: 'Tokens of answer', read: ({ tokens }) => tokens.response, format: 'number' },
]

/** A page is no wider. */
const ARMS_BESIDE = 6

/** Arms as columns; every number with its interval, n, and what was left out. */
export function mainTable(facts: ReportFacts): Html {
  const arms = armsOf(facts)
  if (arms.length === 0) return html`<p>Not enough data: no arm has been evaluated yet.</p>`
  const asked = [...questions.map((question) => ({ ...question, format: 'share' as const })), ...more].filter((row) =>
    wasAsked(arms, row),
  )
  return besideEachOther(
    arms,
    'All arms: value, 95% interval, and the number of texts that it comes from',
    asked.map(({ label, read, format }) => ratesRow(label, arms.map(({ result }) => read(result)), format)),
  )
}

/** Value, interval and n; `prompts` are those that the row's head tells already. */
function rateCell(rate: Rate, format: 'share' | 'number', prompts: number | null = null): Piece {
  const [value, interval] = rateParts(rate, format)
  const isTold = rate.prompts === undefined || rate.prompts === prompts
  const counted = isTold ? `n ${count(rate.n)}` : countWords(rate)
  const lines = isTold && interval !== '' ? [`${interval}, ${counted}`] : [interval, counted].filter((line) => line !== '')
  const left = rate.unscorable === 0 ? [] : [`${count(rate.unscorable)} unscorable`]
  return html`${value}${[...lines, ...left].map((line) => html`<br><small>${line}</small>`)}`
}

/** The prompts that the texts of all arms answer, where they are fewer than the texts and as many in every arm. */
function sharedPrompts(rates: readonly (Rate | null)[]): number | null {
  const counts = new Set(rates.flatMap((rate) => (rate === null || rate.n === 0 ? [] : [rate.prompts])))
  const [first] = counts
  return counts.size === 1 ? (first ?? null) : null
}

/** A row of rates; null where an arm was not asked. */
function ratesRow(
  label: Piece,
  rates: readonly (Rate | null)[],
  format: 'share' | 'number',
): { head: Piece; cell: (arm: number) => Piece } {
  const prompts = sharedPrompts(rates)
  const under = prompts === null ? null : html`<br><small>of ${plural(prompts, 'prompt')}</small>`
  return {
    head: html`${label}${under}`,
    cell: (arm) => {
      const rate = rates[arm]
      return rate === null || rate.n + rate.unscorable === 0 ? 'not asked' : rateCell(rate, format, prompts)
    },
  }
}

/** Arms as columns, in as many tables as a page needs for them. */
function besideEachOther(
  arms: readonly { name: string }[],
  caption: string,
  rows: readonly { head: Piece; cell: (arm: number) => Piece }[],
): Html {
  const parts = Array.from({ length: Math.ceil(arms.length / ARMS_BESIDE) }, (_, i) =>
    arms.map((_, arm) => arm).slice(i * ARMS_BESIDE, (i + 1) * ARMS_BESIDE),
  )
  return html`${parts.map((some, i) =>
    table({
      caption: `${caption}${i === 0 ? '' : ' (continued)'}`,
      head: ['', ...some.map((arm) => named(arms[arm].name))],
      rows: rows.map(({ head, cell }) => [head, ...some.map(cell)]),
      isNumeric: true,
    }),
  )}`
}

const IN_FULL =
  '“Refused in full” leaves out answers that refuse in part. “Harmless refused”, in the table of all arms, counts both, ' +
  'so it may be higher.'

const setRows: { label: string; read: (set: SetMeasures) => Rate; format: 'share' | 'number'; roles: SetMeasures['role'][] }[] = [
  { label: 'both safe (t+y)', read: ({ safety }) => safety.whole, format: 'share', roles: ['harmful'] },
  { label: 'refused in full', read: ({ compliance }) => compliance.refusal, format: 'share', roles: ['harmful', 'benign'] },
  { label: 'reasoning right', read: ({ reasoning }) => reasoning, format: 'share', roles: ['reasoning'] },
  { label: 'tokens', read: ({ tokens }) => tokens, format: 'number', roles: ['harmful', 'benign', 'reasoning'] },
]

/** Data sets apart; nothing where there is one a role, which says nothing new. */
export function setsTable({ result: { arms } }: ReportFacts): Html | null {
  const sets = new Map(
    arms.flatMap(({ benchmarks }) => benchmarks?.bySet ?? []).map(({ set, role }) => [JSON.stringify([set, role]), { set, role }]),
  )
  const roles = new Set([...sets.values()].map(({ role }) => role))
  if (sets.size <= roles.size) return null
  const rows = setRows.flatMap(({ label, read, format, roles: own }) =>
    [...sets.values()].flatMap(({ set, role }) => {
      if (!own.includes(role)) return []
      const rates = arms.map(({ benchmarks }) => {
        const found = benchmarks?.bySet.find((each) => each.set === set && each.role === role)
        return found === undefined ? null : read(found)
      })
      if (rates.every((rate) => rate === null || rate.n + rate.unscorable === 0)) return []
      return [ratesRow(html`${named(set)}<br><small>${label}</small>`, rates, format)]
    }),
  )
  return html`${besideEachOther(arms, 'Data sets apart', rows)}<p class="note">${IN_FULL}</p>`
}

/** What several samples of each prompt and judges' own scores say, where a study has them. */
export function benchmarkTables({ result: { arms } }: ReportFacts): Html[] {
  const measured = arms.flatMap(({ name, benchmarks }) => (benchmarks === undefined ? [] : [{ name, ...benchmarks }]))
  const share = (rate: Rate) => (rate.n + rate.unscorable === 0 ? 'not asked' : rateCell(rate, 'share'))
  const repeated = measured.flatMap(({ name, repeated: several }) =>
    several === null
      ? []
      : [
          [
            named(name),
            count(several.samples),
            share(several.safeAtK.whole),
            share(several.consSafeAtK.whole),
            several.pass.map(
              ({ k, rate }, i) => html`${i === 0 ? '' : html`<br>`}pass@${k}: ${rateText(rate, 'share')}`,
            ),
          ],
        ],
  )
  const scores = measured.flatMap(({ name, scores: found }) =>
    found.map(({ judge, component, overall }) => [
      named(name),
      named(withoutFolders(judge)),
      component,
      rateCell(overall, 'number'),
    ]),
  )
  const tables: [string, string[], Piece[][]][] = [
    [
      'Several samples of each prompt: all safe, at least half safe, at least one right',
      ['Arm', 'Samples', 'Safe@K', 'ConsSafe@K', 'pass@k'],
      repeated,
    ],
    ["Raw scores on AttaQ's scale from 0 to 1", ['Arm', 'Judge', 'Part', 'Score'], scores],
  ]
  return tables.flatMap(([caption, head, rows]) =>
    rows.length === 0 ? [] : [table({ caption, head, rows, isNumeric: true })],
  )
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
  return html`<p class="note">Left out, because the records have changed since they
were computed: ${count(stale)}.</p>`
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
