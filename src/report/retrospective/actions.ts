import type { GameDayRecord } from '../../domain/game-day/record.ts';
import { cell, heading, paragraph } from '../blocks.ts';
import type { Block } from '../blocks.ts';

/** Who does what by when, and why. */
export function actions({ day, actions: all, closedAt }: GameDayRecord): readonly Block[] {
  if (all.length === 0) return [heading(2, 'Actions'), paragraph('No finding, so no action was drafted.')];
  return [
    heading(2, 'Actions'),
    {
      type: 'table',
      columns: [
        { title: 'Id', tight: true },
        { title: 'Scenario', tight: true },
        { title: 'Action' },
        { title: 'From the finding' },
        { title: 'Owner', tight: true },
        { title: 'Due', tight: true },
      ],
      rows: all.map(({ id, scenario, text, finding, owner, due }) => [
        cell(id),
        cell(scenario),
        cell(text),
        cell(finding),
        owner === null ? cell('nobody yet', 'warning') : cell(owner),
        due === null ? cell('no date', 'warning') : cell(due),
      ]),
    },
    ...(closedAt === null
      ? [
          paragraph(
            `Drafts. Write owner and due date of each into actions.yaml beside this page, then: firedrill game-day close ${day.id} --actions FILE`,
            'note',
          ),
        ]
      : []),
  ];
}
