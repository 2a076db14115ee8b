import type { Block, Cell, ReportDocument, Table, Tone } from '../blocks.ts';

const signOf: Readonly<Record<Tone, string>> = { good: '✓ ', bad: '✕ ', warning: '! ', unknown: '? ', plain: '' };

/** GitHub-flavoured Markdown. Drawings are left to the HTML; their words are printed instead. */
export function renderMarkdown(document: ReportDocument): string {
  const parts = document.sections.flatMap((section) => section.blocks.map(markdownOf)).filter((text) => text !== '');
  return `${parts.join('\n\n')}\n`;
}

function markdownOf(block: Block): string {
  switch (block.type) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${escapeText(block.text)}`;
    case 'paragraph':
      return block.weight === 'note' && block.text !== '' ? `_${escapeText(block.text)}_` : escapeText(block.text);
    case 'list':
      return block.items.map((item) => `- ${escapeText(item)}`).join('\n');
    case 'callout':
      return `> **${signOf[block.tone]}${escapeText(block.title)}**\n>\n> ${escapeText(block.text)}`;
    case 'facts':
      return block.items
        .map(({ label, value, code }) => `- ${escapeText(label)}: ${code === true ? codeSpan(value) : escapeText(value)}`)
        .join('\n');
    case 'states':
      return block.items
        .map(({ label, value, tone }) => `**${escapeText(label)}:** ${signOf[tone]}${escapeText(value)}`)
        .join(' · ');
    case 'key-numbers':
      return tableOf({
        type: 'table',
        columns: ['Number', 'Value', '[lo, hi]', 'Status', 'Source', 'Why'].map((title) => ({ title })),
        rows: block.items.map((item) =>
          [`${item.label} ${item.name}`, item.value, item.bounds, item.status, item.source, item.note].map((text) => ({ text })),
        ),
      });
    case 'figure':
      return `**${escapeText(block.title)}.** ${escapeText(block.alternative)}`;
    case 'table':
      return tableOf(block);
  }
}

function tableOf({ columns, rows }: Table): string {
  const lines = [
    columns.map(({ title }) => escapeCell(escapeText(title))),
    columns.map(({ align }) => (align === 'right' ? '--:' : '---')),
    ...rows.map((row) => row.map(cellOf)),
  ];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function cellOf({ text, tone, code }: Cell): string {
  return escapeCell(code === true ? codeSpan(text) : `${signOf[tone ?? 'plain']}${escapeText(text)}`);
}

/** Pipes end a cell even inside code, so they are escaped last. */
function escapeCell(markdown: string): string {
  return markdown.replaceAll('|', '\\|');
}

/** Text that Markdown would take for markup is made to stand for itself. */
function escapeText(text: string): string {
  return text
    .replace(/\s*[\r\n]+\s*/g, ' ')
    .replace(/[\\`*]/g, '\\$&')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('](', ']\\(')
    .replace(/^(#|>|[-+] |\d+[.)] )/, '\\$1');
}

/** A fence longer than any run of backticks inside. */
function codeSpan(text: string): string {
  const line = text.replace(/\s*[\r\n]+\s*/g, ' ');
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
}
