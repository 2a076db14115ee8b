import type { GameDayRecord } from '../../domain/game-day/record.ts';
import { heading } from '../blocks.ts';
import type { Block } from '../blocks.ts';
import { renderHtml } from '../formats/html.ts';
import { renderMarkdown } from '../formats/markdown.ts';
import { actions } from './actions.ts';
import { glance } from './glance.ts';
import { opening } from './opening.ts';
import { scenarioBlocks } from './scenario.ts';
import { timeline } from './timeline.ts';

/** The retrospective of one day, from its record alone. */
export function renderRetrospective(record: GameDayRecord): { html: string; markdown: string } {
  const document = {
    title: `${record.day.title} · ${record.day.id}`,
    sections: [
      { name: 'day', blocks: opening(record) },
      { name: 'glance', blocks: glance(record) },
      ...record.scenarios.map((scenario, index) => ({
        name: `scenario-${index + 1}`,
        blocks: scenarioBlocks(scenario, index + 1),
      })),
      { name: 'actions', blocks: actions(record) },
      { name: 'questions', blocks: questions(record) },
      { name: 'timeline', blocks: timeline(record) },
    ],
  };
  return { html: renderHtml(document), markdown: renderMarkdown(document) };
}

function questions({ questions: asked }: GameDayRecord): readonly Block[] {
  return [heading(2, 'Questions for the retrospective'), { type: 'list', items: asked }];
}
