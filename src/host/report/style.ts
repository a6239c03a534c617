/** How a report looks, on a screen and on paper. */
export const style = `
:root { color-scheme: light; --ink: #1a1a1a; --soft: #555; --line: #ccc; }
* { box-sizing: border-box; }
body { background: #fff; color: var(--ink); font: 15.5px/1.55 Georgia, 'Times New Roman', serif; margin: 0 auto;
  max-width: 800px; padding: 28px 24px 60px; overflow-wrap: anywhere; }
h1, h2, h3, h4, th, caption, figcaption, nav, .state, summary, text {
  font-family: system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; }
h1 { font-size: 25px; line-height: 1.25; margin: 0 0 4px; }
h2 { border-bottom: 1px solid var(--line); font-size: 19px; margin: 36px 0 10px; padding-bottom: 3px; }
h3 { font-size: 16px; margin: 24px 0 6px; }
h4 { font-size: 14px; margin: 18px 0 2px; }
p, ul, dl { margin: 8px 0; }
li { margin: 5px 0; }
.under, .note, .empty { color: var(--soft); font-size: 13.5px; }
.state { background: #fff4d6; border: 1px solid #b98900; font-size: 14px; margin: 14px 0; padding: 8px 12px; }
nav { font-size: 13.5px; margin: 14px 0; }
nav a { margin-right: 14px; white-space: nowrap; }
a { color: #0a4a78; }
.wide { margin: 14px 0; overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; line-height: 1.35; width: 100%; }
caption { font-size: 13.5px; font-weight: 600; padding: 4px 0; text-align: left; }
th, td { border-bottom: 1px solid #e2e2e2; padding: 4px 8px 4px 0; text-align: left; vertical-align: top; }
thead th, thead td { border-bottom: 1px solid var(--ink); font-size: 12px; vertical-align: bottom; }
th[scope=row] { font-weight: 500; }
td, th { overflow-wrap: break-word; }
.long, code { overflow-wrap: anywhere; }
.numbers td { font-variant-numeric: tabular-nums; }
.facts th { width: 34%; }
small { color: var(--soft); font-size: 11.5px; white-space: nowrap; }
.clear { font-weight: 650; }
.unclear { color: var(--soft); }
code, pre { font: 12px/1.45 ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; }
pre { background: #f6f6f6; border: 1px solid #e2e2e2; overflow-wrap: anywhere; padding: 10px 12px;
  white-space: pre-wrap; }
figure { margin: 26px 0; }
figure svg { display: block; height: auto; max-width: 100%; }
figcaption { font-size: 13.5px; line-height: 1.45; margin-top: 8px; }
.definition { color: var(--soft); display: block; font-size: 12.5px; margin-top: 3px; }
.paper { display: none; }
details { font-size: 13px; margin-top: 6px; }
summary { color: #0a4a78; cursor: pointer; font-size: 12.5px; }
dt { font-weight: 600; margin-top: 8px; }
dd { margin: 0 0 0 18px; }
blockquote { background: #faf6f2; border-left: 3px solid #b07d4f; font-size: 14px; margin: 4px 0 10px;
  padding: 6px 12px; white-space: pre-wrap; }
svg text { fill: var(--ink); font-size: 11px; unicode-bidi: isolate; }
svg .tick, svg .small { fill: #555; font-size: 9.5px; }
svg .small-inverse { fill: #fff; font-size: 9.5px; }
svg .inverse { fill: #fff; }
svg .number { font-variant-numeric: tabular-nums; }
svg .group { font-weight: 600; }
svg .over { paint-order: stroke; stroke: #fff; stroke-width: 3px; }
svg .grid { fill: none; stroke: #ddd; }
svg .zero, svg .axis { fill: none; stroke: #555; }
svg .bar { stroke: #333; stroke-width: .5; }
svg .cell { stroke: #fff; }
svg .halo { fill: none; stroke: #fff; stroke-width: 3.4; }
svg .whisker { fill: none; stroke: #111; stroke-width: 1.3; }
.pair { display: grid; gap: 0 24px; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); }
@page {
  size: A4; margin: 16mm 15mm 18mm;
  @bottom-center { color: #555; content: counter(page) ' of ' counter(pages); font: 9pt sans-serif; }
}
@media print {
  body { font-size: 10.5pt; max-width: none; padding: 0; }
  nav, details { display: none; }
  .paper { display: block; }
  figure { margin: 14px 0; }
  figure svg { max-width: 90%; }
  h2 { margin-top: 22px; }
  figure, .whole, .example blockquote, tr, dt { break-inside: avoid; }
  h2, h3, h4, caption, dt { break-after: avoid; }
  .wide { overflow: visible; }
  table { font-size: 9pt; }
  small { font-size: 7.5pt; }
  .bar, .cell, svg * { print-color-adjust: exact; }
}
`
