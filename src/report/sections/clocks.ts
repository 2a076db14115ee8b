import { clockNames, metricNames, type ClockName, type Instant } from '../../domain/run-record.ts';
import { cell, heading, paragraph, type Cell } from '../blocks.ts';
import { clockWords, metricWords } from '../wording/definitions.ts';
import { printMetric, toneOfStatus } from '../wording/numbers.ts';
import { secondsBetween, signedSeconds, utcTime } from '../wording/times.ts';
import type { Section } from './section.ts';

/** Every number with its bounds, status, source and reason, and the instants they were computed from. */
export const clocks: Section = {
  name: 'clocks',
  build(record) {
    return [
      heading(2, 'Numbers and clocks'),
      {
        type: 'table',
        columns: [
          { title: 'Number' },
          { title: 'Value', align: 'right', tight: true },
          { title: '[lo, hi]', tight: true },
          { title: 'Status' },
          { title: 'Source' },
          { title: 'Why' },
        ],
        rows: metricNames.map((name) => {
          const printed = printMetric(record.metrics[name]);
          return [
            cell(`${name.toUpperCase()} ${metricWords[name].name}`),
            cell(printed.value),
            cell(printed.bounds),
            cell(printed.status, toneOfStatus(record.metrics[name].status)),
            cell(printed.source),
            cell(printed.note),
          ];
        }),
      },
      {
        type: 'table',
        columns: [
          { title: 'Clock', tight: true },
          { title: 'UTC', tight: true },
          { title: 'From T0', align: 'right', tight: true },
          { title: 'Not before', tight: true },
          { title: 'Not after', tight: true },
          { title: 'Read from' },
        ],
        rows: clockNames
          .filter((name) => record.clocks[name] !== null)
          .map((name) => rowOf(name, record.clocks[name] as Instant, record.clocks.t0)),
      },
      paragraph(didNotHappen(clockNames.filter((name) => record.clocks[name] === null)), 'note'),
    ];
  },
};

function rowOf(name: ClockName, instant: Instant, t0: Instant | null): readonly Cell[] {
  return [
    cell(clockWords[name].label),
    cell(utcTime(instant.at)),
    cell(t0 === null ? '–' : signedSeconds(secondsBetween(t0.at, instant.at))),
    cell(utcTime(instant.lo)),
    cell(utcTime(instant.hi)),
    cell(instant.source),
  ];
}

function didNotHappen(names: readonly ClockName[]): string {
  return names.length === 0
    ? 'Every clock has a reading.'
    : `Did not happen, or was not seen: ${names.map((name) => clockWords[name].label).join(', ')}.`;
}
