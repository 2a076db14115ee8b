import type { ListedGameDay, ListedRun, ListedScenario } from '../../app/list-archive.ts';
import { openSession } from '../session.ts';
import type { Command } from './command.ts';

export const list: Command = {
  name: 'list',
  summary: 'show the runs and game days in the archive, newest first',
  async run({ environment }, output) {
    await using session = await openSession(environment);
    const { listArchive } = await import('../../app/list-archive.ts');
    const entries = await listArchive(session.connections);
    const lines = entries.flatMap((entry) => (entry.kind === 'run' ? [runLine(entry)] : dayLines(entry)));
    output.answer(entries, lines.length === 0 ? 'no runs yet' : lines.join('\n'));
    return 0;
  },
};

function runLine(run: ListedRun): string {
  return `${time(run.startedAt)}  ${run.id}  ${runWords(run)}`;
}

function dayLines({ id, startedAt, outcome, problem, scenarios }: ListedGameDay): readonly string[] {
  const words =
    outcome === null ? without(problem) : `${outcome.ending}, ${outcome.cleanup}, ${outcome.closed ? 'closed' : 'not closed'}`;
  return [
    `${time(startedAt)}  ${id}  game day: ${words}`,
    ...scenarios.map((scenario, index) => scenarioLine(scenario, index + 1)),
  ];
}

function scenarioLine({ name, state, run }: ListedScenario, n: number): string {
  const words = run === null ? state : `${run.id}  ${runWords(run)}`;
  return `${' '.repeat(21)}${n} ${name}  ${words}`;
}

function runWords({ outcome, problem }: ListedRun): string {
  return outcome === null ? without(problem) : `${outcome.hypothesis}, ${outcome.ending}, ${outcome.cleanup}`;
}

function without(problem: string | null): string {
  return problem ?? 'no record (in progress, or cut off)';
}

function time(iso: string): string {
  return iso.slice(0, 19).padEnd(19);
}
