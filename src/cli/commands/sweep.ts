import { stateDirectoryOf } from '../../compose/host-records.ts';
import { openSession } from '../session.ts';
import type { Command } from './command.ts';

const timeoutMs = 60_000;

export const sweep: Command<{ policy: string; force: boolean }> = {
  name: 'sweep',
  summary: 'revert on this host what dead agents left behind, from records alone',
  options: (yargs) =>
    yargs
      .option('policy', { type: 'string', demandOption: true, describe: "the dead agent's policy: what reverting may use" })
      .option('force', { type: 'boolean', default: false, describe: 'do not wait for deadlines and leases to run out' }),
  async run({ environment, policy, force }, output) {
    await using session = await openSession(environment);
    const { name } = session.planned;
    const { sweepState } = await import('../../compose/sweep.ts');
    const result = await sweepState(stateDirectoryOf(session.planned, 'sweep'), { policyFile: policy, force, timeoutMs });
    const { reverted, skipped, failed } = result;
    const lines = [
      ...reverted.map((id) => `reverted  ${id}`),
      ...skipped.map(({ id, reason }) => `skipped   ${id}: ${reason}`),
      ...failed.map(({ id, reason }) => `failed    ${id}: ${reason}`),
      failed.length > 0
        ? `${name}: dirty. Look at the targets, then sweep again`
        : skipped.length > 0
          ? `${name}: not clean yet. Wait for what was skipped, or stop the agent that holds it, then sweep again`
          : `${name}: clean`,
    ];
    output.answer(result, lines.join('\n'));
    // What was left alone is neither clean nor dirty: somebody else may still hold it.
    return failed.length > 0 ? 5 : skipped.length > 0 ? 3 : 0;
  },
};
