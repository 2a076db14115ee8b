import { openSession } from '../session.ts';
import { seeded } from '../options.ts';
import type { Command } from './command.ts';

export const plan: Command<{ file: string; seed?: number }> = {
  name: 'plan <file>',
  summary: 'show exactly what a run or a game day would do, before anything happens',
  options: (yargs) =>
    seeded(yargs.positional('file', { type: 'string', demandOption: true, describe: 'experiment or game day file' })),
  async run({ environment, file, seed }, output) {
    await using session = await openSession(environment);
    const { kindOfFile } = await import('../../compose/kind-of-file.ts');
    if ((await kindOfFile(file)) === 'GameDay') {
      const made = await session.planGameDay(file, seed);
      const { renderGameDayPlan, renderScenarioPlans } = await import('../../planning/render-game-day-plan.ts');
      output.answer(made, `${renderGameDayPlan(made)}\n${renderScenarioPlans(made)}`);
      return 0;
    }
    const made = await session.plan(file, seed);
    const { renderPlan } = await import('../../planning/render-plan.ts');
    output.answer(made, renderPlan(made));
    return 0;
  },
};
