import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { renderReport, renderSummary } from '../../src/report/index.ts';
import { records } from './fixtures/record.ts';

const cases = Object.entries(records).map(([name, record]) => ({ name, record: record() }));

/** Text a reader sees: tags and their attributes taken away. */
function textOf(html: string): string {
  return html.replace(/<style>[\s\S]*?<\/style>/g, '').replace(/<[^>]*>/g, ' ');
}

/** The first tag that is not closed where it was opened; null when all are. */
function firstUnclosed(html: string): string | null {
  const open: string[] = [];
  for (const [, slash, name, selfClosed] of html.matchAll(/<(\/?)([A-Za-z][\w:-]*)(?:"[^"]*"|'[^']*'|[^"'>])*?(\/?)>/g)) {
    if (selfClosed === '/') continue;
    if (slash !== '/') open.push(name!);
    else if (open.pop() !== name) return name!;
  }
  return open.at(-1) ?? null;
}

describe.each(cases)('the report of a run that was $name', ({ name, record }) => {
  test('reads in Markdown as it was agreed', async () => {
    const { markdown } = await renderReport(record);
    expect(markdown).toBe(await readFile(new URL(`fixtures/out-${name}.md`, import.meta.url), 'utf8'));
  });

  test('is well-formed HTML that fetches nothing and runs nothing', async () => {
    const { html } = await renderReport(record);
    expect(firstUnclosed(html)).toBeNull();
    expect(html).not.toMatch(/(?:src|href|url|xlink:href)\s*[=(]\s*["']?\s*(?:https?:)?\/\//i);
    expect(html).not.toMatch(/<(?:script|link|iframe|img)\b|@import/i);
  });

  test('never shows a value that a program forgot', async () => {
    const { html, markdown } = await renderReport(record);
    for (const text of [textOf(html), markdown, renderSummary(record)])
      expect(text).not.toMatch(/\b(?:undefined|null|NaN|Infinity)\b/);
    expect(html).not.toMatch(/undefined|NaN/);
  });

  test('is the same text each time it is made', async () => {
    expect(await renderReport(record)).toEqual(await renderReport(record));
  });

  test('gives its record back as JSON', async () => {
    expect(JSON.parse((await renderReport(record)).json)).toEqual(record);
  });

  test('fits a terminal of 25 lines', () => {
    expect(renderSummary(record).trimEnd().split('\n').length).toBeLessThanOrEqual(25);
  });
});

describe('the report', () => {
  test('prints a censored time as a lower bound and never as a number of a team', async () => {
    const record = records.broken();
    expect(renderSummary(record)).toContain('≥ 40.0 s (censored: fault ended by its own expiry)');
    expect((await renderReport(record)).markdown).toContain('| ≥ 40.0 s | no upper bound | ! censored |');
  });

  test('says what somebody took over with our change in it, and that nothing undoes it', async () => {
    const dirty = records.dirty();
    const revertEvidence = { summary: 'still has our change', data: { leftInPlace: ['spec.replicas'] } };
    const injections = records.held().injections.map(({ spec, status }) => ({ spec, status: { ...status!, revertEvidence } }));
    const { markdown } = await renderReport({ ...dirty, injections });
    expect(markdown).toContain('nothing undoes it any more');
    expect(markdown).toContain('Cleanup is dirty: what a fault changed was taken over by somebody');
    expect(markdown).toContain('Left in place');
  });

  test('says dirty before its title', async () => {
    const { html, markdown } = await renderReport(records.dirty());
    expect(html.indexOf('DIRTY')).toBeGreaterThan(0);
    expect(html.indexOf('DIRTY')).toBeLessThan(html.indexOf('<h1>'));
    expect(markdown.startsWith('> **✕ DIRTY')).toBe(true);
    expect(renderSummary(records.dirty()).startsWith('DIRTY')).toBe(true);
  });

  test('shows text of a record as text, in HTML, in its drawings and in Markdown tables', async () => {
    const held = records.held();
    const hostile = '<script>alert(1)</script> | "x"\n[a](b)';
    const { html, markdown } = await renderReport({
      ...held,
      alerts: held.alerts.map((alert) => ({ ...alert, alertname: hostile })),
      findings: held.findings.map((finding) => ({ ...finding, text: hostile })),
    });
    expect(html).not.toContain('<script');
    expect(firstUnclosed(html)).toBeNull();
    expect(markdown).not.toContain('<script');
    expect(markdown).toContain('\\| "x" [a]\\(b)');
  });

  test('never prints an unknown number as zero', async () => {
    const { markdown } = await renderReport(records.blind());
    expect(markdown).toContain('| TTD time to detect | not measured | no bounds |');
    expect(markdown).not.toMatch(/\| 0(?:\.0)? s \|/);
  });
});
