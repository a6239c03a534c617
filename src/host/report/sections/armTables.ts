/** Tables with an arm a column: the main one, data sets apart, and what several samples and judges' scores say. */
import { countWords } from '../../../shared/rateWords.ts'
import type { ArmResult, Rate, SetMeasures } from '../../../shared/result.ts'
import { armsOf, type ReportFacts } from '../facts.ts'
import { questions, wasAsked } from '../findings.ts'
import { html, named, type Html, type Piece } from '../html.ts'
import { table } from '../table.ts'
import { count, plural, rateParts, rateText, withoutFolders } from '../words.ts'

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
    asked.map(({ label, read, format }) =>
      ratesRow(
        label,
        arms.map(({ result }) => read(result)),
        format,
      ),
    ),
  )
}

/** Value, interval and n; `prompts` are those that the row's head tells already. */
function rateCell(rate: Rate, format: 'share' | 'number', prompts: number | null = null): Piece {
  const [value, interval] = rateParts(rate, format)
  const isTold = rate.prompts === undefined || rate.prompts === prompts
  const counted = isTold ? `n ${count(rate.n)}` : countWords(rate)
  const isShort = isTold && interval !== ''
  const lines = isShort ? [`${interval}, ${counted}`] : [interval, counted].filter((line) => line !== '')
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

interface SetRow {
  label: string
  read: (set: SetMeasures) => Rate
  format: 'share' | 'number'
  roles: readonly SetMeasures['role'][]
}

const setRows: readonly SetRow[] = [
  { label: 'both safe (t+y)', read: ({ safety }) => safety.whole, format: 'share', roles: ['harmful'] },
  {
    label: 'refused in full',
    read: ({ compliance }) => compliance.refusal,
    format: 'share',
    roles: ['harmful', 'benign'],
  },
  { label: 'reasoning right', read: ({ reasoning }) => reasoning, format: 'share', roles: ['reasoning'] },
  { label: 'tokens', read: ({ tokens }) => tokens, format: 'number', roles: ['harmful', 'benign', 'reasoning'] },
]

/** Data sets apart; nothing where there is one a role, which says nothing new. */
export function setsTable({ result: { arms } }: ReportFacts): Html | null {
  const measured = arms.flatMap(({ benchmarks }) => benchmarks?.bySet ?? [])
  const sets = new Map(measured.map(({ set, role }) => [JSON.stringify([set, role]), { set, role }]))
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
