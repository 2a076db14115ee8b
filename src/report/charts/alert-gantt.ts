import type { RunRecord } from '../../domain/run-record.ts';
import { alertClassWords } from '../wording/definitions.ts';
import { rowsChart, type Bar, type Row } from './rows-chart.ts';

/** Each alert episode: pending hollow, firing full, notified as a diamond. */
export async function alertGantt(record: RunRecord, id: string, narrow: boolean): Promise<string> {
  return rowsChart(
    record,
    record.alerts.map((alert) => rowOf(alert, record.run.endedAt)),
    id,
    narrow,
  );
}

function rowOf(alert: RunRecord['alerts'][number], end: string): Row {
  const bars: Bar[] = [];
  if (alert.pendingAt !== null)
    bars.push({ from: alert.pendingAt, to: alert.firedAt ?? alert.clearedAt ?? end, look: 'hollow', colour: 'soft' });
  if (alert.firedAt !== null)
    bars.push({ from: alert.firedAt, to: alert.clearedAt ?? end, look: 'full', colour: alert.expected ? 'line' : 'mark' });
  return {
    label: alert.alertname,
    bars,
    points: alert.notifiedAt === null ? [] : [alert.notifiedAt],
    remark: `${alertClassWords[alert.class].word}${alert.firedAt === null ? ', never fired' : ''}`,
  };
}
