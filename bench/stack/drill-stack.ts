import { join } from 'node:path';
import { freePorts } from '../../lab/host/free-ports.ts';
import type { PartCommand } from '../../lab/host/part.ts';
import { answers } from '../../lab/host/reachable.ts';
import { drillFilesIn, writeDrillFiles } from './drill-files.ts';
import { freezeOneReplica } from './experiments.ts';
import type { ExperimentOptions } from './experiments.ts';
import { agentCommand } from './firedrill-parts.ts';
import { startOrchestration } from './orchestration.ts';
import type { Orchestration } from './orchestration.ts';
import { createParts } from './parts.ts';

const replicaCount = 3;

/** Three replicas, their users, Prometheus, Temporal, the product's agent and workers: all real, all as small as can be. */
export type DrillStack = Orchestration & AsyncDisposable;

export async function startDrillStack(experiment: ExperimentOptions, say: (line: string) => void): Promise<DrillStack> {
  await using started = new AsyncDisposableStack();
  const parts = started.use(await createParts());
  const replicas = await freePorts(replicaCount);
  const pidFile = (index: number): string => join(parts.directory, `replica-${index + 1}.pid`);
  await Promise.all(replicas.map((port, index) => parts.start(replicaCommand(port, pidFile(index), parts.logFile('replica')))));
  const orchestration = started.use(
    await startOrchestration(parts, {
      userUrls: replicas.map((port) => `http://127.0.0.1:${port}`),
      experiment: freezeOneReplica(experiment),
      writeEnvironment: (ports) =>
        writeDrillFiles(
          parts.directory,
          ports,
          replicas.map((_, index) => pidFile(index)),
        ).environmentFile,
      say,
    }),
  );
  const { store } = orchestration.drills.connections;
  await parts.start(agentCommand({ ...drillFilesIn(parts.directory), logFile: parts.logFile('agent'), store }));
  const everything = started.move();
  return { ...orchestration, [Symbol.asyncDispose]: () => everything.disposeAsync() };
}

function replicaCommand(port: number, pidFile: string, logFile: string): PartCommand {
  const url = `http://127.0.0.1:${port}`;
  return {
    name: 'replica',
    argv: [process.execPath, new URL('replica.ts', import.meta.url).pathname, String(port), pidFile],
    cwd: '/',
    logFile,
    address: url,
    stopSignal: 'SIGTERM',
    readyWithinMs: 10_000,
    ready: () => answers(url),
  };
}
