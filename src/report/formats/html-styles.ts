/** Quiet and dense: one system face, tabular figures, hairlines instead of boxes. Paper, screen, dark screen and phone. */
export const styles = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1a1d21; --soft: #565d66; --hair: #dde1e6; --tint: #f5f6f8;
  --good: #006b4f; --bad: #b54708; --warning: #8a5a00; --unknown: #5b6470; --bad-tint: #fdf1e9;
  --line: #0072b2; --band: #e9ecf0; --mark: #d55e00; --pale: #a9cfe6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181c; --ink: #e7eaee; --soft: #a0a8b2; --hair: #333940; --tint: #1d2126;
    --good: #4cc9a0; --bad: #ff9a5c; --warning: #f0b94a; --unknown: #a9b1bb; --bad-tint: #33231a;
    --line: #56b4e9; --band: #262b32; --mark: #ff8a3d; --pale: #2c5875;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums lining-nums;
}
main { max-width: 944px; margin: 0 auto; padding: 40px 32px 64px; }
section + section { margin-top: 40px; }
h1, h2, h3, p, dl, dd, ul, figure { margin: 0; }
h1 { font-size: 26px; line-height: 1.25; font-weight: 650; letter-spacing: -0.012em; text-wrap: balance; }
h2 { font-size: 16px; line-height: 1.4; font-weight: 650; padding-top: 10px; border-top: 1px solid var(--ink); margin-bottom: 12px; }
h3 { font-size: 14px; font-weight: 650; margin: 20px 0 6px; overflow-wrap: anywhere; }
h2 + h3 { margin-top: 0; }
p { max-width: 72ch; }
p.body, p.note { margin-bottom: 10px; }
p.lead { font-size: 16px; line-height: 1.55; margin: 16px 0 24px; }
p.note { font-size: 12.5px; color: var(--soft); margin-top: 8px; }
ul { padding-left: 18px; margin-top: 10px; max-width: 76ch; }
code { font: 12px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }
abbr { text-decoration: none; }
dt { color: var(--soft); font-size: 12px; }
.facts { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 10px 24px; margin: 12px 0; }
.facts dd { overflow-wrap: anywhere; }
.states { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); border-bottom: 1px solid var(--hair); }
.states > div { padding: 2px 16px 12px 0; }
.states dd { font-size: 18px; line-height: 1.4; font-weight: 600; }
.numbers { display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); border-top: 1px solid var(--hair); border-bottom: 1px solid var(--hair); }
.numbers > div { padding: 10px 12px 12px; border-left: 1px solid var(--hair); }
.numbers > div:first-child { padding-left: 0; border-left: 0; }
.numbers abbr { display: block; color: var(--ink); font-weight: 650; font-size: 13px; }
.numbers .value { font-size: 22px; line-height: 1.35; font-weight: 600; letter-spacing: -0.01em; margin-top: 4px; white-space: nowrap; }
.numbers .absent { font-size: 15px; line-height: 30px; font-weight: 500; color: var(--soft); }
.numbers .bounds { font-size: 12.5px; }
.numbers .status { font-size: 12.5px; margin-top: 2px; }
.numbers .why { font-size: 12px; line-height: 1.4; color: var(--soft); margin-top: 4px; overflow-wrap: anywhere; }
.tone i { font-style: normal; font-weight: 700; display: inline-block; min-width: 1em; margin-right: 0.2em; }
.tone.good { color: var(--good); } .tone.bad { color: var(--bad); font-weight: 600; }
.tone.warning { color: var(--warning); } .tone.unknown { color: var(--unknown); }
.callout { border-left: 3px solid var(--ink); background: var(--tint); padding: 10px 14px; margin: 16px 0 0; }
.callout p { margin-top: 2px; }
.callout.bad { border: 2px solid var(--bad); background: var(--bad-tint); padding: 14px 18px; margin: 0 0 28px; }
.callout.bad strong { color: var(--bad); font-size: 20px; line-height: 1.3; }
table { width: 100%; border-collapse: collapse; font-size: 13px; line-height: 1.45; margin-top: 6px; }
table + table { margin-top: 20px; }
th { text-align: left; font-weight: 500; font-size: 12px; color: var(--soft); border-bottom: 1px solid var(--soft); vertical-align: bottom; }
th, td { padding: 5px 14px 5px 0; }
th:last-child, td:last-child { padding-right: 0; }
td.tight code { overflow-wrap: normal; }
td { border-bottom: 1px solid var(--hair); vertical-align: top; overflow-wrap: break-word; }
.right { text-align: right; } td.tight { white-space: nowrap; }
figure { margin: 8px 0 20px; }
figcaption { font-weight: 600; font-size: 13px; margin-bottom: 2px; }
figcaption span { display: block; font-weight: 400; font-size: 12px; color: var(--soft); margin-bottom: 6px; }
figure svg { display: block; width: 100%; height: auto; }
figure .narrow { display: none; }
@media (max-width: 640px) {
  main { padding: 20px 16px 40px; }
  h1 { font-size: 22px; }
  .facts, .states { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .states > div { padding-bottom: 8px; }
  .numbers { grid-template-columns: 1fr; }
  .numbers > div, .numbers > div:first-child {
    display: grid; grid-template-columns: minmax(0, 1fr) auto; column-gap: 12px; padding: 8px 0; border-left: 0; border-bottom: 1px solid var(--hair);
  }
  .numbers > div:last-child { border-bottom: 0; }
  .numbers dt { grid-row: 1 / 3; } .numbers .value { margin: 0; text-align: right; grid-row: 1 / 3; }
  .numbers .bounds { grid-row: 3; } .numbers .status { grid-row: 3; text-align: right; margin: 0; } .numbers .why { grid-column: 1 / 3; }
  figure .wide { display: none; } figure .narrow { display: block; }
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  table, tbody, tr, td { display: block; }
  tr { border-bottom: 1px solid var(--hair); padding: 6px 0; }
  td, td.right, td.tight { display: grid; grid-template-columns: 104px minmax(0, 1fr); gap: 8px; padding: 1px 0; border: 0; text-align: left; white-space: normal; }
  td::before { content: attr(data-label); color: var(--soft); font-size: 12px; }
}
@page { size: A4; margin: 16mm 14mm 18mm; }
@media print {
  :root {
    --paper: #fff; --ink: #000; --soft: #4a4f55; --hair: #c9ced4; --tint: #f5f6f8; --good: #006b4f; --bad: #b54708; --warning: #8a5a00;
    --unknown: #5b6470; --bad-tint: #fdf1e9; --line: #0072b2; --band: #e9ecf0; --mark: #d55e00; --pale: #a9cfe6;
  }
  body { font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  h2, h3, figcaption { break-after: avoid; }
  figure, tr, .callout, .states, .numbers, .facts { break-inside: avoid; }
  thead { display: table-header-group; }
  table { font-size: 8.5pt; }
  p { orphans: 3; widows: 3; }
}
`;
