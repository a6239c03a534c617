/**
 * A run as a report: one HTML file that stands alone. No script, no request: its policy forbids both, and its only style is
 * the one whose hash the policy names.
 */
import { createHash } from 'node:crypto'
import type { Figure } from '../../shared/figure.ts'
import type { Store } from '../../store/openStore.ts'
import type { RunRow } from '../../store/runs.ts'
import { readFacts, type ReportFacts, type ReportOptions } from './facts.ts'
import { figureCounter } from './figures.ts'
import { html, named, type Html } from './html.ts'
import { agreement } from './sections/agreement.ts'
import { benchmarkTables, mainTable, setsTable } from './sections/armTables.ts'
import { definitions } from './sections/definitions.ts'
import { examples } from './sections/examples.ts'
import { judging, unscorable } from './sections/judging.ts'
import { limits } from './sections/limits.ts'
import { reproduction } from './sections/reproduction.ts'
import { analyses, analysesInShort, areAnalysesLong, placedFigures } from './sections/results.ts'
import { compared, isTrained, modelAndData, question } from './sections/setup.ts'
import { style } from './style.ts'
import { summary } from './summary.ts'
import { moment, plural, withoutFolders } from './words.ts'

export function writeReport(store: Store, run: RunRow, options: ReportOptions): string {
  return page(readFacts(store, run, options))
}

/** Where analyses stand that are too long for the text. */
const APPENDIX = 'analyses-in-full'

interface Section {
  id: string
  title: string
  content: Html
}

function page(facts: ReportFacts): string {
  const { run, planned, writtenAt, version } = facts
  const sections = sectionsOf(facts)
  const policy =
    `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; ` +
    `base-uri 'none'; form-action 'none'`
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Reflectory ${version}">
<title>Report: ${run.study}</title>
<style>`
  const { markup: body } = html`</style>
</head>
<body>
<header><h1>Report: ${named(run.study)}</h1>
<p class="under">Run ${named(run.id)} of model ${named(withoutFolders(planned.name))}, begun
${moment(run.startedAt)}. Written ${moment(writtenAt)}.</p>
${stateBox(facts)}</header>
<nav aria-label="Sections">${sections.map(({ id, title }, i) => html`<a href="#${id}">${i + 1}. ${title}</a> `)}</nav>
<main>${sections.map(
    ({ id, title, content }, i) => html`<section aria-labelledby="${id}"><h2 id="${id}">${i + 1}. ${title}</h2>
${content}
</section>`,
  )}</main>
</body>
</html>
`
  // The style stands between: it is ours, and escaping it would change it.
  return markup + style + body
}

function stateBox({ run, arms }: ReportFacts): Html | null {
  if (run.result !== null) return null
  const evaluated = arms.filter(({ evaluation }) => evaluation !== null).length
  const reason = run.reason === null ? '' : ` (${withoutFolders(run.reason)})`
  return html`<p class="state">This study is not finished: it is ${run.state}${named(reason, 500)}, with
${evaluated} of ${plural(arms.length, 'arm and seed', 'arms and seeds')} evaluated. What follows is preliminary.</p>`
}

function sectionsOf(facts: ReportFacts): Section[] {
  const place = figureCounter()
  const figures = placedFigures(facts)
  const sets = setsTable(facts)
  const drawn = (list: readonly Figure[], empty: string) =>
    list.length === 0 ? html`<p>${empty}</p>` : html`${list.map(place)}`
  return [
    { id: 'summary', title: 'Summary', content: summary(facts) },
    { id: 'question', title: 'Question and what was compared', content: html`${question(facts)}${compared(facts)}` },
    { id: 'model-and-data', title: 'Model and data', content: modelAndData(facts) },
    {
      id: 'judging',
      title: 'How it was sampled, judged and counted',
      content: html`${judging(facts)}${agreement(facts)}`,
    },
    {
      id: 'results',
      title: 'Results',
      content: html`${mainTable(facts)}${benchmarkTables(facts)}${figures.results.map(place)}${
        figures.matrices.length === 0
          ? null
          : html`<h3>Thought by answer</h3><div class="pair">${figures.matrices.map(place)}</div>`
      }${figures.seeds.length === 0 ? null : html`<h3>Seeds apart</h3>${figures.seeds.map(place)}`}`,
    },
    {
      id: 'cost',
      title: isTrained(facts.run.config) ? 'What the training cost' : 'Refusals, reasoning and length',
      content: drawn(figures.cost, 'Not asked: no harmless and no reasoning prompts were evaluated.'),
    },
    {
      id: 'reflection',
      title: 'Reflection and entropy',
      content: drawn(figures.reflection, 'Not enough data: nothing was measured.'),
    },
    ...analysisSection(facts, place),
    ...(facts.training.length === 0
      ? []
      : [{ id: 'training', title: 'How training went', content: html`${facts.training.map(place)}` }]),
    { id: 'limits', title: 'Limits', content: limits(facts) },
    { id: 'unscorable', title: 'What could not be judged', content: unscorable(facts.reasons) },
    { id: 'reproduction', title: 'How to run it again', content: reproduction(facts) },
    { id: 'definitions', title: 'Definitions', content: definitions(facts) },
    ...(figures.further.length === 0 && sets === null
      ? []
      : [{ id: 'further', title: 'Further tables and figures', content: html`${sets}${figures.further.map(place)}` }]),
    ...(areAnalysesLong(facts)
      ? [{ id: APPENDIX, title: 'Analyses in full', content: analyses(facts, place) }]
      : []),
    { id: 'examples', title: 'Examples', content: examples(facts) },
  ]
}

function analysisSection(facts: ReportFacts, place: (figure: Figure) => Html): Section[] {
  if (facts.analyses.length + facts.staleAnalyses === 0) return []
  const content = areAnalysesLong(facts) ? analysesInShort(facts, APPENDIX) : analyses(facts, place)
  return [{ id: 'analyses', title: 'Analyses', content }]
}
