import type { RunRecord } from '../../domain/run-record.ts';

/** The record itself: what machines read is what the report was made from. */
export function renderJson(record: RunRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}
