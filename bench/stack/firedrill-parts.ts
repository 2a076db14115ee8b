import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { PartCommand } from '../../lab/host/part.ts';
import type { InjectionStore } from '../../src/ports/injections.ts';

const pathOf = (file: string): string => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const root = pathOf('.');

/** The product's worker as people start it. Its process is the worker itself, so a kill by its pid kills it. */
export function workerCommand({ environmentFile, logFile }: { environmentFile: string; logFile: string }): PartCommand {
  return {
    name: 'worker',
    argv: [process.execPath, pathOf('bin/firedrill.js'), 'worker', '--environment', environmentFile],
    cwd: root,
    logFile,
    address: environmentFile,
    stopSignal: 'SIGTERM',
    readyWithinMs: 60_000,
    ready: async () => (await readFile(logFile, 'utf8')).includes('worker: ready'),
  };
}

/** Its process is the watchdog; the agent proper, which `agentPid` finds, is its child. */
export function agentCommand(options: {
  stateDirectory: string;
  policyFile: string;
  logFile: string;
  store: InjectionStore;
}): PartCommand {
  const { stateDirectory, policyFile, logFile, store } = options;
  return {
    name: 'agent',
    argv: [
      process.execPath,
      pathOf('src/compose/agent.ts'),
      '--state',
      stateDirectory,
      '--policy',
      policyFile,
      '--name',
      'bench',
    ],
    cwd: root,
    logFile,
    address: stateDirectory,
    stopSignal: 'SIGTERM',
    readyWithinMs: 30_000,
    ready: async () => (await store.readHeartbeats()).length > 0,
  };
}

/** The agent that lives now, as its last sign of life says. */
export async function agentPid(store: InjectionStore): Promise<number> {
  const [beat] = await store.readHeartbeats();
  if (beat === undefined) throw new Error('no agent has ever lived here');
  return beat.pid;
}
