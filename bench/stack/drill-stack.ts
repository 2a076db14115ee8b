import { join } from 'node:path';
import { freePorts } from '../../lab/host/free-ports.ts';
import type { PartCommand, PartRecord } from '../../lab/host/part.ts';
import { findPrometheus, prometheusCommand } from '../../lab/host/prometheus.ts';
import { answers } from '../../lab/host/reachable.ts';
import { findTemporal, temporalCommand } from '../../lab/host/temporal.ts';
import { createDrills } from './drill.ts';
import type { Drills } from './drill.ts';
import { writeDrillFiles } from './drill-files.ts';
import type { FreezeOptions } from './experiments.ts';
import { agentCommand, workerCommand } from './firedrill-parts.ts';
import { createParts } from './parts.ts';
import { startUsers } from './users.ts';
import type { Users } from './users.ts';

const replicaCount = 3;

/** Three replicas, their users, Prometheus, Temporal, the product's agent and workers: all real, all as small as can be. */
export interface DrillStack extends AsyncDisposable {
  readonly users: Users;
  readonly drills: Drills;
  readonly temporalAddress: string;
  readonly temporal: () => PartRecord;
  readonly workers: () => readonly PartRecord[];
  startTemporal(): Promise<void>;
  /** One more. */
  startWorker(): Promise<void>;
}

export async function startDrillStack(experiment: FreezeOptions, say: (line: string) => void): Promise<DrillStack> {
  await using started = new AsyncDisposableStack();
  const parts = started.use(await createParts());
  const { directory } = parts;
  const [temporalPort = 0, prometheusPort = 0, alertmanagerPort = 0, ...replicas] = await freePorts(3 + replicaCount);
  const files = writeDrillFiles(directory, { temporal: temporalPort, prometheus: prometheusPort, replicas });

  await Promise.all(
    replicas.map((port, index) => parts.start(replicaCommand(port, files.pidFiles[index] ?? '', parts.logFile('replica')))),
  );
  const users = started.use(await startUsers(replicas.map((port) => `http://127.0.0.1:${port}`)));
  await parts.start(
    prometheusCommand({
      binary: await findPrometheus(say),
      port: prometheusPort,
      // Nothing listens there, and no rule sends anything.
      alertmanagerPort,
      targets: [{ service: 'users', instance: 'users', address: users.address }],
      awaitTargets: 1,
      rules: { groups: [] },
      directory: join(directory, 'prometheus'),
      logFile: parts.logFile('prometheus'),
    }),
  );

  const binary = await findTemporal(say);
  const databaseFile = join(directory, 'temporal.db');
  const startTemporal = (): Promise<PartRecord> =>
    parts.start(temporalCommand({ binary, port: temporalPort, directory, databaseFile, logFile: parts.logFile('temporal') }));
  const startWorker = (): Promise<PartRecord> =>
    parts.start(workerCommand({ environmentFile: files.environmentFile, logFile: parts.logFile('worker') }));

  let temporal = await startTemporal();
  const drills = await createDrills(directory, files.environmentFile, experiment);
  const workers = [await startWorker()];
  await parts.start(agentCommand({ ...files, logFile: parts.logFile('agent'), store: drills.connections.store }));

  const everything = started.move();
  return {
    users,
    drills,
    temporalAddress: `127.0.0.1:${temporalPort}`,
    temporal: () => temporal,
    workers: () => workers,
    startTemporal: async () => void (temporal = await startTemporal()),
    startWorker: async () => void workers.push(await startWorker()),
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
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
