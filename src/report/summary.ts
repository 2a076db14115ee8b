import type { RunRecord } from '../domain/run-record.ts';
import { metricWords, verdictMetrics } from './wording/definitions.ts';
import { metricLine } from './wording/numbers.ts';
import { dirtyText, dirtyTitle, mitigatedByLabel } from './wording/verdict.ts';

const shownFindings = 6;

/** The run for a terminal: plain text, at most 25 lines, no colour. */
export function renderSummary(record: RunRecord): string {
  const { run, outcome, metrics, findings, nextStep } = record;
  const lines = [
    ...(outcome.cleanup === 'dirty' ? [dirtyTitle, `  ${dirtyText(record)}`, ''] : []),
    `${run.experiment} in ${run.environment}, run ${run.id}`,
    `hypothesis ${outcome.hypothesis} · ${outcome.ending} · ${outcome.cleanup}`,
    `  ${outcome.reason}`,
    ...(outcome.abortedBy === null ? [] : [`aborted by ${outcome.abortedBy.kind}: ${outcome.abortedBy.name}`]),
    `mitigated by ${outcome.mitigatedBy === null ? 'not established' : mitigatedByLabel[outcome.mitigatedBy]}`,
    '',
    ...verdictMetrics.map((name) => `${name.toUpperCase()}  ${metricWords[name].name.padEnd(18)} ${metricLine(metrics[name])}`),
    '',
    ...(findings.length === 0 ? ['no findings'] : ['findings']),
    ...findings.slice(0, shownFindings).map(({ severity, text }) => `  ${severity.padEnd(6)} ${text}`),
    ...(findings.length > shownFindings ? [`  and ${findings.length - shownFindings} more in the report`] : []),
    `next: ${nextStep === '' ? 'none drafted' : nextStep}`,
  ];
  return `${lines.map((line) => line.replace(/\s*[\r\n]+\s*/g, ' ')).join('\n')}\n`;
}
