import { stringify } from 'yaml';
import type { GameDayRecord } from '../domain/game-day/record.ts';
import { renderRetrospective } from '../report/retrospective/index.ts';

/** Everything of a day that is for people, by file name. Written when it ends, and again when it is closed. */
export function retrospectiveFiles(record: GameDayRecord): Readonly<Record<string, string>> {
  const { markdown, html } = renderRetrospective(record);
  return { 'retrospective.md': markdown, 'retrospective.html': html, 'actions.yaml': actionsText(record) };
}

function actionsText({ day, actions, closedAt }: GameDayRecord): string {
  const task = `# Give every action an owner and a due date, then: firedrill game-day close ${day.id} --actions <this file>\n`;
  return `${closedAt === null && actions.length > 0 ? task : ''}${stringify({ actions })}`;
}
