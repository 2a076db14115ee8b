import { openSession } from '../session.ts';
import { whatRuns } from '../../app/what-runs.ts';
import { openInjections } from '../../domain/injection/open-injections.ts';
import { isAppError } from '../../domain/errors.ts';
import type { Command } from './command.ts';

export const status: Command = {
  name: 'status',
  summary: 'show what runs, what is broken on purpose right now, and the next step',
  async run({ environment }, output) {
    await using session = await openSession(environment);
    const { store } = session.connections;
    const { name } = session.planned;
    // Records answer without Temporal: a dead orchestrator must not hide a live fault.
    const run = await session
      .orchestrator()
      .then((orchestrator) => orchestrator.status(name))
      .catch((error: unknown) => (isAppError(error) ? error.message : Promise.reject(error)));
    const [specs, statuses] = [await store.readSpecs(), await store.readStatuses()];
    const open = openInjections(specs, statuses);
    const { questionsNow } = await import('../../app/by-hand.ts');
    const questions = questionsNow(specs, statuses);
    const live = open.map(({ id, phase, spec, problem }) => {
      const where = spec === null ? null : `${spec.fault} on ${spec.target.service}/${spec.target.name}, until ${spec.deadline}`;
      const asks = questions.get(id) ?? null;
      return { id, phase, asks, what: [where, problem].filter((part) => part !== null).join(': ') };
    });
    const halted = await store.readHalt();
    const { lastNextStep } = await import('../../app/last-next-step.ts');
    const goesOn = run !== null && typeof run !== 'string';
    const next = goesOn ? null : await lastNextStep(session.connections, name);
    const lines = [
      typeof run === 'string' ? `run: unknown (${run})` : run === null ? `run: none in ${name}` : `run: ${whatRuns(run)}`,
      halted === null ? 'halt: not set' : `halt: set by ${halted.by}: ${halted.why}`,
      live.length === 0 ? 'broken on purpose right now: nothing' : 'broken on purpose right now:',
      ...live.flatMap(({ id, phase, asks, what }) => [
        `  ${id}  ${phase}  ${what}`,
        ...(asks === null ? [] : [`    asks a person: ${asks}`]),
      ]),
      ...(next === null ? [] : [`next, after ${next.id}: ${next.nextStep}`]),
    ];
    output.answer({ run, halt: halted, injections: live, next }, lines.join('\n'));
    return 0;
  },
};
