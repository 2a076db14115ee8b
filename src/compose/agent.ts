import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { becomeOnlyAgent } from '../adapters/host/agent-lock.ts';
import { createInjectionStore } from '../adapters/host/injection-store.ts';
import { createJournal } from '../adapters/host/journal.ts';
import { createLogOutput } from '../adapters/host/log-output.ts';
import { readPolicy } from '../adapters/host/policy-file.ts';
import { createRecordWatch } from '../adapters/host/record-watch.ts';
import { createSecrets } from '../adapters/host/secrets.ts';
import { createHostTools } from '../adapters/host/tools.ts';
import { createAgent } from '../agent/agent.ts';
import { policyOrClosed } from '../agent/closed-policy.ts';
import { signOfLifeEveryMs, watchOver } from '../agent/watchdog.ts';
import { readConfig } from '../config.ts';
import { faults } from '../faults/index.ts';
import { systemClock } from '../ports/clock.ts';
import { version } from '../version.ts';
import { aborted, askedToEnd, untilAsked } from './until-asked.ts';

const usage = 'usage: agent --state DIR --policy FILE --name NAME';

const output = createLogOutput(1);

interface Options {
  readonly state: string;
  readonly policy: string;
  readonly name: string;
}

/** The watchdog: keeps the agent proper alive as its child. */
async function runWatchdog({ state, policy, name }: Options): Promise<number> {
  const log = pino({ base: { watchdog: name, pid: process.pid } }, output);
  await readPolicy(policy); // who starts an agent hears at once that its policy is wrong; its next lives have something to revert
  const self = fileURLToPath(import.meta.url);
  return watchOver([self, '--state', state, '--policy', policy, '--name', name, '--child'], log);
}

async function runAgent({ state, policy, name }: Options): Promise<number> {
  const log = pino({ base: { agent: name, pid: process.pid } }, output);
  const store = createInjectionStore(state);
  const agentPolicy = await policyOrClosed(() => readPolicy(policy), log);
  // The channel closes when the watchdog dies: an agent that nobody would restart gives back what it holds and ends.
  const asked = askedToEnd('SIGTERM', 'SIGINT', 'disconnect');

  // A watchdog that is gone was heard to go; what can no longer be said to it is no error.
  const sayAlive = (): void => void process.send?.('alive', undefined, undefined, () => {});
  setInterval(sayAlive, signOfLifeEveryMs);
  sayAlive();

  const alone = becomeOnlyAgent(state, () => log.warn({ state }, 'another agent has this state directory: waiting for its end'));
  // Asked to end meanwhile: nothing was taken up, so nothing is left.
  await Promise.race([alone, aborted(asked)]);
  if (asked.aborted) return 0;
  const agent = createAgent({
    store,
    journal: createJournal(state),
    watch: createRecordWatch(state),
    // At every tick: a machine may have no watch of files left to give.
    pollMs: 0,
    faults,
    hostTools: createHostTools(readConfig().programs),
    kind: 'host',
    clusterTools: null,
    nodeTools: null,
    objectionTo: async () => null,
    secret: createSecrets(readConfig().secretVariables),
    policy: agentPolicy,
    clock: systemClock,
    log,
    name,
    version,
  });
  const clean = await untilAsked(agent, asked, () => log.info({ state }, 'agent ready'));
  return clean ? 0 : 5;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      state: { type: 'string' },
      policy: { type: 'string' },
      name: { type: 'string' },
      child: { type: 'boolean', default: false },
    },
  });
  const { state, policy, name, child } = values;
  if (state === undefined || policy === undefined || name === undefined) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  return child ? runAgent({ state, policy, name }) : runWatchdog({ state, policy, name });
}

process.exit(await main());
