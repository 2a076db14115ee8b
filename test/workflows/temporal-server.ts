import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { freePorts } from '../../lab/host/free-ports.ts';
import { startPart, stopPart } from '../../lab/host/part.ts';
import type { PartRecord } from '../../lab/host/part.ts';
import { findTemporal, temporalCommand } from '../../lab/host/temporal.ts';
import type { Activities } from '../../src/activities/index.ts';
import { connectOrchestrator } from '../../src/adapters/temporal/orchestrator.ts';
import type { Orchestrator } from '../../src/ports/orchestrator.ts';
import { revertQueue, runQueue } from '../../workflows/messages.ts';

/** A real development server of its own, the real workflows, and activities that a test brings. */
export interface TemporalServer {
  readonly address: string;
  readonly bundle: WorkflowBundleWithSourceMap;
  readonly orchestrator: Orchestrator;
  /** Serves both queues until it is stopped. */
  startWorker(activities: Activities): Promise<{ stop(): Promise<void> }>;
  stop(): Promise<void>;
}

export async function startTemporalServer(): Promise<TemporalServer> {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger, telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } } });
  const directory = mkdtempSync(join(tmpdir(), 'firedrill-temporal-'));
  const [port] = (await freePorts(1)) as [number];
  const binary = await findTemporal(() => {});
  const logFile = join(directory, 'temporal.log');
  const parts: PartRecord[] = [];
  const end = async () => {
    for (const part of parts) await stopPart(part);
    rmSync(directory, { recursive: true, force: true });
  };
  await startPart(temporalCommand({ binary, port, directory, logFile }), (record) => parts.push(record)).catch(endingFirst(end));
  const address = `127.0.0.1:${port}`;
  const connect = () =>
    Promise.all([NativeConnection.connect({ address }), connectOrchestrator({ address, namespace: 'default' })]);
  const [connection, orchestrator] = await connect().catch(endingFirst(end));
  // Not beside connecting: bundling blocks this process for longer than a connection waits.
  const bundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
    logger,
  }).catch(endingFirst(end));
  return {
    address,
    bundle,
    orchestrator,
    async startWorker(activities) {
      const common = { connection, activities, shutdownForceTime: '2s', maxHeartbeatThrottleInterval: '200ms' } as const;
      const workers = await Promise.all([
        Worker.create({
          ...common,
          taskQueue: runQueue,
          workflowBundle: bundle,
          stickyQueueScheduleToStartTimeout: '1s',
        }),
        Worker.create({ ...common, taskQueue: revertQueue }),
      ]);
      const serving = workers.map((worker) => worker.run());
      return {
        async stop() {
          workers.forEach((worker) => worker.shutdown());
          await Promise.all(serving);
        },
      };
    },
    async stop() {
      await orchestrator.close();
      await connection.close();
      await end();
    },
  };
}

/** A test file that could not begin leaves no server behind. */
function endingFirst(end: () => Promise<void>): (error: unknown) => Promise<never> {
  return async (error) => {
    await end();
    throw error;
  };
}
