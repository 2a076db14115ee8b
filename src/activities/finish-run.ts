import { stringify } from 'yaml';
import { buildRunRecord } from '../domain/measure/build-record.ts';
import { exitCodeOf } from '../domain/measure/exit-code.ts';
import { renderReport } from '../report/index.ts';
import type { ActivityDeps } from './connections.ts';
import { gatherMeasurements } from './gather-measurements.ts';
import type { RunFacts } from './run-facts.ts';
import { createRecorder } from './recorder.ts';
import { sampleTables } from './sample-tables.ts';

/** Measures from raw samples, then archives record and report. May run again: the same facts give the same files. */
export async function finishRun(deps: ActivityDeps, facts: RunFacts): Promise<{ exitCode: number; reportPath: string }> {
  const connections = deps.connect(facts.plan.environment);
  await connections.archive.begin(facts.runId, facts.plan);
  await createRecorder(connections.archive, facts.runId, deps.clock).flush();
  const input = await gatherMeasurements(deps, connections, facts);
  const record = buildRunRecord({ ...input, timeline: [...input.timeline, ...facts.unrecorded] });
  const report = await renderReport(record);
  const directory = await connections.archive.writeRecord(record, {
    'plan.yaml': stringify(facts.plan),
    'timeline.jsonl': record.timeline.map((event) => `${JSON.stringify(event)}\n`).join(''),
    'alerts.jsonl': record.alerts.map((alert) => `${JSON.stringify(alert)}\n`).join(''),
    'rules-snapshot.yaml': stringify(input.rules),
    'report.md': report.markdown,
    'report.html': report.html,
    ...sampleTables(record.samples),
  });
  return { exitCode: exitCodeOf(record), reportPath: `${directory}/report.html` };
}
