import type { Command } from './command.ts';

export const worker: Command = {
  name: 'worker',
  summary: 'serve runs of this environment until told to stop',
  async run({ environment }, output) {
    const { runWorker } = await import('../../compose/worker.ts');
    await runWorker(environment, () => output.answer({ ready: true }, 'firedrill worker: ready'));
    return 0;
  },
};
