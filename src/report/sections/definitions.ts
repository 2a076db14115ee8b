import { clockNames, metricNames } from '../../domain/run-record.ts';
import { cell, heading, paragraph, type Block } from '../blocks.ts';
import { alertClassWords, clockWords, metricWords, statusWords } from '../wording/definitions.ts';
import type { Section } from './section.ts';

/** What every word of this report means, so that it can be read alone and years later. */
export const definitions: Section = {
  name: 'definitions',
  build() {
    return [
      heading(2, 'Definitions'),
      paragraph(
        'All times are UTC. [lo, hi] are bounds: the true value lies between them. Unknown is never good, and never zero.',
      ),
      tableOf(
        'Number',
        metricNames.map((name) => [`${name.toUpperCase()} ${metricWords[name].name}`, metricWords[name].means]),
      ),
      tableOf(
        'Clock',
        clockNames.map((name) => [clockWords[name].label, clockWords[name].means]),
      ),
      tableOf(
        'Status',
        Object.values(statusWords).map(({ word, means }) => [word, means]),
      ),
      tableOf(
        'Alert class',
        Object.values(alertClassWords).map(({ word, means }) => [word, means]),
      ),
    ];
  },
};

function tableOf(title: string, rows: readonly (readonly [string, string])[]): Block {
  return {
    type: 'table',
    columns: [{ title, tight: true }, { title: 'Means' }],
    rows: rows.map(([word, means]) => [cell(word), cell(means)]),
  };
}
