import type { Command } from './command.ts';

export const worker: Command = {
  name: 'worker',
  summary: 'carry out the runs of this environment, until told to stop',
  async run({ environment }, output) {
    const { runWorker } = await import('../../compose/worker.ts');
    await runWorker(environment, () => output.answer({ ready: true }, 'firedrill worker: ready'));
    return 0;
  },
};
