import type { GameDayRecord } from '../../domain/game-day/record.ts';
import { cell, code, heading, paragraph } from '../blocks.ts';
import type { Block } from '../blocks.ts';
import { renderHtml } from '../formats/html.ts';
import { renderMarkdown } from '../formats/markdown.ts';
import { utcDateTime, utcTime } from '../wording/times.ts';
import { scenarioBlocks } from './scenario.ts';

/** The retrospective of one day, from its record alone. */
export function renderRetrospective(record: GameDayRecord): { html: string; markdown: string } {
  const document = {
    title: `${record.day.title} · ${record.day.id}`,
    sections: [
      { name: 'day', blocks: opening(record) },
      ...record.scenarios.map((scenario, index) => ({
        name: `scenario-${index + 1}`,
        blocks: scenarioBlocks(scenario, index + 1),
      })),
      { name: 'questions', blocks: questions(record) },
      { name: 'actions', blocks: actions(record) },
      { name: 'timeline', blocks: timeline(record) },
    ],
  };
  return { html: renderHtml(document), markdown: renderMarkdown(document) };
}

function opening({ day, ending, cleanup, reason, scenarios, closedAt }: GameDayRecord): readonly Block[] {
  const ran = scenarios.filter(({ state }) => state !== 'skipped').length;
  return [
    heading(1, day.title),
    {
      type: 'facts',
      items: [
        { label: 'Game day', value: day.id, code: true },
        { label: 'Environment', value: day.environment },
        { label: 'From (UTC)', value: utcDateTime(day.startedAt) },
        { label: 'To (UTC)', value: utcDateTime(day.endedAt) },
        { label: 'Plan', value: day.planHash.slice(0, 12), code: true },
        { label: 'Disclosure', value: day.disclosure },
        ...day.roles.map(({ role, people }) => ({ label: role, value: people.join(', ') })),
        { label: 'Closed (UTC)', value: closedAt === null ? 'not yet' : utcDateTime(closedAt) },
      ],
    },
    {
      type: 'states',
      items: [
        { label: 'Ending', value: ending, tone: ending === 'completed' ? 'good' : 'warning' },
        { label: 'Cleanup', value: cleanup, tone: cleanup === 'clean' ? 'good' : 'bad' },
        { label: 'Scenarios', value: `${ran} of ${scenarios.length}`, tone: ran === scenarios.length ? 'good' : 'warning' },
      ],
    },
    paragraph(`The day ended ${ending}: ${reason}.`, 'lead'),
  ];
}

function questions({ questions: asked }: GameDayRecord): readonly Block[] {
  return [heading(2, 'Questions for the retrospective'), { type: 'list', items: asked }];
}

function actions({ actions: all, closedAt }: GameDayRecord): readonly Block[] {
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
    ...(closedAt === null ? [paragraph('Drafts: the day is closed when each has an owner and a due date.', 'note')] : []),
  ];
}

function timeline({ timeline: events }: GameDayRecord): readonly Block[] {
  if (events.length === 0) return [heading(2, 'Timeline'), paragraph('Nothing was recorded.')];
  return [
    heading(2, 'Timeline'),
    {
      type: 'table',
      columns: [{ title: 'UTC', tight: true }, { title: 'Source', tight: true }, { title: 'Kind' }, { title: 'What happened' }],
      rows: events.map(({ at, source, by, kind, text }) => [
        cell(utcTime(at)),
        cell(by === undefined ? source : `${source} (${by})`),
        code(kind),
        cell(text),
      ]),
    },
  ];
}
