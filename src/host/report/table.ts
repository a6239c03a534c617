/** Tables of a report. */
import { html, type Html, type Piece } from './html.ts'

export interface Table {
  caption: Piece
  head: readonly Piece[]
  /** The first cell of each names its row. */
  rows: readonly (readonly Piece[])[]
  /** Flush right, as numbers are read. */
  isNumeric?: boolean
}

/** Tables of so many rows are not broken over two pages. */
const WHOLE_ROWS = 9

function wrapped(rows: number, content: Html): Html {
  return html`<div class="${rows <= WHOLE_ROWS ? 'wide whole' : 'wide'}">${content}</div>`
}

export function table({ caption, head, rows, isNumeric = false }: Table): Html {
  const cells = (row: readonly Piece[]) => row.slice(1).map((cell) => html`<td>${cell}</td>`)
  return wrapped(rows.length, html`<table class="${isNumeric ? 'numbers' : 'words'}"><caption>${caption}</caption>
<thead><tr>${head.map((cell) => (cell === '' ? html`<td></td>` : html`<th scope="col">${cell}</th>`))}</tr></thead>
<tbody>${rows.map(
    (row) => html`<tr><th scope="row">${row[0]}</th>${cells(row)}</tr>
`,
  )}</tbody></table>`)
}

/** Two columns: what, and what it is. */
export function facts(caption: Piece, rows: readonly (readonly [Piece, Piece])[]): Html {
  return wrapped(rows.length, html`<table class="facts"><caption>${caption}</caption><tbody>${rows.map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>
`,
  )}</tbody></table>`)
}
