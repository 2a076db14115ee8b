import type { RunRecord } from '../domain/run-record.ts';
import type { ReportDocument } from './blocks.ts';
import { renderHtml } from './formats/html.ts';
import { renderJson } from './formats/json.ts';
import { renderMarkdown } from './formats/markdown.ts';
import { sections } from './sections/index.ts';

export { renderSummary } from './summary.ts';
export { renderDaySummary } from './retrospective/summary.ts';

/** The report of one run, from its record alone: the same record always gives the same text. */
export async function renderReport(record: RunRecord): Promise<{ html: string; markdown: string; json: string }> {
  const document = await documentOf(record);
  return { html: renderHtml(document), markdown: renderMarkdown(document), json: renderJson(record) };
}

async function documentOf(record: RunRecord): Promise<ReportDocument> {
  const built = await Promise.all(sections.map(async ({ name, build }) => ({ name, blocks: await build(record) })));
  return {
    title: `${record.plan.experiment.title} · ${record.run.id}`,
    sections: built.filter(({ blocks }) => blocks.length > 0),
  };
}
