import { openSession } from '../session.ts';
import type { Command } from './command.ts';

export const plan: Command<{ experiment: string; seed?: number }> = {
  name: 'plan <experiment>',
  summary: 'show exactly what a run would do, before anything happens',
  options: (yargs) =>
    yargs
      .positional('experiment', { type: 'string', demandOption: true, describe: 'experiment file' })
      .option('seed', { type: 'number', describe: 'chooses the same targets again' }),
  async run({ environment, experiment, seed }, output) {
    await using session = await openSession(environment);
    const made = await session.plan(experiment, seed);
    const { renderPlan } = await import('../../planning/render-plan.ts');
    output.answer(made, renderPlan(made));
    return 0;
  },
};
