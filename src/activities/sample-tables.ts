import type { Sample } from '../domain/measure/sample.ts';

/** One CSV per probe: every sample with its class, as it was judged. */
export function sampleTables(samples: readonly Sample[]): Record<string, string> {
  const tables: Record<string, string> = {};
  for (const [probe, rows] of Map.groupBy(samples, (sample) => sample.probe)) {
    const lines = rows.map((row) =>
      [row.at, row.value ?? '', row.class, row.sourceAt ?? '', row.latencyMs.toFixed(1), quoted(row.note ?? '')].join(','),
    );
    tables[`samples/${probe.replaceAll(/[^\w.-]/g, '_')}.csv`] = ['at,value,class,source_at,latency_ms,note', ...lines, ''].join(
      '\n',
    );
  }
  return tables;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
