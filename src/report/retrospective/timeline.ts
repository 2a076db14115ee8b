import type { GameDayRecord } from '../../domain/game-day/record.ts';
import { cell, code, heading, paragraph } from '../blocks.ts';
import type { Block } from '../blocks.ts';
import { utcTime } from '../wording/times.ts';

/** The day, its runs, its people and its alerts, in one order. */
export function timeline({ timeline: events }: GameDayRecord): readonly Block[] {
  if (events.length === 0) return [heading(2, 'Timeline'), paragraph('Nothing was recorded.')];
  return [
    heading(2, 'Timeline'),
    {
      type: 'table',
      columns: [
        { title: 'UTC', tight: true },
        { title: 'Source', tight: true },
        { title: 'Kind', tight: true },
        { title: 'What happened' },
      ],
      rows: events.map(({ at, source, by, kind, text }) => [
        cell(utcTime(at)),
        cell(by === undefined ? source : `${source} (${by})`),
        code(kind),
        cell(text),
      ]),
    },
  ];
}
