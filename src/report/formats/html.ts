import type { Block, Cell, Column, KeyNumber, ReportDocument, Table, Tone } from '../blocks.ts';
import { styles } from './html-styles.ts';

const signOf: Readonly<Record<Tone, string>> = { good: '✓', bad: '✕', warning: '!', unknown: '?', plain: '' };

/** One file that needs nothing else: no network, no script, no font. Tags are closed as in XML, so that any parser reads it. */
export function renderHtml(document: ReportDocument): string {
  const sections = document.sections.map(({ name, blocks }) => {
    const [first, ...rest] = blocks.map(htmlOf);
    return `<section id="${escapeHtml(name)}">\n${[first, ...rest].join('\n')}\n</section>`;
  });
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<title>${escapeHtml(document.title)}</title>
<style>${styles}</style>
</head>
<body>
<main>
${sections.join('\n')}
</main>
</body>
</html>
`;
}

function htmlOf(block: Block): string {
  switch (block.type) {
    case 'heading':
      return `<h${block.level}>${escapeHtml(block.text)}</h${block.level}>`;
    case 'paragraph':
      return `<p class="${block.weight}">${escapeHtml(block.text)}</p>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`;
    case 'callout':
      return `<aside class="callout ${block.tone}"><strong>${escapeHtml(block.title)}</strong><p>${escapeHtml(block.text)}</p></aside>`;
    case 'facts':
      return `<dl class="facts">${block.items.map(({ label, value, code }) => `<div><dt>${escapeHtml(label)}</dt><dd>${marked(value, code)}</dd></div>`).join('')}</dl>`;
    case 'states':
      return `<dl class="states">${block.items.map(({ label, value, tone }) => `<div><dt>${escapeHtml(label)}</dt><dd>${toned(value, tone)}</dd></div>`).join('')}</dl>`;
    case 'key-numbers':
      return `<dl class="numbers">${block.items.map(numberOf).join('')}</dl>`;
    case 'figure':
      return `<figure role="img" aria-label="${escapeHtml(`${block.title}. ${block.alternative}`)}"><figcaption>${escapeHtml(block.title)}<span>${escapeHtml(block.alternative)}</span></figcaption><div class="wide">${block.wideSvg}</div><div class="narrow">${block.narrowSvg}</div></figure>`;
    case 'table':
      return tableOf(block);
  }
}

function numberOf(item: KeyNumber): string {
  const known = /\d/.test(item.value);
  return (
    `<div><dt><abbr title="${escapeHtml(item.name)}">${escapeHtml(item.label)}</abbr> ${escapeHtml(item.name)}</dt>` +
    `<dd class="value${known ? '' : ' absent'}">${escapeHtml(item.value)}</dd>` +
    `<dd class="bounds">${escapeHtml(item.bounds)}</dd><dd class="status">${toned(item.status, item.tone)}</dd>` +
    `<dd class="why">${known ? `from ${escapeHtml(item.source)}` : ''}${known && item.note !== '' ? ' · ' : ''}${escapeHtml(item.note)}</dd></div>`
  );
}

function tableOf({ columns, rows }: Table): string {
  const head = columns.map((column) => `<th scope="col"${classOf(column)}>${escapeHtml(column.title)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell, index) => cellOf(cell, columns[index])).join('')}</tr>`).join('\n');
  return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>${body}</tbody>\n</table>`;
}

/** The column's title travels with the cell: on a phone a row becomes a short list. */
function cellOf({ text, tone, code }: Cell, column: Column | undefined): string {
  const content = tone === undefined ? marked(text, code) : toned(text, tone);
  return `<td data-label="${escapeHtml(column?.title ?? '')}"${classOf(column)}><span>${content}</span></td>`;
}

function classOf(column: Column | undefined): string {
  const names = [column?.align === 'right' ? 'right' : '', column?.tight === true ? 'tight' : ''].filter((name) => name !== '');
  return names.length === 0 ? '' : ` class="${names.join(' ')}"`;
}

function marked(text: string, isCode: boolean | undefined): string {
  return isCode === true ? `<code>${escapeHtml(text)}</code>` : escapeHtml(text);
}

/** A sign beside the colour: nobody must tell red from green. */
function toned(text: string, tone: Tone): string {
  const sign = signOf[tone];
  return `<span class="tone ${tone}">${sign === '' ? '' : `<i aria-hidden="true">${sign}</i>`}${escapeHtml(text)}</span>`;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
