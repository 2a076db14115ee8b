import { openSession } from '../session.ts';
import type { Command } from './command.ts';

export const list: Command = {
  name: 'list',
  summary: 'show the runs in the archive, newest first',
  async run({ environment }, output) {
    await using session = await openSession(environment);
    const runs = await session.connections.archive.list();
    const lines = runs.map(({ id, startedAt, outcome }) => {
      const words =
        outcome === null ? 'no record (in progress, or cut off)' : `${outcome.hypothesis}, ${outcome.ending}, ${outcome.cleanup}`;
      return `${startedAt.slice(0, 19)}  ${id}  ${words}`;
    });
    output.answer(runs, lines.length === 0 ? 'no runs yet' : lines.join('\n'));
    return 0;
  },
};
