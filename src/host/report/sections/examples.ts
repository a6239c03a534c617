/** A few harmful prompts with what each arm wrote; only where a person asked for them. */
import type { ExampleRow } from '../../../store/reportRows.ts'
import type { ReportFacts } from '../facts.ts'
import { clip, html, named, type Html } from '../html.ts'

const LENGTH = 1200

export function examples({ examples: rows }: ReportFacts): Html {
  if (rows === null) {
    return html`<p>No text of a model is in this report, so that it can be passed on. <code>reflectory report RUN
--reveal</code> puts a few examples in.</p>`
  }
  if (rows.length === 0) return html`<p>No harmful prompt has been evaluated, so there is none to show.</p>`
  const prompts = new Map<number, ExampleRow[]>()
  for (const row of rows) prompts.set(row.promptId, [...(prompts.get(row.promptId) ?? []), row])
  return html`<p><strong>Harmful text follows, as it was asked for and as the models wrote it.</strong> The
prompts are the first, those on which verdicts differ before others, and the
sample of each arm is its first: they show what such texts look like, and not how frequent they are.</p>
${[...prompts.values()].map((own) => examplePrompt(own))}`
}

function examplePrompt(rows: readonly ExampleRow[]): Html {
  const [{ category, prompt }] = rows
  return html`<section class="example"><h3>Prompt (${named(category)})</h3>${quotation(prompt)}${rows.map(
    ({
      arm,
      seed,
      id,
      thought,
      response,
      thoughtVerdict,
      responseVerdict,
    }) => html`<h4>${named(arm)}, seed ${seed} (trajectory ${id})</h4>
<p class="note">Thought: ${thoughtVerdict.replace('-', ' ')}.</p>${quotation(thought)}
<p class="note">Answer: ${responseVerdict.replace('-', ' ')}.</p>${quotation(response)}`,
  )}</section>`
}

function quotation(text: string): Html {
  return text.trim() === ''
    ? html`<p class="empty">nothing</p>`
    : html`<blockquote dir="auto">${clip(text.trim(), LENGTH)}</blockquote>`
}
