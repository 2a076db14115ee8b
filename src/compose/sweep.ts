import { pino } from 'pino';
import { createInjectionStore } from '../adapters/host/injection-store.ts';
import { createJournal } from '../adapters/host/journal.ts';
import { createLogOutput } from '../adapters/host/log-output.ts';
import { readPolicy } from '../adapters/host/policy-file.ts';
import { createSecrets } from '../adapters/host/secrets.ts';
import { createHostTools } from '../adapters/host/tools.ts';
import { sweep } from '../agent/sweep.ts';
import type { SweepResult } from '../agent/sweep.ts';
import { readConfig } from '../config.ts';
import { faults } from '../faults/index.ts';
import { systemClock } from '../ports/clock.ts';
import { version } from '../version.ts';

/** Reverts here, in this process, what dead agents of a state directory left behind. Errors: as `readPolicy` and the store. */
export async function sweepState(
  stateDirectory: string,
  options: { readonly policyFile: string; readonly force: boolean; readonly timeoutMs: number },
): Promise<SweepResult> {
  const deps = {
    store: createInjectionStore(stateDirectory),
    journal: createJournal(stateDirectory),
    faults,
    hostTools: createHostTools(readConfig().programs),
    kind: 'host' as const,
    clusterTools: null,
    nodeTools: null,
    objectionTo: async () => null,
    secret: createSecrets(readConfig().secretVariables),
    policy: await readPolicy(options.policyFile),
    clock: systemClock,
    // Standard output is the command's answer.
    log: pino({ level: 'warn', base: { sweep: process.pid } }, createLogOutput(2)),
    name: 'sweep',
    version,
  };
  return sweep(deps, options);
}
