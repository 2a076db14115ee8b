import { spokenBy, spokenBySomebody } from '../options.ts';
import type { Command } from './command.ts';

const timeoutMs = 120_000;

export const uninstall: Command<{ force: boolean; as?: string }> = {
  name: 'uninstall',
  summary: "take the agents and their records out of the environment's cluster",
  options: (yargs) =>
    spokenBySomebody(
      yargs.option('force', { type: 'boolean', default: false, describe: 'halt, wait for every revert, then uninstall' }),
    ),
  async run({ environment, force, as }, output) {
    const [{ openClusterEnvironment }, { uninstall }] = await Promise.all([
      import('../../compose/cluster-environment.ts'),
      import('../../compose/uninstall.ts'),
    ]);
    const { name, namespace, api } = await openClusterEnvironment(environment);
    const removed = await uninstall(api, { namespace, force, by: spokenBy(as), timeoutMs });
    api.close();
    output.answer({ removed }, [...removed.map((each) => `removed   ${each}`), `${name}: uninstalled`].join('\n'));
    return 0;
  },
};
