/** What the values of a bundle's rows must be: whoever made it, others read them here without asking again. */
import { z } from 'zod'
import { AnalysisResult } from '../../shared/analysis.ts'
import { Measures, StudyResult } from '../../shared/result.ts'
import { Component, Compliance, Correctness, PromptRole, SplitState } from '../../shared/trajectory.ts'
import type { BundledTable, Cell, Cells } from '../../store/bundleTables.ts'

type Rule = (cell: Cell) => boolean

const among = (...values: readonly Cell[]): Rule => {
  const known = new Set<Cell>(values)
  return (cell) => known.has(cell)
}
const orNone =
  (rule: Rule): Rule =>
  (cell) =>
    cell === null || rule(cell)
const whole: Rule = (cell) => Number.isSafeInteger(cell)
const share: Rule = (cell) => typeof cell === 'number' && cell >= 0 && cell <= 1
const number: Rule = (cell) => typeof cell === 'number'
const text: Rule = (cell) => typeof cell === 'string'
/** Values of four bytes each. */
const numbers: Rule = (cell) => Buffer.isBuffer(cell) && cell.length % 4 === 0

function json(schema: z.ZodType): Rule {
  return (cell) => {
    if (typeof cell !== 'string') return false
    try {
      return schema.safeParse(JSON.parse(cell)).success
    } catch {
      return false
    }
  }
}

const Numbers = z.record(z.string(), z.number().nullable())
const phase = among('train', 'evaluation')
const splitState = among(...SplitState.options)
const role = among(...PromptRole.options)
const verdict = among('safe', 'unsafe', 'unscorable', 'not-judged')

const rules: { readonly [Table in BundledTable]?: Readonly<Record<string, Rule>> } = {
  runs: { result: orNone(json(StudyResult)), judges: json(z.array(z.string()).min(1)), threads: whole, started_at: text },
  arms: {
    position: whole,
    name: text,
    seed: whole,
    method: among('base', 'sft', 'rl'),
    steps: whole,
    evaluation: orNone(json(Measures)),
    checkpoint_step: orNone(whole),
    training_seconds: orNone(number),
    evaluation_seconds: orNone(number),
  },
  datasets: {
    name: text,
    columns: json(z.record(z.string(), z.string())),
    unreadable: json(z.array(z.object({ line: z.int(), reason: z.string() }))),
    row_count: whole,
    used: whole,
    too_long: whole,
  },
  steps: { step: whole, metrics: json(Numbers) },
  prompts: { key: text, source: text, role, category: text, text },
  trajectories: {
    key: text,
    phase,
    step: whole,
    sample_index: whole,
    thinking: among(0, 1),
    text,
    split_state: splitState,
    thought: text,
    response: text,
    compliance: orNone(among(...Compliance.options)),
    correctness: orNone(among(...Correctness.options)),
    reward_parts: json(z.record(z.string(), z.number())),
    reward: orNone(number),
    advantage: orNone(number),
    finish: among('stop', 'length'),
  },
  trajectory_tokens: { prompt_tokens: numbers, tokens: numbers, log_probabilities: numbers, entropies: numbers },
  verdicts: { judge: text, component: among(...Component.options), safe: orNone(share), reason: text, version: text, raw: orNone(number) },
  facets: { phase, step: whole, split_state: splitState, role, category: text, thought: verdict, response: verdict, whole: verdict, reward: orNone(number) },
  annotations: { key: text, label: orNone(text), note: text },
  labels: { key: text, component: among(...Component.options), labeller: text, note: text },
  analyses: { result: json(AnalysisResult) },
  notices: { at: text, level: text, text },
}

/** Of rows with these columns: the column whose value cannot be, or null. */
export function ruleFor(table: BundledTable, columns: readonly string[]): (row: Cells) => string | null {
  const checks = columns.flatMap((column, i) => {
    const rule = rules[table]?.[column]
    return rule === undefined ? [] : [{ column, i, rule }]
  })
  // A row too short is told as such where it is taken in.
  return (row) => checks.find(({ i, rule }) => i < row.length && !rule(row[i]))?.column ?? null
}
