import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stateDirectoryOf } from '../../compose/host-records.ts';
import { moduleFile } from '../../module-file.ts';
import { openSession } from '../session.ts';
import type { Command } from './command.ts';

export const agent: Command<{ policy: string; name: string }> = {
  name: 'agent',
  summary: 'inject and revert faults on this host, until told to stop',
  options: (yargs) =>
    yargs
      .option('policy', {
        type: 'string',
        demandOption: true,
        describe: 'policy file: what this agent agrees to do, whoever asks',
      })
      .option('name', { type: 'string', default: 'host', describe: 'what it is called in records and status' }),
  async run({ environment, policy, name }) {
    await using session = await openSession(environment);
    const state = stateDirectoryOf(session.planned, 'agent');
    const { checkPolicy } = await import('../../compose/check-policy.ts');
    await checkPolicy(policy, session.planned.name);
    // A process of its own: it must not end with the terminal that started this one, nor share its memory.
    const entry = moduleFile('../../compose/agent', import.meta.url);
    const child = spawn(process.execPath, [entry, '--state', state, '--policy', policy, '--name', name], {
      stdio: 'inherit',
      detached: true,
    });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? 70;
  },
};
