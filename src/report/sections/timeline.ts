import { cell, code, heading, paragraph } from '../blocks.ts';
import { secondsBetween, signedSeconds, utcTime } from '../wording/times.ts';
import type { Section } from './section.ts';

/** What happened, merged from every source, in the order of its times. */
export const timeline: Section = {
  name: 'timeline',
  build({ timeline: events, clocks }) {
    if (events.length === 0) return [heading(2, 'Timeline'), paragraph('Nothing was recorded.')];
    const t0 = clocks.t0?.at ?? null;
    return [
      heading(2, 'Timeline'),
      {
        type: 'table',
        columns: [
          { title: 'UTC', tight: true },
          { title: 'From T0', tight: true, align: 'right' },
          { title: 'Source', tight: true },
          { title: 'Kind', tight: true },
          { title: 'What happened' },
        ],
        rows: events.map((event) => [
          cell(utcTime(event.at)),
          cell(t0 === null ? '–' : signedSeconds(secondsBetween(t0, event.at))),
          cell(event.by === undefined ? event.source : `${event.source} (${event.by})`),
          code(event.kind),
          cell(event.text),
        ]),
      },
    ];
  },
};
