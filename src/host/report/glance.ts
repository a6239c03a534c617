/** The summary at a glance: what each number of an arm came to against what it is compared with. */
import { figureInterval, figureNumber, figureP } from '../../shared/figureText.ts'
import { findingOf, saying, type Finding, type Pair, type Question } from './findings.ts'
import { html, named, type Html } from './html.ts'
import { table } from './table.ts'
import { count, rateText } from './words.ts'

/** Rows are pairs of arms, columns what was asked: words, size, interval, p and n. */
export function glance(pairs: readonly Pair[], asked: readonly Question[]): Html | null {
  if (pairs.length === 0 || asked.length === 0) return null
  const rows = pairs.map((pair) => [
    html`${named(pair.arm.name)}<br><small>against ${named(pair.against.name)}</small>`,
    ...asked.map((question) => {
      const finding = findingOf(pair, question)
      const how = finding.standing === 'above' || finding.standing === 'below' ? 'clear' : 'unclear'
      const lines = linesOf(finding).map((line) => html`<br><small>${line}</small>`)
      return html`<span class="${how}">${saying(finding)}</span>${lines}`
    }),
  ])
  return table({ caption: 'At a glance', head: ['', ...asked.map(({ label }) => label)], rows })
}

function linesOf({ standing, difference, rate, against, seeds }: Finding): string[] {
  if (difference === null) {
    if (standing === 'unknown') return []
    return [rateText(rate, 'share'), `against ${rateText(against, 'share')}`, 'not paired']
  }
  if (difference.value === null) return []
  const { value, pairs } = difference
  const size = `${figureNumber(value, 'points')}${pairs === null ? '' : `, n ${count(pairs)}`}`
  if (standing === 'unknown') return [size]
  const lines = [
    size,
    figureInterval(difference, 'points'),
    figureP(difference),
    seeds === null ? '' : `seeds ${seeds.alike} of ${seeds.of}`,
  ]
  return lines.filter((line) => line !== '')
}
