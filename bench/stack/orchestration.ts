import { join } from 'node:path';
import { freePorts } from '../../lab/host/free-ports.ts';
import type { PartRecord } from '../../lab/host/part.ts';
import { findPrometheus, prometheusCommand } from '../../lab/host/prometheus.ts';
import { findTemporal, temporalCommand } from '../../lab/host/temporal.ts';
import { createDrills } from './drill.ts';
import type { Drills } from './drill.ts';
import type { ExperimentSpec } from './experiments.ts';
import { workerCommand } from './firedrill-parts.ts';
import type { Parts } from './parts.ts';
import { startUsers } from './users.ts';
import type { UserOptions, Users } from './users.ts';

/** What runs one experiment again and again, whatever it breaks: users, Prometheus, Temporal and workers, on this machine. */
export interface Orchestration {
  readonly users: Users;
  readonly drills: Drills;
  readonly temporalAddress: string;
  readonly temporal: () => PartRecord;
  readonly workers: () => readonly PartRecord[];
  startTemporal(): Promise<void>;
  /** One more. */
  startWorker(): Promise<void>;
}

export interface OrchestrationPorts {
  readonly temporal: number;
  readonly prometheus: number;
}

export interface OrchestrationOptions {
  /** What users ask for all the time. */
  readonly userUrls: readonly string[];
  /** 500 ms, and one that does not answer, when it is not said. */
  readonly users?: UserOptions;
  readonly experiment: ExperimentSpec;
  /** Gives the path of the environment file. */
  readonly writeEnvironment: (ports: OrchestrationPorts) => string;
  readonly say: (line: string) => void;
}

/** Its processes are `parts`, and end with them. */
export async function startOrchestration(parts: Parts, options: OrchestrationOptions): Promise<Orchestration & AsyncDisposable> {
  const { userUrls, users: patience = { answerWithinMs: 500, badFrom: 1 }, experiment, writeEnvironment, say } = options;
  await using started = new AsyncDisposableStack();
  const { directory } = parts;
  const [temporalPort = 0, prometheusPort = 0, alertmanagerPort = 0] = await freePorts(3);
  const environmentFile = writeEnvironment({ temporal: temporalPort, prometheus: prometheusPort });
  const users = started.use(await startUsers(userUrls, patience));
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
    parts.start(workerCommand({ environmentFile, logFile: parts.logFile('worker') }));

  let temporal = await startTemporal();
  const drills = started.use(await createDrills(directory, environmentFile, experiment));
  const workers = [await startWorker()];
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
