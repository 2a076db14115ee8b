import type { AlertEpisode, RunRecord } from '../../domain/run-record.ts';
import { cell, heading, paragraph, type Block, type Cell } from '../blocks.ts';
import { alertGantt } from '../charts/alert-gantt.ts';
import { bandWords } from '../charts/fault-band.ts';
import { figureOf } from '../charts/figure.ts';
import { alertClassWords } from '../wording/definitions.ts';
import { timeFromT0 } from '../wording/times.ts';
import { alertClassTone } from '../wording/verdict.ts';
import type { Section } from './section.ts';

/** Every alert episode of the run, by class. */
export const alerts: Section = {
  name: 'alerts',
  async build(record) {
    if (record.alerts.length === 0) {
      const expected = record.plan.expectedAlerts.length;
      return [
        heading(2, 'Alerts'),
        paragraph(expected === 0 ? 'No alert was expected and none was seen.' : 'No alert episode was recorded.'),
      ];
    }
    const drawing = await figureOf(
      'alerts',
      { title: 'Alert episodes', alternative: `Hollow: pending. Full: firing. Diamond: notified.${bandWords(record)}` },
      (id, narrow) => alertGantt(record, id, narrow),
    );
    return [heading(2, 'Alerts'), drawing, tableOf(record)];
  },
};

function tableOf(record: RunRecord): Block {
  return {
    type: 'table',
    columns: [
      { title: 'Alert' },
      { title: 'Class', tight: true },
      { title: 'Expected', tight: true },
      { title: 'Pending', tight: true },
      { title: 'Fired', tight: true },
      { title: 'Notified', tight: true },
      { title: 'Cleared', tight: true },
    ],
    rows: record.alerts.map((alert) => rowOf(alert, record.clocks.t0?.at ?? null)),
  };
}

function rowOf(alert: AlertEpisode, t0: string | null): readonly Cell[] {
  const labels = Object.entries(alert.labels).filter(([name]) => name !== 'alertname');
  const where = labels.map(([name, value]) => `${name}=${value}`).join(', ');
  return [
    cell(where === '' ? alert.alertname : `${alert.alertname} (${where})`),
    cell(alertClassWords[alert.class].word, alertClassTone[alert.class]),
    cell(alert.expected ? 'yes' : 'no'),
    ...[alert.pendingAt, alert.firedAt, alert.notifiedAt, alert.clearedAt].map((at) => cell(timeFromT0(at, t0))),
  ];
}
